import { LiouvilleError } from '../errors.ts';
import type { Table } from '../files/table.ts';
import type { Matrix } from '../matrix.ts';
import { checkTable } from './check.ts';
import { isConstant, meanAndDeviation } from './column.ts';

/** The affine map z = (x - mean) / scale of every column, and back. */
export interface Standardiser {
  columns: string[];
  /** The mean of each column of the training rows. */
  mean: Float64Array;
  /** The standard deviation of each column of the training rows: the root of the mean squared deviation. */
  scale: Float64Array;
  /** log|det dz/dx| = -sum of log scale, the same for every row: log p_X(x) = log p_Z(z) + logDet. */
  logDet: number;
  /** x -> z, as a new matrix in double precision. */
  apply: (x: Matrix) => Matrix;
  /** z -> x, as a new matrix in double precision. */
  invert: (z: Matrix) => Matrix;
}

/**
 * Learns to give the training rows mean 0 and standard deviation 1 in every column. Throws 'invalid-data' for
 * fewer than two rows, for numbers that are not finite (naming row and column), for columns that are
 * constant or spread beyond the range of a double (naming all of them); 'shape-mismatch' for a table that
 * is not whole. `apply` and `invert` throw 'shape-mismatch' for another number of columns.
 */
export function standardiser(train: Table): Standardiser {
  checkTable(train);
  const { matrix, columns } = train;
  if (matrix.rows < 2) {
    throw new LiouvilleError('invalid-data', `Standardising needs at least 2 rows; got ${matrix.rows}.`);
  }
  const mean = new Float64Array(matrix.cols);
  const scale = new Float64Array(matrix.cols);
  for (let j = 0; j < matrix.cols; j++) [mean[j], scale[j]] = meanAndDeviation(matrix, j);
  refuse(columns, (j) => isConstant(matrix, j), 'constant: no density has such data; leave them out');
  refuse(columns, (j) => !(scale[j]! > 0 && scale[j]! < Infinity), 'spread beyond the range of a double');
  return {
    columns: [...columns],
    mean,
    scale,
    logDet: -scale.reduce((sum, value) => sum + Math.log(value), 0),
    apply: (x) => mapColumns(x, mean.length, (value, j) => (value - mean[j]!) / scale[j]!),
    invert: (z) => mapColumns(z, mean.length, (value, j) => value * scale[j]! + mean[j]!),
  };
}

function refuse(columns: readonly string[], isBad: (j: number) => boolean, what: string): void {
  const bad = columns.filter((_, j) => isBad(j)).map((name) => `'${name}'`);
  if (bad.length === 0) return;
  const subject = bad.length === 1 ? `The column ${bad[0]} is` : `The columns ${bad.join(', ')} are`;
  throw new LiouvilleError('invalid-data', `${subject} ${what}.`);
}

function mapColumns(from: Matrix, cols: number, f: (value: number, j: number) => number): Matrix {
  if (from.cols !== cols || from.data.length !== from.rows * cols) {
    throw new LiouvilleError(
      'shape-mismatch',
      `A matrix of ${cols} columns is expected; got ${from.rows} x ${from.cols} with ${from.data.length} numbers.`,
    );
  }
  const data = new Float64Array(from.data.length);
  for (let k = 0; k < data.length; k++) data[k] = f(from.data[k]!, k % cols);
  return { data, rows: from.rows, cols };
}
