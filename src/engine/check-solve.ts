import { LiouvilleError } from '../errors.ts';
import { checkMaxSteps, checkPositive, checkProblem } from '../ode/checks.ts';
import { checkControl } from '../ode/control.ts';
import { piControl } from '../ode/index.ts';
import type { StepControl } from '../ode/index.ts';
import type { SolveOptions } from './types.ts';

/**
 * Throws what `integrate` of ode/ would throw: for engines that have a solver of their own.
 *
 * @param y0 the state of one row.
 * @returns the step-size control in force.
 */
export function checkSolve(options: SolveOptions, y0: ArrayLike<number>): StepControl {
  const { tableau, t0, t1, rtol, atol, stepSize, maxSteps, replay, control = piControl } = options;
  checkProblem(y0, t0, t1);
  checkPositive('rtol', rtol);
  checkMaxSteps(maxSteps);
  checkPositive('atol', atol);
  if (replay !== undefined) return control;
  if (stepSize !== undefined) {
    checkPositive('stepSize', stepSize);
    return control;
  }
  if (tableau.bError === null) {
    throw new LiouvilleError(
      'invalid-argument',
      `stepSize: expected a positive number, because '${tableau.name}' has no error estimate; got undefined.`,
    );
  }
  checkControl(control);
  return control;
}
