import { LiouvilleError } from '../../errors.ts';
import type { BatchLike } from '../../matrix.ts';
import { pointCloudOf } from '../clouds.ts';
import type { PointCloud } from '../clouds.ts';

/** Of exp(-4^level |x - y|^2), from sharp to wide. */
const LEVELS: readonly number[] = [7, 6, 5, 4, 3, 2, 1, 0, -1];
/** What is added to divisors, as published: weights below it count as out of reach. */
const REACH = 1e-9;
/** In the last round nothing is out of reach, and everything is moved. */
const LAST_REACH = 1e-300;

/**
 * The approximate earth mover's distance of the published codes (H. Fan, H. Su, L. Guibas, "A point set generation network
 * for 3D object reconstruction from a single image", CVPR 2017): the mean distance over a coupling that is found greedily
 * from near to far. In each round every point x offers what it has left to all y, in proportion to
 * exp(-4^level |x - y|^2) times the room that y has left; a point y that is offered more than it has room for takes the
 * same share of each offer. A last round does this without looking at distances, so that everything is moved, and the
 * result is never below the exact distance, but for rounding.
 *
 * Weights depend on |x - y|, so the result does not scale with the clouds; and x and y are not treated alike: the result
 * may differ from that of (y, x) by some percent. With `lastRound: false` the last round is left out, as PointFlow's copy
 * of the code does: what is far from everything stays where it is, and costs nothing.
 *
 * Throws 'shape-mismatch' for clouds of different sizes, and what `cloudsOf` throws.
 */
export function approximateEarthMoversDistance(
  x: BatchLike,
  y: BatchLike,
  options: { readonly lastRound?: boolean } = {},
): number {
  return approximateDistance(pointCloudOf(x, 'x'), pointCloudOf(y, 'y'), options.lastRound ?? true);
}

/** The same for clouds that have been checked. */
export function approximateDistance(x: PointCloud, y: PointCloud, lastRound: boolean): number {
  const n = x.rows;
  if (y.rows !== n || y.cols !== x.cols) {
    throw new LiouvilleError(
      'shape-mismatch',
      `The earth mover's distance needs as many points in both clouds, of one dimension; got ${n} of ${x.cols} and ${y.rows} of ${y.cols}.`,
    );
  }
  const squares = squaredDistances(x, y);
  const left = new Float64Array(n).fill(1);
  const room = new Float64Array(n).fill(1);
  const weights = new Float64Array(n * n);
  let cost = 0;
  for (const level of LEVELS) {
    const sharpness = -(4 ** level);
    for (let k = 0; k < weights.length; k++) weights[k] = Math.exp(sharpness * squares[k]!);
    cost += move(squares, weights, left, room, REACH);
  }
  if (lastRound) cost += move(squares, weights.fill(1), left, room, LAST_REACH);
  return cost / n;
}

/** One round; takes what is moved off `left` and `room`, and gives what it costs. */
function move(
  squares: Float64Array,
  weights: Float64Array,
  left: Float64Array,
  room: Float64Array,
  least: number,
): number {
  const n = left.length;
  const offered = new Float64Array(n);
  for (let i = 0; i < n; i++) {
    let reach = least;
    for (let j = 0; j < n; j++) reach += weights[i * n + j]! * room[j]!;
    const share = left[i]! / reach;
    for (let j = 0; j < n; j++) {
      weights[i * n + j]! *= share * room[j]!;
      offered[j]! += weights[i * n + j]!;
    }
  }
  const taken = offered.map((offer, j) => Math.min(room[j]! / (offer + least), 1));
  const received = new Float64Array(n);
  let cost = 0;
  for (let i = 0; i < n; i++) {
    let moved = 0;
    for (let j = 0; j < n; j++) {
      const amount = weights[i * n + j]! * taken[j]!;
      moved += amount;
      received[j]! += amount;
      cost += amount * Math.sqrt(squares[i * n + j]!);
    }
    left[i] = Math.max(0, left[i]! - moved);
  }
  // Not less than the offers, as published: what was not taken for the sake of `least` would never be moved.
  for (let j = 0; j < n; j++) room[j] = Math.max(0, room[j]! - received[j]!);
  return cost;
}

function squaredDistances(x: PointCloud, y: PointCloud): Float64Array {
  const { rows: n, cols: dim } = x;
  const squares = new Float64Array(n * n);
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < n; j++) {
      let sum = 0;
      for (let k = 0; k < dim; k++) sum += (x.data[i * dim + k]! - y.data[j * dim + k]!) ** 2;
      squares[i * n + j] = sum;
    }
  }
  return squares;
}
