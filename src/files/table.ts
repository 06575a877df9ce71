import { LiouvilleError } from '../errors.ts';
import type { Matrix } from '../matrix.ts';

/** Rows with named columns: columns[j] names column j of the matrix. */
export interface Table {
  matrix: Matrix;
  columns: string[];
}

/** A table as it was read: `notes` says what was left out or had to be decided, a sentence each. */
export interface NotedTable extends Table {
  notes: string[];
}

/** The names of columns that have none of their own: x0, x1, ... */
export function defaultColumns(count: number): string[] {
  return Array.from({ length: count }, (_, j) => `x${j}`);
}

/** 'bad-file': `source` is the path, or whatever else tells the reader where the bytes came from. */
export function badFile(source: string, what: string, cause?: unknown): LiouvilleError {
  return new LiouvilleError('bad-file', `${source}: ${what}`, cause === undefined ? undefined : { cause });
}

/** Throws 'shape-mismatch' unless the matrix holds rows x cols numbers. */
export function checkMatrix(matrix: Matrix): void {
  const { rows, cols, data } = matrix;
  if (!isCount(rows) || !isCount(cols) || data.length !== rows * cols) {
    throw new LiouvilleError(
      'shape-mismatch',
      `matrix of ${rows} x ${cols} must hold rows x cols numbers; got ${data.length}.`,
    );
  }
}

function isCount(value: number): boolean {
  return Number.isSafeInteger(value) && value >= 0;
}
