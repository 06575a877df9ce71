import { checkClouds } from '../../engine/index.ts';
import { refuseUnknown } from '../../flow/index.ts';
import type { Matrix } from '../../matrix.ts';
import { cloudCount, cloudsOf } from '../clouds.ts';
import type { Clouds, CloudsLike } from '../clouds.ts';
import { doubles } from './compare.ts';
import { metricOptionNames } from './options.ts';
import type { MetricOptions } from './options.ts';
import { Search } from './search.ts';

/** How many pairs of clouds there are, and what became of them. */
export interface PairCounts {
  readonly all: number;
  /** Computed to the end. */
  readonly solved: number;
  /** Begun, and given up when a bound showed that the pair does not matter. What is left was never begun. */
  readonly stopped: number;
}

/** The distances between and within two sets of clouds, of which large ones may be missing. */
export interface NearestDistances {
  /** A row for each sample, a column for each reference cloud; Infinity where a pair does not matter. */
  readonly between: Matrix;
  /** Among the samples, and among the reference clouds: symmetric, 0 on the diagonal, with Infinity as above. */
  readonly samples: Matrix;
  readonly reference: Matrix;
  readonly pairs: PairCounts;
}

/**
 * The exact earth mover's distances of those pairs of clouds on which MMD, COV and 1-NNA depend: for each cloud the nearest
 * clouds of the other set, and those of its own set that are no farther than these. Other pairs are Infinity, or what they
 * are. `minimumMatchingDistance`, `coverage` and `nearestNeighbourAccuracy` of these matrices have the same bits as of those of
 * `pairwiseDistances` and `distancesWithin`, for a small part of the time: pairs are tried from the smallest lower bound
 * on, until all bounds are above what was found. Nothing depends on the threads. Throws 'shape-mismatch' for clouds of
 * different sizes or dimensions, 'aborted', and what `cloudsOf` throws.
 */
export async function nearestEarthMoversDistances(
  samples: CloudsLike,
  reference: CloudsLike,
  options: MetricOptions = {},
): Promise<NearestDistances> {
  refuseUnknown('option', options, metricOptionNames);
  const [ours, theirs] = [cloudsOf(samples, 'samples'), cloudsOf(reference, 'reference')];
  checkSizes(ours, theirs);
  const [n, m] = [cloudCount(ours), cloudCount(theirs)];
  const search = new Search(joined(ours, theirs), n);
  await search.run(options);
  const matrix = (rows: number, cols: number, at: (i: number, j: number) => number): Matrix => ({
    data: Float64Array.from({ length: rows * cols }, (_, k) => at(Math.floor(k / cols), k % cols)),
    rows,
    cols,
  });
  return {
    between: matrix(n, m, (i, j) => search.distance(i, n + j)),
    samples: matrix(n, n, (i, j) => search.distance(i, j)),
    reference: matrix(m, m, (i, j) => search.distance(n + i, n + j)),
    pairs: search.counts(),
  };
}

/** Every cloud once: more pairs would find nothing more. */
function checkSizes(samples: Clouds, reference: Clouds): void {
  const [n, m] = [cloudCount(samples), cloudCount(reference)];
  const pairs = new Uint32Array(2 * (n + m));
  for (let j = 0; j < m; j++) pairs[2 * j + 1] = j;
  for (let i = 0; i < n; i++) pairs[2 * (m + i)] = i;
  checkClouds('earth-mover', doubles(samples), doubles(reference), pairs);
}

function joined(first: Clouds, second: Clouds): Clouds {
  const data = new Float64Array(first.data.length + second.data.length);
  data.set(first.data);
  data.set(second.data, first.data.length);
  const offsets = new Uint32Array(cloudCount(first) + cloudCount(second) + 1);
  offsets.set(first.offsets);
  const points = first.offsets.at(-1)!;
  offsets.set(
    second.offsets.map((offset) => offset + points),
    cloudCount(first),
  );
  return { data, dim: first.dim, offsets };
}
