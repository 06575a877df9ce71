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

/** Neighbouring numbers of a row. */
export interface Range {
  readonly offset: number;
  readonly size: number;
}

/** Private arrays above this many numbers are refused by the language (8192 bytes, less what else is there). */
const mostPrivate = 1900;

/**
 * The numbers that one row works on. What is only read and written at places that are known beforehand, which is what
 * narrow values come to, are variables, which stay in registers; the rest is a private array where it fits, else a
 * buffer in which the numbers of neighbouring rows lie side by side.
 */
export class RowMemory {
  readonly size: number;
  readonly isPrivate: boolean;
  /** Of the array or the buffer. */
  readonly #extent: number;
  /** 1 for numbers that are reached by computed places; null until that is known of all. */
  readonly #indexed: Uint8Array | null;
  readonly #reached: Uint8Array;
  readonly #named = new Set<number>();

  private constructor(size: number, indexed: Uint8Array | null) {
    this.size = size;
    this.#indexed = indexed;
    this.#reached = new Uint8Array(size);
    this.#extent = indexed === null ? size : indexed.lastIndexOf(1) + 1;
    const variables = indexed === null ? 0 : size - indexed.reduce((sum, x) => sum + x, 0);
    this.isPrivate = this.#extent + variables <= mostPrivate;
  }

  /** Writes a kernel twice: to see what is reached by computed places, and then with variables for the rest. */
  static write<T>(size: number, kernel: (memory: RowMemory) => T): T {
    const first = new RowMemory(size, null);
    kernel(first);
    return kernel(new RowMemory(size, first.#reached));
  }

  /** Numbers of the buffer that a row needs. */
  get bufferSize(): number {
    return this.isPrivate ? 0 : this.#extent;
  }

  /** The number at `index` of a range. */
  at({ offset, size }: Range, index: Index): string {
    if (typeof index === 'string') {
      this.#reached.fill(1, offset, offset + size);
      return this.#place(`${offset === 0 ? '' : `${offset}u + `}${index}`);
    }
    const place = offset + index;
    if (this.#indexed?.[place] !== 0) return this.#place(`${place}u`);
    this.#named.add(place);
    return `r${place}`;
  }

  #place(index: string): string {
    return this.isPrivate ? `m[${index}]` : `work[(${index}) * call.stride + lane]`;
  }

  /** What a kernel declares, once all of it is written. */
  declaration(): string {
    const lines = [...this.#named].map((place) => `var<private> r${place}: f32;`);
    if (this.isPrivate && this.#extent > 0) lines.push(`var<private> m: array<f32, ${this.#extent}>;`);
    return lines.join('\n');
  }
}
