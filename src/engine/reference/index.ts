import type { Engine } from '../types.ts';
import { pullback, run } from './run.ts';
import { solve, solvePullback } from './solve.ts';

/** The slow and obvious engine, float64, one row after the other: it defines what the others must compute. */
export const reference: Engine = {
  name: 'reference',
  run,
  pullback,
  solve,
  solvePullback,
  dispose() {
    // It holds nothing between calls.
  },
};
