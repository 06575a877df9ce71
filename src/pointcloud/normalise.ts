import { LiouvilleError } from '../errors.ts';
import { cloudCount, cloudsOf, pointCount } from './clouds.ts';
import type { Clouds, CloudsLike } from './clouds.ts';

/**
 * How clouds are moved and scaled: x becomes (x - center) / scale. With one entry for all clouds, or with one for each.
 * Plain numbers, to be kept beside what was trained on the normalised clouds.
 */
export interface CloudNormalisation {
  readonly centers: readonly (readonly number[])[];
  readonly scales: readonly (readonly number[])[];
}

/**
 * - 'global', as in PointFlow (Yang et al., ICCV 2019): the mean of all points of all clouds, and one standard deviation of
 *   all their coordinates about it, for all clouds; shapes keep their sizes and places relative to each other;
 * - 'global-per-axis': likewise, with a standard deviation of each coordinate;
 * - 'unit-sphere': each cloud about its own mean, its farthest point at distance 1;
 * - 'unit-box': each cloud about the middle of its box, whose longest side becomes [-1, 1].
 */
export type NormalisationMethod = 'global' | 'global-per-axis' | 'unit-sphere' | 'unit-box';

const methods: Readonly<Record<NormalisationMethod, (clouds: Clouds) => CloudNormalisation>> = {
  global: (clouds) => overall(clouds, false),
  'global-per-axis': (clouds) => overall(clouds, true),
  'unit-sphere': (clouds) => ofEach(clouds, sphereOf),
  'unit-box': (clouds) => ofEach(clouds, boxOf),
};

/**
 * The statistics by which clouds are normalised; take those of the training set for all sets. Where all points are one, the
 * scale is 1. Standard deviations are those of the clouds themselves (divided by the number of points). Throws
 * 'invalid-argument' for another method, and what `cloudsOf` throws.
 */
export function cloudNormalisation(
  clouds: CloudsLike,
  method: NormalisationMethod = 'global',
): CloudNormalisation {
  if (!Object.hasOwn(methods, method)) {
    throw new LiouvilleError(
      'invalid-argument',
      `method: expected ${Object.keys(methods).join(', ')}; got '${String(method)}'.`,
    );
  }
  return methods[method](cloudsOf(clouds, 'clouds'));
}

/** The clouds, normalised, in their precision. Throws 'shape-mismatch' where the statistics are not for such clouds. */
export function normaliseClouds(clouds: CloudsLike, normalisation: CloudNormalisation): Clouds {
  return applied(clouds, normalisation, (x, center, scale) => (x - center) / scale);
}

/** The clouds as they were before `normaliseClouds`, but for rounding: x becomes center + scale x. Throws likewise. */
export function denormaliseClouds(clouds: CloudsLike, normalisation: CloudNormalisation): Clouds {
  return applied(clouds, normalisation, (x, center, scale) => center + scale * x);
}

function applied(
  clouds: CloudsLike,
  { centers, scales }: CloudNormalisation,
  map: (x: number, center: number, scale: number) => number,
): Clouds {
  const all = cloudsOf(clouds, 'clouds');
  const { data, dim, offsets } = all;
  const count = cloudCount(all);
  const fits = [centers, scales].every(
    (rows) => (rows.length === 1 || rows.length === count) && rows.every((row) => row.length === dim),
  );
  if (!fits || scales.flat().some((scale) => !(scale > 0))) {
    throw new LiouvilleError(
      'shape-mismatch',
      `normalisation: expected one center and one positive scale of ${dim} numbers, or ${count} of each; got ${centers.length} and ${scales.length}.`,
    );
  }
  for (let i = 0; i < count; i++) {
    const center = centers[centers.length === 1 ? 0 : i]!;
    const scale = scales[scales.length === 1 ? 0 : i]!;
    for (let at = offsets[i]! * dim; at < offsets[i + 1]! * dim; at++) {
      data[at] = map(data[at]!, center[at % dim]!, scale[at % dim]!);
    }
  }
  return all;
}

function overall(clouds: Clouds, perAxis: boolean): CloudNormalisation {
  const { data, dim } = clouds;
  const center = meanOf(data, dim);
  const squares = new Array<number>(dim).fill(0);
  for (let k = 0; k < data.length; k++) squares[k % dim]! += (data[k]! - center[k % dim]!) ** 2;
  const points = data.length / dim;
  const all = squares.reduce((sum, square) => sum + square, 0) / data.length;
  const variances = perAxis ? squares.map((square) => square / points) : squares.map(() => all);
  return { centers: [center], scales: [variances.map((variance) => Math.sqrt(variance) || 1)] };
}

function ofEach(
  clouds: Clouds,
  measure: (points: Clouds['data'], dim: number) => { center: number[]; size: number },
): CloudNormalisation {
  const { data, dim, offsets } = clouds;
  const measured = Array.from({ length: cloudCount(clouds) }, (_, i) =>
    measure(data.subarray(offsets[i]! * dim, (offsets[i]! + pointCount(clouds, i)) * dim), dim),
  );
  return {
    centers: measured.map(({ center }) => center),
    scales: measured.map(({ size }) => new Array<number>(dim).fill(size || 1)),
  };
}

function sphereOf(points: Clouds['data'], dim: number): { center: number[]; size: number } {
  const center = meanOf(points, dim);
  let farthest = 0;
  for (let at = 0; at < points.length; at += dim) {
    const distance = Math.hypot(...center.map((middle, k) => points[at + k]! - middle));
    farthest = Math.max(farthest, distance);
  }
  return { center, size: farthest };
}

function boxOf(points: Clouds['data'], dim: number): { center: number[]; size: number } {
  const low = Array.from(points.subarray(0, dim));
  const high = [...low];
  for (let k = 0; k < points.length; k++) {
    low[k % dim] = Math.min(low[k % dim]!, points[k]!);
    high[k % dim] = Math.max(high[k % dim]!, points[k]!);
  }
  return {
    center: low.map((value, k) => (value + high[k]!) / 2),
    size: Math.max(...low.map((value, k) => (high[k]! - value) / 2)),
  };
}

function meanOf(points: Clouds['data'], dim: number): number[] {
  const sums = new Array<number>(dim).fill(0);
  for (let k = 0; k < points.length; k++) sums[k % dim]! += points[k]!;
  return sums.map((sum) => (sum * dim) / points.length);
}
