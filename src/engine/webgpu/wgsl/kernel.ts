/** A buffer that a kernel works on. */
export interface Storage {
  readonly name: string;
  readonly access: 'read' | 'read_write';
  /** Default: numbers. */
  readonly type?: 'f32' | 'u32' | 'atomic<u32>';
}

/** A compute shader: its source, the buffers in the order of their bindings, and the whole numbers of a call. */
export interface KernelSource {
  readonly label: string;
  readonly code: string;
  readonly storage: readonly Storage[];
  /** Names of the whole numbers of a call, at most 64. */
  readonly call: readonly string[];
  /** Bytes of memory that the invocations of a workgroup share. */
  readonly shared: number;
}

/** Invocations that share a processor; the same everywhere, so that results do not depend on it. */
export const workgroupSize = 64;

/**
 * Puts a kernel together. `main` are the statements of one invocation, which finds its place in `id`, that
 * of its workgroup in `group`, and its own in there in `local`. Default: nothing is shared.
 */
export function kernelSource({
  label,
  storage,
  call,
  shared = 0,
  declarations,
  main,
}: Omit<KernelSource, 'code' | 'shared'> & {
  readonly shared?: number;
  readonly declarations: readonly string[];
  readonly main: string;
}): KernelSource {
  const code = [
    `struct Call { ${call.map((name) => `${name}: u32`).join(', ')} }`,
    '@group(0) @binding(0) var<uniform> call: Call;',
    ...storage.map(
      ({ name, access, type = 'f32' }, i) =>
        `@group(0) @binding(${i + 1}) var<storage, ${access}> ${name}: array<${type}>;`,
    ),
    ...declarations,
    `@compute @workgroup_size(${workgroupSize})`,
    'fn main(',
    '@builtin(global_invocation_id) id: vec3u, @builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) local: u32,',
    ') {',
    main,
    '}',
  ].join('\n');
  return { label, code, storage, call, shared };
}
