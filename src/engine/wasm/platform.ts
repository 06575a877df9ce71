/** What is used of WebAssembly: the library of ES2023 has no types for it. */

/** A compiled module. It can be sent to workers. */
export interface WasmModule {
  readonly [Symbol.toStringTag]: string;
}

export interface WasmMemory {
  readonly buffer: ArrayBuffer;
}

interface WebAssembly {
  validate(bytes: Uint8Array): boolean;
  compile(bytes: ArrayBuffer): Promise<WasmModule>;
  instantiate(module: WasmModule, imports: object): Promise<{ readonly exports: object }>;
}

/** Undefined where the platform has none. */
export const webAssembly = (globalThis as { WebAssembly?: WebAssembly }).WebAssembly;

/** A module of Node, without an import that a bundler for browsers would find. */
export function nodeModule<T>(name: string): T | undefined {
  const { process } = globalThis as { process?: { getBuiltinModule?(name: string): T | undefined } };
  return process?.getBuiltinModule?.(name);
}
