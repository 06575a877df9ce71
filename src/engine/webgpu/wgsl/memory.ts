/** A number that is known when a kernel is written, or an expression of WGSL of type u32. */
export type Index = number | string;

/** a + b */
export function plus(a: Index, b: Index): Index {
  if (typeof a === 'number' && typeof b === 'number') return a + b;
  if (a === 0) return b;
  if (b === 0) return a;
  return `${text(a)} + ${text(b)}`;
}

/** a b */
export function times(a: Index, b: number): Index {
  if (typeof a === 'number') return a * b;
  if (b === 0) return 0;
  return b === 1 ? a : `(${a}) * ${b}u`;
}

export function text(index: Index): string {
  return typeof index === 'number' ? `${index}u` : index;
}

/** Private arrays above this many numbers are refused by the language (8192 bytes, less what else is there). */
const mostPrivate = 1900;

/**
 * The numbers that one row works on: a private array where they fit, which graphics cards keep near the processor;
 * else a buffer in which the numbers of neighbouring rows lie side by side.
 */
export class RowMemory {
  readonly size: number;
  readonly isPrivate: boolean;

  constructor(size: number) {
    this.size = size;
    this.isPrivate = size <= mostPrivate;
  }

  /** Numbers of the buffer that a row needs; a buffer is never empty. */
  get bufferSize(): number {
    return this.isPrivate ? 0 : this.size;
  }

  at(index: Index): string {
    return this.isPrivate ? `m[${text(index)}]` : `work[(${text(index)}) * call.stride + lane]`;
  }

  declaration(): string {
    return this.isPrivate ? `var<private> m: array<f32, ${Math.max(this.size, 1)}>;` : '';
  }
}
