/** Rows of numbers, row-major: entry (i, j) is data[i * cols + j]. */
export interface Matrix {
  /** rows x cols numbers. */
  data: Float32Array | Float64Array;
  /** Number of rows. */
  rows: number;
  /** Numbers in each row. */
  cols: number;
}

/** What every call takes as rows: a Matrix, nested arrays, or anything shaped like a two-dimensional tensor. */
export type BatchLike =
  Matrix | readonly (readonly number[])[] | { shape: readonly number[]; dataSync(): ArrayLike<number> };
