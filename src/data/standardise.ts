import { LiouvilleError } from '../errors.ts';
import type { Table } from '../files/table.ts';
import type { Matrix } from '../matrix.ts';
import { checkTable } from './check.ts';

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

/** In two passes, the second relative to the largest deviation, so that squares neither overflow nor vanish. */
function meanAndDeviation({ data, rows, cols }: Matrix, j: number): [mean: number, deviation: number] {
  let mean = 0;
  for (let i = 0; i < rows; i++) mean += (data[i * cols + j]! - mean) / (i + 1);
  let largest = 0;
  for (let i = 0; i < rows; i++) largest = Math.max(largest, Math.abs(data[i * cols + j]! - mean));
  if (largest === 0) return [mean, 0];
  let sum = 0;
  let squares = 0;
  for (let i = 0; i < rows; i++) {
    const deviation = (data[i * cols + j]! - mean) / largest;
    sum += deviation;
    squares += deviation * deviation;
  }
  // What is left of the rounding of the mean is taken out of both.
  const rest = sum / rows;
  return [mean + rest * largest, largest * Math.sqrt(squares / rows - rest * rest)];
}

/** By comparison: rounding leaves a constant column a tiny deviation. */
function isConstant({ data, rows, cols }: Matrix, j: number): boolean {
  for (let i = 1; i < rows; i++) if (data[i * cols + j] !== data[j]) return false;
  return true;
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
