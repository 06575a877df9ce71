import type { FunctionName, Numbers } from './instance.ts';
import type { WasmModule } from './platform.ts';

/** The first message to a worker. */
export interface Start {
  readonly module: WasmModule;
}

/** A call of a function of the module. */
export interface Request {
  readonly name: FunctionName;
  /** Programs that the worker does not know yet, by number. */
  readonly programs: readonly (readonly [number: number, code: readonly Numbers[]])[];
  /** Programs that it will not need any more. */
  readonly forget: readonly number[];
  readonly arrays: readonly (Numbers | null)[];
}

/** What a worker says: that it is ready, or how a call went. */
export type Reply =
  | { readonly ready: true }
  | { readonly arrays: readonly (Numbers | null)[] }
  | { readonly refused: { readonly code: string; readonly message: string } }
  /** The instance cannot be used any more. */
  | { readonly broken: string };

/** The memory of arrays, to be moved with a message instead of being copied. */
export function buffersOf(arrays: readonly (Numbers | null)[]): ArrayBuffer[] {
  return arrays.flatMap((array) => (array === null ? [] : [array.buffer]));
}
