import { LiouvilleError } from '../errors.ts';
import { AdaptiveWalk } from './adaptive-walk.ts';
import {
  checkMaxSteps,
  checkPositive,
  checkProblem,
  checkReplay,
  checkTimes,
  componentTolerances,
} from './checks.ts';
import { piControl } from './control.ts';
import { largest } from './error-norm.ts';
import { FixedWalk, ReplayWalk } from './fixed-walk.ts';
import { Stepper } from './stepper.ts';
import type { Failure, IntegrateOptions, OdeField, Outcome, RowStatus } from './types.ts';
import type { Walk } from './walk.ts';

/**
 * Integrates dy/dt = f(t, y) from y(t0) = y0 to t1, forward or backward in time, with an explicit
 * Runge-Kutta method.
 *
 * The last step ends on t1 exactly; nothing is interpolated. With t0 = t1 the field is not evaluated.
 * A numerical failure is an outcome, not an exception, and a field that misbehaves ends the integration
 * after at most `maxSteps` attempts. Of adaptive steps, a pair with s stages that is first same as last
 * evaluates the field 2 + (s - 1) (steps + rejected) times: the first derivative, Hairer's initial step,
 * then s - 1 new stages an attempt.
 *
 * @throws LiouvilleError 'invalid-argument' or 'shape-mismatch' for options that cannot be meant.
 */
export function integrate(
  field: OdeField,
  y0: ArrayLike<number>,
  t0: number,
  t1: number,
  options: IntegrateOptions,
): Outcome {
  checkProblem(y0, t0, t1);
  checkPositive('rtol', options.rtol);
  checkMaxSteps(options.maxSteps);
  const times = options.times ?? [];
  checkTimes(times, t0, t1);
  const atol = componentTolerances(options.atol, y0.length);
  const stepper = new Stepper(options.tableau, field, y0, t0, options.record === true);
  const walk = chooseWalk(stepper, atol, t1, times, options);

  const at = Array.from(times, () => new Float64Array(y0.length).fill(NaN));
  let status: RowStatus = 'ok';
  for (let i = 0; i < times.length && status === 'ok'; i++) {
    status = walk.advance(times[i]!);
    if (status === 'ok') at[i]!.set(stepper.y);
  }
  if (status === 'ok') status = walk.advance(t1);

  return {
    y: stepper.y.slice(),
    t: stepper.t,
    status,
    steps: stepper.steps,
    rejected: stepper.rejected,
    nfe: stepper.evaluations,
    tape: stepper.tape,
    at: options.times === undefined ? null : at,
    failure: status === 'ok' ? null : failureOf(stepper, walk, options.rtol, atol),
  };
}

function chooseWalk(
  stepper: Stepper,
  atol: Float64Array,
  end: number,
  times: ArrayLike<number>,
  options: IntegrateOptions,
): Walk {
  const { tableau, stepSize, maxSteps, replay } = options;
  if (replay !== undefined) {
    checkReplay(replay, tableau.stages * stepper.y.length, stepper.t, end, times);
    return new ReplayWalk(stepper, replay);
  }
  if (stepSize !== undefined) {
    checkPositive('stepSize', stepSize);
    return new FixedWalk(stepper, stepSize, maxSteps);
  }
  if (tableau.errorOrder === null) {
    throw new LiouvilleError(
      'invalid-argument',
      `stepSize: expected a positive number, because '${tableau.name}' has no error estimate; got undefined.`,
    );
  }
  return new AdaptiveWalk(stepper, {
    k: tableau.errorOrder,
    rtol: options.rtol,
    atol,
    control: options.control ?? piControl,
    maxSteps,
    end,
  });
}

function failureOf(stepper: Stepper, walk: Walk, rtol: number, atol: Float64Array): Failure {
  return {
    t: stepper.t,
    h: walk.h,
    norm: largest(stepper.y),
    component: stepper.dominantComponent(rtol, atol),
  };
}
