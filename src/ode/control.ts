import { LiouvilleError } from '../errors.ts';

/**
 * A PI step-size controller as a value. With err the norm of the error estimate (1 is the tolerance), k the
 * order of that estimate, and alpha = 1/k - 0.75 beta:
 *
 *   accepted: h <- h clip(safety errPrevious^beta / err^alpha, minFactor, maxFactor),
 *             without growth directly after a rejection;
 *   rejected: h <- h max(minFactor, safety / err^alpha), or h minFactor when err is not finite.
 *
 * Hairer, Norsett, Wanner I, II.4; Gustafsson, Control-theoretic techniques for stepsize selection in explicit
 * Runge-Kutta methods, ACM TOMS 17 (1991) 533-554.
 */
export interface StepControl {
  /** Aims below the tolerance; between 0 and 1. */
  readonly safety: number;
  /** The strongest reduction in one step; between 0 and 1. */
  readonly minFactor: number;
  /** The strongest growth in one step; above 1. */
  readonly maxFactor: number;
  /** The weight of the previous error. 0 is the elementary controller; larger is smoother. */
  readonly beta: number;
}

/** The constants of Hairer and Wanner's DOPRI5. */
export const piControl: StepControl = Object.freeze({
  safety: 0.9,
  minFactor: 0.2,
  maxFactor: 10,
  beta: 0.04,
});

/** What stands for the error of the step before the first, and the least that is remembered of any. */
export const LEAST_PREVIOUS_ERROR = 1e-4;

/** The factor on h after a step that was accepted with this error norm. `k`: order of the error estimate. */
export function factorAfterAccepted(
  control: StepControl,
  k: number,
  error: number,
  previousError: number,
): number {
  const alpha = 1 / k - 0.75 * control.beta;
  const factor = (control.safety * previousError ** control.beta) / error ** alpha;
  return Math.min(control.maxFactor, Math.max(control.minFactor, factor));
}

/** The factor on h after a step that was rejected with this error norm, NaN and infinity included. */
export function factorAfterRejected(control: StepControl, k: number, error: number): number {
  if (!(error < Infinity)) return control.minFactor;
  const alpha = 1 / k - 0.75 * control.beta;
  return Math.max(control.minFactor, control.safety / error ** alpha);
}

/** Throws 'invalid-argument' for constants that would not control a method whose error estimate has order k. */
export function checkControl(control: StepControl, k: number): void {
  const { safety, minFactor, maxFactor, beta } = control;
  const laws: [keyof StepControl, boolean, string][] = [
    ['safety', safety > 0 && safety < 1, 'a number between 0 and 1'],
    ['minFactor', minFactor > 0 && minFactor < 1, 'a number between 0 and 1'],
    ['maxFactor', maxFactor > 1 && maxFactor < Infinity, 'a finite number above 1'],
    ['beta', beta >= 0 && 0.75 * beta < 1 / k, `a number from 0 to below ${4 / (3 * k)}`],
  ];
  for (const [name, holds, expected] of laws) {
    if (!holds) {
      throw new LiouvilleError(
        'invalid-argument',
        `control.${name} = ${control[name]}; expected ${expected}.`,
      );
    }
  }
}
