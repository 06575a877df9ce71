/**
 * An instance of the module of native/wasm: arrays go into its memory, a function runs, arrays come out. Runs in
 * a worker, or where there is none on the thread of the caller.
 */

import { webAssembly } from './platform.ts';
import type { WasmMemory, WasmModule } from './platform.ts';

export type Numbers = Int32Array<ArrayBuffer> | Float32Array<ArrayBuffer> | Float64Array<ArrayBuffer>;

export type FunctionName = 'run' | 'gradient' | 'solve' | 'solvePullback' | 'cloudDistances' | 'describe';

/** What native/wasm/exports.cpp exports. */
interface Exports {
  readonly memory: WasmMemory;
  initialize(): void;
  allocate(bytes: number): number;
  release(address: number): void;
  resultCount(): number;
  resultArrays(): number;
  clear(): void;
  createProgram(arrays: number, count: number): number;
  dropProgram(program: number): void;
  run(arrays: number, count: number): number;
  gradient(arrays: number, count: number): number;
  solve(arrays: number, count: number): number;
  solvePullback(arrays: number, count: number): number;
  cloudDistances(arrays: number, count: number): number;
  describe(arrays: number, count: number): number;
}

/** The module refused a call: a code of errors.ts, and why. */
export class Refusal extends Error {
  readonly code: string;

  constructor(code: string, message: string) {
    super(message);
    this.name = 'Refusal';
    this.code = code;
  }
}

/** By the numbers of `Kind` in native/wasm/values.h; the first is none. */
const kinds = [undefined, Int32Array, Float32Array, Float64Array] as const;

/** Bytes of an entry of the table of arrays: kind, address, count. */
const entryBytes = 12;

const aligned = (bytes: number): number => (bytes + 63) & ~63;

export class Instance {
  readonly #exports: Exports;

  private constructor(exports: Exports) {
    this.#exports = exports;
    exports.initialize();
  }

  static async create(module: WasmModule): Promise<Instance> {
    const { exports } = await webAssembly!.instantiate(module, {});
    return new Instance(exports as Exports);
  }

  /** Programs are called by a number from then on. */
  createProgram(number: number, arrays: readonly (Numbers | null)[]): void {
    this.#call('createProgram', [Float64Array.of(number), ...arrays]);
  }

  dropProgram(number: number): void {
    this.#exports.dropProgram(number);
  }

  call(name: FunctionName, arrays: readonly (Numbers | null)[]): (Numbers | null)[] {
    return this.#call(name, arrays);
  }

  #call(name: FunctionName | 'createProgram', arrays: readonly (Numbers | null)[]): (Numbers | null)[] {
    const block = this.#write(arrays);
    let refused: boolean;
    try {
      refused = this.#exports[name](block, arrays.length) !== 0;
    } finally {
      this.#exports.release(block);
    }
    const results = this.#read();
    this.#exports.clear();
    if (!refused) return results;
    const [code, message] = results.map((text) => String.fromCharCode(...(text ?? [])));
    throw new Refusal(code ?? '', message ?? '');
  }

  /** Puts a table of the arrays and the arrays into one block of memory. */
  #write(arrays: readonly (Numbers | null)[]): number {
    const table = aligned(arrays.length * entryBytes);
    const bytes = arrays.reduce((sum, array) => sum + aligned(array?.byteLength ?? 0), table);
    const block = bytes < 2 ** 32 ? this.#exports.allocate(bytes) >>> 0 : 0;
    if (block === 0) {
      throw new Refusal(
        'out-of-memory',
        'There is not enough memory for this call: use fewer rows at a time.',
      );
    }
    const { buffer } = this.#exports.memory;
    const entries = new Uint32Array(buffer, block, 3 * arrays.length);
    let address = block + table;
    for (const [i, array] of arrays.entries()) {
      if (array === null) continue;
      entries.set([kindOf(array), address, array.length], 3 * i);
      const target = new Uint8Array(buffer, address, array.byteLength);
      target.set(new Uint8Array(array.buffer, array.byteOffset, array.byteLength));
      address += aligned(array.byteLength);
    }
    for (const [i, array] of arrays.entries()) if (array === null) entries.fill(0, 3 * i, 3 * i + 3);
    return block;
  }

  #read(): (Numbers | null)[] {
    const count = this.#exports.resultCount();
    const { buffer } = this.#exports.memory;
    const entries = new Uint32Array(buffer, this.#exports.resultArrays() >>> 0, 3 * count);
    return Array.from({ length: count }, (_, i) => {
      const [kind, address, length] = entries.subarray(3 * i, 3 * i + 3);
      const Kind = kinds[kind!];
      return Kind === undefined ? null : new Kind(buffer, address, length).slice();
    });
  }
}

function kindOf(array: Numbers): number {
  return array instanceof Int32Array ? 1 : array instanceof Float32Array ? 2 : 3;
}
