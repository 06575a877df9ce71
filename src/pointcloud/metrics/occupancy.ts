import { LiouvilleError } from '../../errors.ts';
import { refuseUnknown } from '../../flow/index.ts';
import { cloudsOf } from '../clouds.ts';
import type { Clouds, CloudsLike } from '../clouds.ts';
import { wholeFrom } from './options.ts';

/** The cells that points are counted in. */
export interface OccupancyOptions {
  /** Cells along an axis; 28 unless given, as published. */
  readonly resolution?: number | undefined;
  /** Of the cube on whose faces the outermost cells are centred; the middle of the reference's box unless given. */
  readonly center?: readonly number[] | undefined;
  /** The side of the cube; the longest side of the reference's box unless given. Published codes take the unit cube. */
  readonly size?: number | undefined;
  /** 'sphere' leaves out the cells whose centres lie outside the ball in the cube, as published; 'cube' unless given. */
  readonly shape?: 'cube' | 'sphere' | undefined;
}

/** More cells than this are no sensible histogram. */
const MOST_CELLS = 2 ** 24;

interface Grid {
  readonly resolution: number;
  readonly low: readonly number[];
  readonly spacing: number;
  /** The cells that count, by number; all of them where it is undefined. */
  readonly inside: ReadonlySet<number> | undefined;
}

/**
 * The Jensen-Shannon divergence between where the points of two sets of clouds lie, in bits, from 0 (alike) to 1 (apart):
 * with P and Q the shares of all points of a set that lie in each cell of a grid and M = (P + Q) / 2,
 * (KL(P | M) + KL(Q | M)) / 2 (Achlioptas et al., 2018). A point belongs to the cell whose centre is nearest, points outside
 * too. It compares the sets as a whole: samples that are all the mean shape do well. Throws 'shape-mismatch' for points of
 * different dimensions, 'invalid-argument' for the options, and what `cloudsOf` throws.
 */
export function jensenShannonDivergence(
  samples: CloudsLike,
  reference: CloudsLike,
  options: OccupancyOptions = {},
): number {
  const [ours, theirs] = [cloudsOf(samples, 'samples'), cloudsOf(reference, 'reference')];
  if (ours.dim !== theirs.dim) {
    throw new LiouvilleError(
      'shape-mismatch',
      `samples: expected points of ${theirs.dim} coordinates, as in the reference; got ${ours.dim}.`,
    );
  }
  const grid = gridOf(theirs, options);
  const [p, q] = [occupancy(ours, grid), occupancy(theirs, grid)];
  let bits = 0;
  for (let cell = 0; cell < p.length; cell++) {
    const middle = (p[cell]! + q[cell]!) / 2;
    for (const share of [p[cell]!, q[cell]!]) if (share > 0) bits += (share * Math.log2(share / middle)) / 2;
  }
  // Rounding may leave a little less than nothing.
  return Math.min(1, Math.max(0, bits));
}

function gridOf(reference: Clouds, options: OccupancyOptions): Grid {
  refuseUnknown('option', options, ['resolution', 'center', 'size', 'shape']);
  const { dim } = reference;
  const resolution = wholeFrom('resolution', options.resolution, 2, 28);
  if (resolution ** dim > MOST_CELLS) {
    throw new LiouvilleError(
      'invalid-argument',
      `resolution: expected at most ${MOST_CELLS} cells in ${dim} dimensions; got ${resolution} along each.`,
    );
  }
  const box = boxOf(reference);
  const center = options.center ?? box.center;
  if (center.length !== dim || !center.every(Number.isFinite)) {
    throw new LiouvilleError(
      'invalid-argument',
      `center: expected ${dim} finite numbers; got ${center.join(', ')}.`,
    );
  }
  // All points of the reference in one place: any size will do.
  const size = options.size ?? (box.size > 0 ? box.size : 1);
  if (!(Number.isFinite(size) && size > 0)) {
    throw new LiouvilleError('invalid-argument', `size: expected a positive number; got ${String(size)}.`);
  }
  const { shape = 'cube' } = options;
  if (shape !== 'cube' && shape !== 'sphere') {
    throw new LiouvilleError(
      'invalid-argument',
      `shape: expected 'cube' or 'sphere'; got '${String(shape)}'.`,
    );
  }
  const grid = {
    resolution,
    low: center.map((middle) => middle - size / 2),
    spacing: size / (resolution - 1),
  };
  return { ...grid, inside: shape === 'sphere' ? insideBall(resolution, dim) : undefined };
}

function boxOf({ data, dim }: Clouds): { center: number[]; size: number } {
  const low = new Array<number>(dim).fill(Infinity);
  const high = new Array<number>(dim).fill(-Infinity);
  for (let k = 0; k < data.length; k++) {
    low[k % dim] = Math.min(low[k % dim]!, data[k]!);
    high[k % dim] = Math.max(high[k % dim]!, data[k]!);
  }
  return {
    center: low.map((value, k) => (value + high[k]!) / 2),
    size: Math.max(...low.map((value, k) => high[k]! - value)),
  };
}

/** The cells whose centres lie in the ball that touches the faces of the cube. */
function insideBall(resolution: number, dim: number): ReadonlySet<number> {
  const inside = new Set<number>();
  for (let cell = 0; cell < resolution ** dim; cell++) {
    const place = placeOf(cell, resolution, dim);
    const square = place.reduce((sum, index) => sum + (index / (resolution - 1) - 0.5) ** 2, 0);
    if (Math.sqrt(square) <= 0.5) inside.add(cell);
  }
  return inside;
}

/** The share of all points in each cell. */
function occupancy({ data, dim, offsets }: Clouds, grid: Grid): Float64Array {
  const { resolution, low, spacing, inside } = grid;
  const counts = new Float64Array(resolution ** dim);
  const points = offsets.at(-1)!;
  const place = new Array<number>(dim);
  for (let i = 0; i < points; i++) {
    let cell = 0;
    for (let k = 0; k < dim; k++) {
      const along = (data[i * dim + k]! - low[k]!) / spacing;
      place[k] = along;
      cell = cell * resolution + Math.min(resolution - 1, Math.max(0, Math.round(along)));
    }
    if (inside?.has(cell) === false) cell = nearestOf(inside, place, resolution);
    counts[cell]! += 1;
  }
  return counts.map((count) => count / points);
}

/** Of some cells the one whose centre is nearest, of several the first. */
function nearestOf(cells: ReadonlySet<number>, place: readonly number[], resolution: number): number {
  let [nearest, least] = [0, Infinity];
  for (const cell of cells) {
    const square = placeOf(cell, resolution, place.length).reduce(
      (sum, index, k) => sum + (index - place[k]!) ** 2,
      0,
    );
    if (square < least) [nearest, least] = [cell, square];
  }
  return nearest;
}

function placeOf(cell: number, resolution: number, dim: number): number[] {
  return Array.from({ length: dim }, (_, k) => Math.floor(cell / resolution ** (dim - 1 - k)) % resolution);
}
