import type { CompareOptions, Contestant, DataSource } from '../../src/compare/index.ts';
import { AffineFlow, gaussianRows } from '../train/affine-flow.ts';

export const MEANS = [5, -3];
export const DEVIATIONS = [2, 0.1];
export const ENTROPY = 1 + Math.log(2 * Math.PI) + Math.log(2 * 0.1);

/** Rows of independent normals. */
export function source(
  means: readonly number[] = MEANS,
  deviations: readonly number[] = DEVIATIONS,
): DataSource {
  const columns = means.map((_, j) => `c${j}`);
  const table = (rows: number, seed: number) => ({
    matrix: gaussianRows(rows, means, deviations, seed),
    columns,
  });
  return {
    name: 'gauss',
    split: { train: table(2000, 1), validation: table(300, 2), test: table(1000, 3) },
    entropy: means.length === 2 ? ENTROPY : null,
    logDensity: null,
  };
}

/** A model that can be exact. */
export const affine: Contestant = { name: 'affine', create: ({ dim }) => new AffineFlow(dim) };

/** Every option small. */
export const quick: CompareOptions = {
  data: source(),
  models: [affine],
  steps: 200,
  batch: 100,
  learningRate: 0.05,
  engine: 'reference',
  samples: 2000,
  twoSample: { rows: 100, permutations: 19, directions: 8 },
  quadrature: { intervals: { 1: 512, 2: 48 }, maxIntervals: { 1: 8192, 2: 192 }, tolerance: 1e-4 },
};
