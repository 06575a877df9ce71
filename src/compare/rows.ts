import type { Matrix } from '../matrix.ts';

/** The first rows of a matrix. */
export function firstRows({ data, rows, cols }: Matrix, most: number): Matrix {
  const count = Math.min(rows, most);
  return { data: data.subarray(0, count * cols), rows: count, cols };
}
