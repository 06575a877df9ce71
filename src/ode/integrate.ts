import { LiouvilleError } from '../errors.ts';
import { AdaptiveWalk } from './adaptive-walk.ts';
import { checkMaxSteps, checkPositive, checkProblem, checkReplay, checkTimes } from './checks.ts';
import { piControl } from './control.ts';
import { FixedWalk, ReplayWalk } from './fixed-walk.ts';
import { march, needsPieces } from './march.ts';
import type { March } from './march.ts';
import { Stepper } from './stepper.ts';
import { Tolerance } from './tolerance.ts';
import type { IntegrateOptions, OdeField } from './types.ts';
import type { Walk } from './walk.ts';

/**
 * Integrates dy/dt = f(t, y) from y(t0) = y0 to t1, forward or backward in time, with an explicit
 * Runge-Kutta method.
 *
 * The last step ends on t1 exactly; nothing is interpolated unless asked for. With t0 = t1 the field is not evaluated.
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
): March {
  checkProblem(y0, t0, t1);
  checkMaxSteps(options.maxSteps);
  checkTimes(options.times ?? [], t0, t1);
  const tolerance = new Tolerance(y0.length, options.rtol, options.atol, options.norm);
  const { tableau, record, times } = options;
  const stepper = new Stepper(tableau, field, y0, t0, {
    record: record === true,
    dense: needsPieces(options),
  });
  const walk = chooseWalk(stepper, tolerance, t1, times ?? [], options);
  return march(stepper, walk, { ...options, t1, tolerance });
}

function chooseWalk(
  stepper: Stepper,
  tolerance: Tolerance,
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
  return new AdaptiveWalk(stepper, { tolerance, control: options.control ?? piControl, maxSteps, end });
}
