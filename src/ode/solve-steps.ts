import { LiouvilleError } from '../errors.ts';
import { AdaptiveWalk } from './adaptive-walk.ts';
import { checkMaxSteps, checkPositive, checkProblem, invalid } from './checks.ts';
import { piControl } from './control.ts';
import { evaluatePiece } from './dense.ts';
import { describeFailure } from './failure.ts';
import { largest } from './finite.ts';
import { FixedWalk } from './fixed-walk.ts';
import { defaults } from './solve.ts';
import type { SolveOptions } from './solve.ts';
import { Stepper } from './stepper.ts';
import { findTableau } from './tableaus/index.ts';
import { Tolerance } from './tolerance.ts';
import type { OdeField } from './types.ts';

/** Those of `solve` that hold for single steps; the solver is an explicit Runge-Kutta method of `tableaus`. */
export type StepsOptions = Pick<
  SolveOptions,
  'solver' | 'rtol' | 'atol' | 'norm' | 'control' | 'stepSize' | 'maxSteps'
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
  const { maxSteps = defaults.maxSteps, control = piControl } = options;
  checkMaxSteps(maxSteps);
  const tolerance = new Tolerance(y0.length, rtol, atol, options.norm);
  const method = new Stepper(findTableau(solver), f, y0, t0, { dense: true });
  if (stepSize !== undefined) checkPositive('stepSize', stepSize);
  else if (method.tableau.errorOrder === null) throw invalid('stepSize', 'a positive number', stepSize);
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
      const context = { maxSteps, stepSize, stiffSince: walk.stiffSince };
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
