import { LiouvilleError } from '../../errors.ts';
import type { Matrix } from '../../matrix.ts';

/*
 * How near two sets of clouds are to each other, from the distances of their clouds. In every matrix of distances between
 * the sets, rows are samples and columns are the reference: the order of the two is what published codes differ in.
 */

/**
 * Minimum matching distance, (1 / |R|) sum over the reference clouds of the distance to the nearest sample (Achlioptas et
 * al., "Learning representations and generative models for 3D point clouds", ICML 2018). Lower is better; it says nothing
 * about samples that are near nothing. `between` has a row for each sample and a column for each reference cloud.
 */
export function minimumMatchingDistance(between: Matrix): number {
  const { data, rows, cols } = checked(between, 'between');
  let sum = 0;
  for (let j = 0; j < cols; j++) {
    let least = Infinity;
    for (let i = 0; i < rows; i++) least = Math.min(least, data[i * cols + j]!);
    sum += least;
  }
  return sum / cols;
}

/**
 * Coverage, the share of the reference clouds that are nearest to some sample (Achlioptas et al., 2018). Higher is better; it
 * is about 1 - 1/e at most for as many samples that are as good as the reference. Of reference clouds at the same distance
 * from a sample, the first counts. Rows and columns as for `minimumMatchingDistance`.
 */
export function coverage(between: Matrix): number {
  const { data, rows, cols } = checked(between, 'between');
  const covered = new Set<number>();
  for (let i = 0; i < rows; i++) {
    let nearest = 0;
    for (let j = 1; j < cols; j++) if (data[i * cols + j]! < data[i * cols + nearest]!) nearest = j;
    covered.add(nearest);
  }
  return covered.size / cols;
}

/** Who has a nearest neighbour of its own kind. */
export interface NeighbourAccuracy {
  /** The share of all clouds, the samples and the reference together. */
  readonly all: number;
  /** The share of the samples, and that of the reference clouds: both about 1/2 where the sets are alike. */
  readonly samples: number;
  readonly reference: number;
}

/**
 * The accuracy of the leave-one-out nearest-neighbour classifier between two sets (Lopez-Paz and Oquab, "Revisiting
 * classifier two-sample tests", ICLR 2017; Yang et al., PointFlow, ICCV 2019): the share of clouds whose nearest other
 * cloud is of its own set. 1/2 is best; 1 means that the sets can be told apart, 0 that one copies the other. Where several
 * are nearest, a cloud counts by the share of them that is of its own set, so that the order of clouds does not matter.
 *
 * @param samples distances among the samples; the diagonal is not looked at
 * @param between a row for each sample, a column for each reference cloud
 * @param reference distances among the reference clouds
 */
export function nearestNeighbourAccuracy(
  samples: Matrix,
  between: Matrix,
  reference: Matrix,
): NeighbourAccuracy {
  checkSquare(samples, 'samples', between.rows);
  checkSquare(reference, 'reference', between.cols);
  checked(between, 'between');
  const { data, rows, cols } = between;
  let [ofSamples, ofReference] = [0, 0];
  for (let i = 0; i < rows; i++) {
    ofSamples += ownShare(samples, i, (k) => data[i * cols + k]!, cols);
  }
  for (let j = 0; j < cols; j++) {
    ofReference += ownShare(reference, j, (k) => data[k * cols + j]!, rows);
  }
  return {
    all: (ofSamples + ofReference) / (rows + cols),
    samples: ofSamples / rows,
    reference: ofReference / cols,
  };
}

/** Of the clouds nearest to cloud i, the share that is of its own set. */
function ownShare(within: Matrix, i: number, across: (k: number) => number, others: number): number {
  const n = within.rows;
  let least = Infinity;
  let [own, all] = [0, 0];
  const meet = (distance: number, isOwn: boolean): void => {
    if (distance > least) return;
    if (distance < least) [own, all] = [0, 0];
    least = distance;
    own += Number(isOwn);
    all += 1;
  };
  for (let k = 0; k < n; k++) if (k !== i) meet(within.data[i * n + k]!, true);
  for (let k = 0; k < others; k++) meet(across(k), false);
  return own / all;
}

function checkSquare(matrix: Matrix, name: string, size: number): void {
  checked(matrix, name);
  if (matrix.rows === size && matrix.cols === size) return;
  throw new LiouvilleError(
    'shape-mismatch',
    `${name}: expected ${size} x ${size} distances, as 'between' has it; got ${matrix.rows} x ${matrix.cols}.`,
  );
}

function checked(matrix: Matrix, name: string): Matrix {
  const { data, rows, cols } = matrix;
  if (!(rows > 0 && cols > 0) || data.length !== rows * cols) {
    throw new LiouvilleError(
      'shape-mismatch',
      `${name}: expected distances in rows and columns; got ${rows} x ${cols} with ${data.length} numbers.`,
    );
  }
  const bad = data.findIndex((value) => !(value >= 0));
  if (bad < 0) return matrix;
  throw new LiouvilleError(
    'invalid-data',
    `${name}: expected distances from 0; row ${Math.floor(bad / cols)}, column ${bad % cols} is ${data[bad]}.`,
  );
}
