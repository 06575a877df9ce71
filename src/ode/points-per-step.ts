import { tableaus } from './tableaus/index.ts';

/** Into how many pieces a step is cut, and how many points there are on each. */
export interface StepPoints {
  readonly pieces: number;
  readonly points: number;
}

/**
 * By how many points an integral along a solution is taken, in Gauss's rule, so that its order 2 m is not below that of the solver.
 * Orders that change from step to step are taken as high as they are at tight tolerances; steps of 'odex' are so long that they are
 * cut up.
 */
export function pointsPerStep(solver: string): StepPoints {
  if (solver === 'odex') return { pieces: 4, points: 5 };
  if (solver === 'adams') return { pieces: 1, points: 5 };
  return { pieces: 1, points: Math.ceil(((tableaus[solver]?.order ?? 5) + 1) / 2) };
}
