import { webAssembly } from './platform.ts';
import type { WasmModule } from './platform.ts';
import type { Build } from './support.ts';

/** What a worker is made of. */
export interface Program {
  readonly module: WasmModule;
  /** The script that it runs. */
  readonly script: string;
}

const programs = new Map<Build, Promise<Program>>();

/** The compiled module of a build, once for all who ask. It is only loaded when it is first needed. */
export function programOf(build: Build): Promise<Program> {
  let program = programs.get(build);
  if (program === undefined) {
    program = load(build);
    // Whoever asks next may have more luck.
    program.catch(() => programs.delete(build));
    programs.set(build, program);
  }
  return program;
}

async function load(build: Build): Promise<Program> {
  const { text } = build === 'relaxed' ? await import('#wasm/relaxed') : await import('#wasm/simd');
  const { text: script } = await import('#wasm/worker');
  return { module: await webAssembly!.compile(await inflated(text)), script };
}

/** What scripts/build-wasm.mjs has compressed. */
async function inflated(base64: string): Promise<ArrayBuffer> {
  const bytes = Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream('deflate-raw'));
  return new Response(stream).arrayBuffer();
}
