import { fillNormal, fillRademacher, fillUniform } from '../../random/index.ts';
import type { Engine } from '../types.ts';
import { adam } from './adam.ts';
import { cloudDistances } from './cloud-distances.ts';
import { pullback, run } from './run.ts';
import { solve, solvePullback } from './solve.ts';

const fills = { uniform: fillUniform, normal: fillNormal, rademacher: fillRademacher } as const;

/** The slow and obvious engine, float64, one row after the other: it defines what the others must compute. */
export const reference: Engine = {
  name: 'reference',
  precisions: ['float64', 'float32'],
  run,
  pullback,
  solve,
  solvePullback,
  fill: (kind, out, seed, stream, offset = 0) => fills[kind](out, seed, stream, offset),
  adam,
  cloudDistances,
  dispose() {
    // It holds nothing between calls.
  },
};
