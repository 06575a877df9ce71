import { chooseEngine } from '../../engine/index.ts';
import type { BatchLike, Matrix } from '../../matrix.ts';
import { cloudCount, cloudsOf } from '../clouds.ts';
import type { CloudsLike } from '../clouds.ts';
import { compare, doubles } from './compare.ts';
import { distanceOf } from './options.ts';
import type { MetricOptions, PairwiseOptions } from './options.ts';

/**
 * Chamfer's distance of two clouds of any sizes,
 * (1 / |X|) sum_x min_y |x - y|^2 + (1 / |Y|) sum_y min_x |x - y|^2, exact: squared distances, both directions added, none
 * halved. Throws 'shape-mismatch' for points of different dimensions, and what `cloudsOf` throws.
 */
export async function chamferDistance(
  x: BatchLike,
  y: BatchLike,
  options: MetricOptions = {},
): Promise<number> {
  const { data } = await pairwiseDistances([x], [y], { ...options, distance: 'chamfer' });
  return data[0]!;
}

/** The earth mover's distance of two clouds, and how well it is proved. */
export interface EarthMoversDistance {
  /** (1 / n) times the least sum of |x_i - y_p(i)| over all one-to-one assignments p. */
  readonly distance: number;
  /** No assignment costs less than this, by its prices (the dual problem): below `distance` by rounding only. */
  readonly lowerBound: number;
}

/**
 * The exact earth mover's distance of two clouds of n points, by Euclidean distances, divided by n. The assignment is the
 * best there is for costs in float64, by shortest augmenting paths (Jonker and Volgenant, 1987). Throws 'shape-mismatch'
 * for clouds of different sizes or dimensions, and what `cloudsOf` throws.
 */
export async function earthMoversDistance(
  x: BatchLike,
  y: BatchLike,
  options: MetricOptions = {},
): Promise<EarthMoversDistance> {
  const { engine, threads, signal } = options;
  distanceOf(options);
  const [left, right] = [cloudsOf([x], 'x'), cloudsOf([y], 'y')];
  const pair = Uint32Array.of(0, 0);
  const [distance, lowerBound] = await chooseEngine(engine).cloudDistances(
    'earth-mover',
    doubles(left),
    doubles(right),
    pair,
    { threads, signal },
  );
  return { distance: distance!, lowerBound: lowerBound! };
}

/**
 * The distances of all clouds of two sets: entry (i, j) is that of left cloud i and right cloud j. The results do not depend
 * on the threads. Throws 'unknown-name' for another distance, 'shape-mismatch' where a pair has none (clouds of different
 * sizes under an earth mover's distance), 'aborted', and what `cloudsOf` throws.
 */
export async function pairwiseDistances(
  left: CloudsLike,
  right: CloudsLike,
  options: PairwiseOptions = {},
): Promise<Matrix> {
  const distance = distanceOf(options);
  const [lefts, rights] = [cloudsOf(left, 'left'), cloudsOf(right, 'right')];
  const [rows, cols] = [cloudCount(lefts), cloudCount(rights)];
  const pairs = new Uint32Array(2 * rows * cols);
  for (let k = 0; k < rows * cols; k++) pairs.set([Math.floor(k / cols), k % cols], 2 * k);
  return { data: await compare(distance, lefts, rights, pairs, options), rows, cols };
}

/** `pairwiseDistances` of a set with itself, each pair compared once; 0 on the diagonal. */
export async function distancesWithin(clouds: CloudsLike, options: PairwiseOptions = {}): Promise<Matrix> {
  const distance = distanceOf(options);
  // What is found greedily differs from one order of the two to the other.
  if (distance === 'approximate-earth-mover')
    return withoutDiagonal(await pairwiseDistances(clouds, clouds, options));
  const all = cloudsOf(clouds, 'clouds');
  const n = cloudCount(all);
  const pairs = new Uint32Array(n * (n - 1));
  for (let i = 0, k = 0; i < n; i++) for (let j = i + 1; j < n; j++, k += 2) pairs.set([i, j], k);
  const found = await compare(distance, all, all, pairs, options);
  const data = new Float64Array(n * n);
  found.forEach((value, k) => {
    const [i, j] = [pairs[2 * k]!, pairs[2 * k + 1]!];
    data[i * n + j] = data[j * n + i] = value;
  });
  return { data, rows: n, cols: n };
}

function withoutDiagonal(matrix: Matrix): Matrix {
  for (let i = 0; i < matrix.rows; i++) matrix.data[i * matrix.cols + i] = 0;
  return matrix;
}
