import type { Matrix } from '../matrix.ts';
import { namedStream, normal, permutation } from '../random/index.ts';
import type { TwoSample, TwoSampleSettings } from './results.ts';
import { firstRows } from './rows.ts';

/** Compares two sets of rows of the same width; the seed chooses relabellings and directions. */
export function twoSample(x: Matrix, y: Matrix, settings: TwoSampleSettings, seed: number): TwoSample {
  const few = (rows: Matrix): Matrix => firstRows(rows, settings.rows);
  const both = Math.min(x.rows, y.rows);
  return {
    ...energyTest(few(x), few(y), settings.permutations, seed),
    slicedWasserstein: slicedWasserstein(firstRows(x, both), firstRows(y, both), settings.directions, seed),
  };
}

/**
 * The energy distance 2 E|X - Y| - E|X - X'| - E|Y - Y'| of two samples, and the p-value of its permutation test,
 * (1 + relabellings that are as far apart) / (1 + relabellings): Szekely and Rizzo, "Energy statistics", Journal of
 * Statistical Planning and Inference 2013, equations 2.1 and 6.1.
 */
export function energyTest(
  x: Matrix,
  y: Matrix,
  permutations: number,
  seed: number,
): { energyDistance: number; pValue: number } {
  const pooled = new Float64Array(x.data.length + y.data.length);
  pooled.set(x.data);
  pooled.set(y.data, x.data.length);
  const count = x.rows + y.rows;
  const distances = distanceMatrix(pooled, count, x.cols);
  // Of all distances only those among the first sample change sides in their own right: the rest follow from sums.
  const sums = new Float64Array(count);
  for (let i = 0; i < count; i++) {
    for (let j = 0; j < count; j++) sums[i]! += distances[i * count + j]!;
  }
  const total = sums.reduce((a, b) => a + b, 0);
  const statistic = (first: ArrayLike<number>): number => {
    let within = 0;
    let all = 0;
    for (let i = 0; i < x.rows; i++) {
      const row = first[i]! * count;
      all += sums[first[i]!]!;
      for (let j = 0; j < i; j++) within += 2 * distances[row + first[j]!]!;
    }
    const across = all - within;
    const others = total - 2 * across - within;
    return (2 * across) / (x.rows * y.rows) - within / x.rows ** 2 - others / y.rows ** 2;
  };
  const energyDistance = statistic(Array.from({ length: x.rows }, (_, i) => i));
  let asFar = 0;
  for (let k = 0; k < permutations; k++) {
    const relabelled = permutation(count, seed, namedStream('two-sample.permutation', k));
    if (statistic(relabelled) >= energyDistance) asFar += 1;
  }
  return { energyDistance, pValue: (1 + asFar) / (1 + permutations) };
}

/**
 * The sliced Wasserstein-2 distance of two samples of equal size: the root of the mean over random directions of
 * W2^2 of the projections, whose sorted values are paired (Bonneel et al., "Sliced and Radon Wasserstein barycenters
 * of measures", Journal of Mathematical Imaging and Vision 2015).
 */
export function slicedWasserstein(x: Matrix, y: Matrix, directions: number, seed: number): number {
  let sum = 0;
  for (let k = 0; k < directions; k++) {
    const direction = unitVector(x.cols, seed, k);
    const a = projected(x, direction).sort();
    const b = projected(y, direction).sort();
    for (let i = 0; i < a.length; i++) sum += (a[i]! - b[i]!) ** 2 / a.length;
  }
  return Math.sqrt(sum / directions);
}

function unitVector(dim: number, seed: number, index: number): Float64Array {
  const stream = namedStream('two-sample.direction', index);
  const vector = Float64Array.from({ length: dim }, (_, j) => normal(seed, stream, j));
  const length = Math.hypot(...vector);
  return vector.map((value) => value / length);
}

function projected({ data, rows, cols }: Matrix, direction: Float64Array): Float64Array {
  const values = new Float64Array(rows);
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j < cols; j++) values[i]! += data[i * cols + j]! * direction[j]!;
  }
  return values;
}

function distanceMatrix(data: Float64Array, count: number, cols: number): Float32Array {
  const distances = new Float32Array(count * count);
  for (let i = 0; i < count; i++) {
    for (let j = 0; j < i; j++) {
      let squares = 0;
      for (let c = 0; c < cols; c++) squares += (data[i * cols + c]! - data[j * cols + c]!) ** 2;
      distances[i * count + j] = distances[j * count + i] = Math.sqrt(squares);
    }
  }
  return distances;
}
