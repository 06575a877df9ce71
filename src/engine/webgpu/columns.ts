import type { Port } from '../../program/index.ts';
import type { Columns } from '../types.ts';
import { size } from './sizes.ts';

/** Columns of a call in single precision, copied when the call begins. One that is not there is zero. */
export class HeldColumns {
  readonly #columns: readonly { readonly width: number; readonly data: Float32Array }[];
  readonly width: number;

  constructor(ports: readonly Port[], columns: Columns, rows: number) {
    this.#columns = ports.map(({ name, location }) => {
      const given = columns[name];
      const width = size(location);
      return { width, data: given === undefined ? new Float32Array(rows * width) : Float32Array.from(given) };
    });
    this.width = this.#columns.reduce((sum, { width }) => sum + width, 0);
  }

  /** The columns of some rows one after the other, each row-major. */
  part(first: number, count: number): Float32Array {
    const packed = new Float32Array(count * this.width);
    let at = 0;
    for (const { width, data } of this.#columns) {
      packed.set(data.subarray(first * width, (first + count) * width), at);
      at += count * width;
    }
    return packed;
  }
}

/** The reverse of `HeldColumns.part`, for outputs: puts the rows of a part into arrays of all rows. */
export function unpack(
  ports: readonly Port[],
  packed: Float32Array,
  first: number,
  count: number,
  into: Readonly<Record<string, Float64Array>>,
): void {
  let at = 0;
  for (const { name, location } of ports) {
    const width = size(location);
    into[name]!.set(packed.subarray(at, at + count * width), first * width);
    at += count * width;
  }
}
