import { Pauses } from '../../engine/pause.ts';
import { fillNormal, hashName } from '../../random/index.ts';
import { cloudCount } from '../clouds.ts';
import type { Clouds } from '../clouds.ts';

/** About so many directions, and so many sums along all of them, for a cloud. */
const DIRECTIONS = 24;
const SUMS = 4096;

/** A lower bound of what an engine gives as the earth mover's distance of clouds i and j. */
export type LowerBound = (i: number, j: number) => number;

/**
 * Lower bounds of the earth mover's distances of clouds of one size, at the cost of some thousand additions a pair. Along
 * one direction the best assignment is that of the sorted points, so with W_k the mean distance of sorted projections onto
 * direction k of an orthonormal basis, EMD >= sqrt(W_1^2 + ... + W_d^2); sums over runs of sorted projections are compared
 * instead of each, which makes no W_k larger. The bound is the largest over some bases, less what rounding may have done;
 * docs/pointcloud-metrics.md has the proof and the margin.
 */
export async function slicedBounds(clouds: Clouds, signal?: AbortSignal): Promise<LowerBound> {
  const { dim, offsets } = clouds;
  const [count, points] = [cloudCount(clouds), offsets[1]!];
  const bases = orthonormalBases(dim, Math.max(1, Math.round(DIRECTIONS / dim)));
  const directions = dim + bases.length / dim;
  const runs = Math.max(1, Math.min(points, Math.floor(SUMS / directions)));
  const { center, radius } = boxOf(clouds);
  if (radius === 0) return () => 0;
  const sums = new Float64Array(count * directions * runs);
  const pauses = new Pauses(signal);
  for (let i = 0; i < count; i++) {
    const scaled = clouds.data.slice(offsets[i]! * dim, offsets[i + 1]! * dim);
    const unit = Float64Array.from(scaled, (value, k) => (value - center[k % dim]!) / radius);
    sumRuns(unit, bases, sums.subarray(i * directions * runs, (i + 1) * directions * runs), {
      points,
      dim,
      runs,
    });
    await pauses.maybe();
  }
  const slack = 1e-12 + (points + dim) * 2 ** -50;
  return (i, j) => {
    const [ours, theirs] = [i * directions * runs, j * directions * runs];
    let largest = 0;
    for (let base = 0; base < directions; base += dim) {
      let squares = 0;
      for (let k = base; k < base + dim; k++) {
        let apart = 0;
        for (let r = k * runs; r < (k + 1) * runs; r++)
          apart += Math.abs(sums[ours + r]! - sums[theirs + r]!);
        squares += apart * apart;
      }
      largest = Math.max(largest, squares);
    }
    return radius * (Math.sqrt(largest) * (1 - slack) - 8 * dim * slack) - 1e-150;
  };
}

/** Projections of a cloud onto the axes and the bases, sorted, and added up by runs; divided by the number of points. */
function sumRuns(
  unit: Float64Array,
  bases: Float64Array,
  sums: Float64Array,
  { points, dim, runs }: { readonly points: number; readonly dim: number; readonly runs: number },
): void {
  const projected = new Float64Array(points);
  for (let k = 0; k * runs < sums.length; k++) {
    for (let p = 0; p < points; p++) {
      projected[p] = k < dim ? unit[p * dim + k]! : dot(unit, p * dim, bases, (k - dim) * dim, dim);
    }
    projected.sort();
    for (let p = 0; p < points; p++)
      sums[k * runs + Math.floor((p * runs) / points)]! += projected[p]! / points;
  }
}

function dot(x: Float64Array, atX: number, y: Float64Array, atY: number, dim: number): number {
  let sum = 0;
  for (let k = 0; k < dim; k++) sum += x[atX + k]! * y[atY + k]!;
  return sum;
}

/** The middle of all points, and how far a coordinate is from it at most. */
function boxOf({ data, dim }: Clouds): { readonly center: Float64Array; readonly radius: number } {
  const low = new Float64Array(dim).fill(Infinity);
  const high = new Float64Array(dim).fill(-Infinity);
  for (let k = 0; k < data.length; k++) {
    low[k % dim] = Math.min(low[k % dim]!, data[k]!);
    high[k % dim] = Math.max(high[k % dim]!, data[k]!);
  }
  const center = low.map((value, k) => (value + high[k]!) / 2);
  let radius = 0;
  for (let k = 0; k < dim; k++) radius = Math.max(radius, high[k]! - center[k]!, center[k]! - low[k]!);
  return { center, radius };
}

/** Orthonormal bases beside the axes, `count` with these, a direction in each row: random ones that are always the same. */
function orthonormalBases(dim: number, count: number): Float64Array {
  const rows = new Float64Array((count - 1) * dim * dim);
  fillNormal(rows, 0, hashName('directions of sliced bounds'));
  for (let k = 0; k < rows.length / dim; k++) {
    const row = rows.subarray(k * dim, (k + 1) * dim);
    // Gram-Schmidt, twice: what the first round leaves of the others by rounding, the second takes away.
    for (const first of [k - (k % dim), k - (k % dim)]) {
      for (let other = first; other < k; other++) {
        const share = dot(row, 0, rows, other * dim, dim);
        for (let a = 0; a < dim; a++) row[a]! -= share * rows[other * dim + a]!;
      }
    }
    const length = Math.hypot(...row);
    for (let a = 0; a < dim; a++) row[a]! /= length;
  }
  return rows;
}
