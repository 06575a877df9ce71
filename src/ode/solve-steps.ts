import { LiouvilleError, unknownName } from '../errors.ts';
import { AdaptiveWalk } from './adaptive-walk.ts';
import { checkMaxSteps, checkPositive, checkProblem, invalid } from './checks.ts';
import { evaluatePiece } from './dense.ts';
import { describeFailure } from './failure.ts';
import { largest } from './finite.ts';
import { FixedWalk } from './fixed-walk.ts';
import { controlOf, defaults, otherMethod, solverNames, stiffSolverNames } from './solve.ts';
import type { SolveOptions } from './solve.ts';
import { Stepper } from './stepper.ts';
import { findTableau, isExplicit } from './tableaus/index.ts';
import { Tolerance } from './tolerance.ts';
import type { OdeField } from './types.ts';

/** Those of `solve` that hold for single steps; the solver is any but 'odex'. */
export type StepsOptions = Pick<
  SolveOptions,
  'solver' | 'rtol' | 'atol' | 'norm' | 'control' | 'jacobian' | 'stepSize' | 'maxSteps'
>;

/** One accepted step; valid until the next one is asked for. */
export interface Step {
  readonly start: number;
  readonly t: number;
  readonly y: Float64Array;
  /** y anywhere within the step, by the interpolant of the method. */
  at(t: number, into?: Float64Array): Float64Array;
}

/**
 * Solves an initial value problem step by step: whoever iterates decides how far.
 *
 *     for (const { t, y } of solveSteps(field, [1, 0], 0, 100)) if (y[0] < 0) break;
 *
 * @throws LiouvilleError as `solve` does, when the step is asked for.
 */
export function* solveSteps(
  f: OdeField,
  y0: ArrayLike<number>,
  t0: number,
  t1: number,
  options: StepsOptions = {},
): Generator<Step, void, void> {
  if (typeof f !== 'function') throw invalid('f', 'a function (t, y, dydt)', f);
  checkProblem(y0, t0, t1);
  const { solver = defaults.solver, rtol = defaults.rtol, atol = defaults.atol, stepSize } = options;
  const { maxSteps = defaults.maxSteps, control = controlOf(solver) } = options;
  checkMaxSteps(maxSteps);
  const tolerance = new Tolerance(y0.length, rtol, atol, options.norm);
  if (solver === 'odex') throw invalid('solver', "one that goes step by step, such as 'vern9'", solver);
  if (!solverNames.includes(solver)) throw unknownName('solver', solver, solverNames);
  const method =
    otherMethod(solver, f, y0, t0, tolerance, options) ??
    new Stepper(findTableau(solver), f, y0, t0, { dense: true });
  if (stepSize !== undefined) checkPositive('stepSize', stepSize);
  else if (isExplicit(solver) && findTableau(solver).errorOrder === null) {
    throw invalid('stepSize', 'a positive number', stepSize);
  }
  const walk =
    stepSize === undefined
      ? new AdaptiveWalk(method, { tolerance, control, maxSteps, end: t1 })
      : new FixedWalk(method, stepSize, maxSteps);
  while (method.t !== t1) {
    const start = method.t;
    const status = walk.step(t1);
    if (status !== 'ok') {
      const failure = {
        t: method.t,
        h: walk.h,
        norm: largest(method.y),
        component: method.dominantComponent(tolerance),
      };
      const stiffMethod = stiffSolverNames.includes(solver);
      const context = { maxSteps, stepSize, stiffSince: walk.stiffSince, stiffMethod };
      throw new LiouvilleError(
        'numerical-failure',
        `${solver}: ${describeFailure(status, failure, context)}`,
      );
    }
    yield {
      start,
      t: method.t,
      y: method.y,
      at(t, into = new Float64Array(y0.length)) {
        evaluatePiece(method.piece(), t, into);
        return into;
      },
    };
  }
}
