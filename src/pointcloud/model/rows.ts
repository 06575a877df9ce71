import type { Matrix } from '../../matrix.ts';
import { integerBelow, namedStream } from '../../random/index.ts';

/** Points that are taken side by side, at most: see `packed`. More gains little and fills the caches. */
export const pack = 16;

/** The largest power of two that divides the number of points, at most `pack`. */
export function sideBySide(points: number): number {
  let side = 1;
  while (2 * side <= pack && points % (2 * side) === 0) side *= 2;
  return side;
}

/** Each row `times` times. */
export function repeated({ data, rows, cols }: Matrix, times: number): Matrix {
  const result = new Float64Array(rows * times * cols);
  for (let row = 0; row < rows * times; row++) {
    const from = Math.floor(row / times) * cols;
    result.set(data.subarray(from, from + cols), row * cols);
  }
  return { data: result, rows: rows * times, cols };
}

/** A seed of its own for each part, so that no draw is made twice. */
export function seedFor(seed: number, use: string, index = 0): number {
  return integerBelow(2 ** 53 - 1, seed, namedStream(`point clouds, ${use}`), index);
}
