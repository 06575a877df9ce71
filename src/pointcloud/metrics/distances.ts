import { chooseEngine } from '../../engine/index.ts';
import type { CloudData, Engine } from '../../engine/index.ts';
import { Pauses } from '../../engine/pause.ts';
import type { BatchLike, Matrix } from '../../matrix.ts';
import { cloudAt, cloudCount, cloudsOf, pointCount } from '../clouds.ts';
import type { Clouds, CloudsLike } from '../clouds.ts';
import { approximateDistance } from './approximate.ts';
import { distanceOf } from './options.ts';
import type { CloudDistanceName, MetricOptions, PairwiseOptions } from './options.ts';

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

async function compare(
  distance: CloudDistanceName,
  left: Clouds,
  right: Clouds,
  pairs: Uint32Array,
  options: MetricOptions,
): Promise<Float64Array> {
  if (distance === 'approximate-earth-mover') return compareApproximately(left, right, pairs, options);
  const engine = chooseEngine(options.engine);
  const { threads, signal } = options;
  const total = pairs.length / 2;
  const results = new Float64Array(total);
  const [lefts, rights] = [doubles(left), doubles(right)];
  for (let done = 0; done < total;) {
    const end = done + portion(engine, distance, left, right, pairs.subarray(2 * done));
    const part = pairs.subarray(2 * done, 2 * end);
    const found = await engine.cloudDistances(distance, lefts, rights, part, { threads, signal });
    for (let k = done; k < end; k++) {
      const [first, second] = [found[2 * (k - done)]!, found[2 * (k - done) + 1]!];
      results[k] = distance === 'chamfer' ? first + second : first;
    }
    done = end;
    options.onProgress?.(done, total);
  }
  return results;
}

async function compareApproximately(
  left: Clouds,
  right: Clouds,
  pairs: Uint32Array,
  { signal, onProgress }: MetricOptions,
): Promise<Float64Array> {
  const results = new Float64Array(pairs.length / 2);
  const pauses = new Pauses(signal);
  for (let k = 0; k < results.length; k++) {
    results[k] = approximateDistance(cloudAt(left, pairs[2 * k]!), cloudAt(right, pairs[2 * k + 1]!), true);
    await pauses.maybe();
    onProgress?.(k + 1, results.length);
  }
  return results;
}

/** Evaluations of point to point that one call of an engine takes, so that progress is heard of every few seconds. */
const evaluations = { reference: 1e7, others: 1e10 } as const;
/** An assignment looks at each pair of points about this often. */
const passes = { chamfer: 1, 'earth-mover': 40 } as const;

/** How many of the pairs one call of the engine gets; never fewer than one. */
function portion(
  { name }: Engine,
  distance: 'chamfer' | 'earth-mover',
  left: Clouds,
  right: Clouds,
  pairs: Uint32Array,
): number {
  let work = 0;
  let count = 0;
  do {
    work += pointCount(left, pairs[2 * count]!) * pointCount(right, pairs[2 * count + 1]!) * passes[distance];
    count += 1;
  } while (2 * count < pairs.length && work < evaluations[name === 'reference' ? 'reference' : 'others']);
  return count;
}

function doubles({ data, dim, offsets }: Clouds): CloudData {
  return { data: data instanceof Float64Array ? data : Float64Array.from(data), dim, offsets };
}
