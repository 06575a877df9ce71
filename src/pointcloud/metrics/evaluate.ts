import { LiouvilleError } from '../../errors.ts';
import { refuseUnknown } from '../../flow/index.ts';
import { cloudCount, cloudsOf, pointCount } from '../clouds.ts';
import type { Clouds, CloudsLike } from '../clouds.ts';
import { distancesWithin, pairwiseDistances } from './distances.ts';
import { nearestEarthMoversDistances } from './nearest.ts';
import type { NearestDistances, PairCounts } from './nearest.ts';
import { jensenShannonDivergence } from './occupancy.ts';
import type { OccupancyOptions } from './occupancy.ts';
import { checkedDistance, metricOptionNames } from './options.ts';
import type { CloudDistanceName, MetricOptions } from './options.ts';
import { drawPoints } from './points.ts';
import { coverage, minimumMatchingDistance, nearestNeighbourAccuracy } from './sets.ts';
import type { NeighbourAccuracy } from './sets.ts';

/** Options of the comparison of two sets of clouds. */
export interface EvaluateCloudsOptions extends MetricOptions {
  /** Chamfer's and the exact earth mover's unless given. */
  readonly distances?: readonly CloudDistanceName[] | undefined;
  /**
   * Draw so many points of each cloud for the earth mover's distances, and for no others. All are taken unless given. An
   * assignment costs about the square of the number of points; fewer points give larger distances, so compare only results
   * of one number.
   */
  readonly earthMoverPoints?: number | undefined;
  /** For the points that are drawn; 0 unless given. */
  readonly seed?: number | undefined;
  /** The cells of the Jensen-Shannon divergence; 28 along each side of the reference's box unless given. */
  readonly occupancy?: OccupancyOptions | undefined;
}

/** What one distance says about two sets of clouds. */
export interface SetDistances {
  /** MMD: the mean over reference clouds of the distance to the nearest sample; small is good. */
  readonly minimumMatchingDistance: number;
  /** COV: the share of reference clouds that are the nearest one of some sample, from 0 to 1. */
  readonly coverage: number;
  /** 1-NNA: how often the nearest other cloud is of the same set; one half where the sets cannot be told apart. */
  readonly nearestNeighbourAccuracy: NeighbourAccuracy;
  /** Points of each cloud that were compared; null where the clouds differ in size. */
  readonly points: number | null;
  /** Under the exact earth mover's distance most pairs can be shown not to matter; under the others all are solved. */
  readonly pairs: PairCounts;
}

/** What the comparison of two sets of clouds finds. */
export interface CloudMetrics {
  /** How many clouds there were. */
  readonly samples: number;
  readonly reference: number;
  /** JSD of the occupancies of all points of either set, in bits: from 0 to 1. */
  readonly jensenShannonDivergence: number;
  /** By the names that were asked for. */
  readonly distances: Readonly<Partial<Record<CloudDistanceName, SetDistances>>>;
}

/**
 * How well samples of a generative model match reference clouds: JSD, and under each distance MMD, COV and 1-NNA (PointFlow,
 * ICCV 2019, section 5.1). All are about the clouds as they are given: undo what was normalised for training first, on both
 * sides. Published comparisons take as many samples as there are reference clouds; so should you, since COV and 1-NNA
 * depend on the numbers. `onProgress` counts pairs of clouds under all distances. Throws what `pairwiseDistances`,
 * `drawPoints` and `jensenShannonDivergence` throw.
 */
export async function evaluateClouds(
  samples: CloudsLike,
  reference: CloudsLike,
  options: EvaluateCloudsOptions = {},
): Promise<CloudMetrics> {
  refuseUnknown('option', options, [
    ...metricOptionNames,
    'distances',
    'earthMoverPoints',
    'seed',
    'occupancy',
  ]);
  const { engine, threads, signal, onProgress } = options;
  const names = distancesOf(options);
  const [ours, theirs] = [cloudsOf(samples, 'samples'), cloudsOf(reference, 'reference')];
  const [n, m] = [cloudCount(ours), cloudCount(theirs)];
  if (n + m < 3) {
    throw new LiouvilleError(
      'invalid-data',
      'samples: a nearest neighbour among all clouds needs three of them at least; got one on each side.',
    );
  }
  const divergence = jensenShannonDivergence(ours, theirs, options.occupancy);
  const counts = names.map((name) => n * m + pairsWithin(name, n) + pairsWithin(name, m));
  const total = counts.reduce((sum, count) => sum + count, 0);
  const distances: Partial<Record<CloudDistanceName, SetDistances>> = {};
  for (const [k, name] of names.entries()) {
    const drawn = name === 'chamfer' ? undefined : options.earthMoverPoints;
    // The same draws on both sides would be the same points where a cloud stands on both.
    const left = drawn === undefined ? ours : drawPoints(ours, drawn, { seed: options.seed ?? 0 });
    const right = drawn === undefined ? theirs : drawPoints(theirs, drawn, { seed: (options.seed ?? 0) + 1 });
    const before = counts.slice(0, k).reduce((sum, count) => sum + count, 0);
    const call = {
      engine,
      threads,
      signal,
      onProgress: (done: number) => onProgress?.(before + done, total),
    };
    const found = await (name === 'earth-mover'
      ? nearestEarthMoversDistances(left, right, call)
      : allDistances(name, left, right, call));
    distances[name] = {
      minimumMatchingDistance: minimumMatchingDistance(found.between),
      coverage: coverage(found.between),
      nearestNeighbourAccuracy: nearestNeighbourAccuracy(found.samples, found.between, found.reference),
      points: commonSize(left, right),
      pairs: found.pairs,
    };
  }
  return { samples: n, reference: m, jensenShannonDivergence: divergence, distances };
}

async function allDistances(
  distance: CloudDistanceName,
  samples: Clouds,
  reference: Clouds,
  { onProgress, ...options }: MetricOptions,
): Promise<NearestDistances> {
  const [n, m] = [cloudCount(samples), cloudCount(reference)];
  const all = n * m + pairsWithin(distance, n) + pairsWithin(distance, m);
  const from = (before: number) => ({
    ...options,
    distance,
    onProgress: (done: number) => onProgress?.(before + done, all),
  });
  const between = await pairwiseDistances(samples, reference, from(0));
  const ofSamples = await distancesWithin(samples, from(n * m));
  const ofReference = await distancesWithin(reference, from(n * m + pairsWithin(distance, n)));
  return { between, samples: ofSamples, reference: ofReference, pairs: { all, solved: all, stopped: 0 } };
}

function distancesOf({ distances }: EvaluateCloudsOptions): readonly CloudDistanceName[] {
  const names: readonly CloudDistanceName[] = distances ?? ['chamfer', 'earth-mover'];
  if (typeof names === 'string' || typeof names[Symbol.iterator] !== 'function') {
    throw new LiouvilleError(
      'invalid-argument',
      `distances: expected an array of names; got ${typeof names}.`,
    );
  }
  return [...new Set(Array.from(names, checkedDistance))];
}

/** The approximation is not symmetric, so it is computed for both orders, and with itself. */
function pairsWithin(name: CloudDistanceName, n: number): number {
  return name === 'approximate-earth-mover' ? n * n : (n * (n - 1)) / 2;
}

function commonSize(...sets: readonly Clouds[]): number | null {
  const size = pointCount(sets[0]!, 0);
  const isSame = sets.every(({ offsets }) => offsets.every((offset, i) => offset === i * size));
  return isSame ? size : null;
}
