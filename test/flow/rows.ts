import { expect } from 'vitest';
import type { EvaluateOptions, Flow } from '../../src/flow/index.ts';
import type { Matrix } from '../../src/matrix.ts';
import { namedStream, normal } from '../../src/random/index.ts';

/** Normal rows. */
export function normalRows(rows: number, cols: number, seed: number, scale = 1): Matrix {
  const stream = namedStream('rows of a test');
  const data = Float64Array.from({ length: rows * cols }, (_, i) => scale * normal(seed, stream, i));
  return { data, rows, cols };
}

/** Some rows, in that order. */
export function pickRows({ data, cols }: Matrix, rows: readonly number[]): Matrix {
  const picked = rows.flatMap((row) => [...data.subarray(row * cols, (row + 1) * cols)]);
  return { data: Float64Array.from(picked), rows: rows.length, cols };
}

/** The context that a flow needs beside `rows` rows, as options of a call. */
export function contextFor(flow: Flow, rows: number): Pick<EvaluateOptions, 'context'> {
  return flow.contextDim === 0 ? {} : { context: normalRows(rows, flow.contextDim, 2) };
}

/** The largest difference; infinite when one is NaN. */
export function farthest(actual: ArrayLike<number>, expected: ArrayLike<number>): number {
  let worst = 0;
  for (let i = 0; i < expected.length; i++) {
    const apart = Math.abs(actual[i]! - expected[i]!);
    worst = Number.isNaN(apart) ? Infinity : Math.max(worst, apart);
  }
  return worst;
}

export function expectClose(actual: ArrayLike<number>, expected: ArrayLike<number>, tolerance: number): void {
  expect(actual.length).toBe(expected.length);
  expect(farthest(actual, expected)).toBeLessThanOrEqual(tolerance);
}

export function negated(value: number): number {
  return -value;
}

export function mean(values: ArrayLike<number>): number {
  return Array.from(values).reduce((sum, value) => sum + value, 0) / values.length;
}
