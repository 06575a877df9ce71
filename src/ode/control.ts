import { LiouvilleError } from '../errors.ts';

/**
 * A step-size controller as a value: a digital filter over the norms e of the last three error estimates, where
 * 1 is the tolerance. With k the order of the estimates:
 *
 *   accepted: h <- h clip(safety e_n^(-beta_0/k) e_{n-1}^(-beta_1/k) e_{n-2}^(-beta_2/k), minFactor, maxFactor),
 *             without growth directly after a rejection;
 *   rejected: h <- h max(minFactor, safety e_n^(-rejection/k)), or h minFactor when e_n is not finite.
 *
 * beta = [1, 0, 0] is the elementary (I) controller, two numbers make a PI, three a PID controller, where
 * k_I = beta_0 + beta_1 + beta_2, k_P = -beta_1 - 2 beta_2 and k_D = beta_2.
 *
 * Soderlind, Digital filters in adaptive time-stepping, ACM TOMS 29 (2003) 1-26.
 */
export interface StepControl {
  /** Aims below the tolerance; between 0 and 1. */
  readonly safety: number;
  /** The strongest reduction in one step; between 0 and 1. */
  readonly minFactor: number;
  /** The strongest growth in one step; above 1. */
  readonly maxFactor: number;
  /** The weights of the last three errors; the first and the sum are positive. */
  readonly beta: readonly [number, number, number];
  /** The weight of an error that led to a rejection; positive. */
  readonly rejection: number;
}

const clipping = { safety: 0.9, minFactor: 0.2, maxFactor: 10 };

function control(beta: readonly [number, number, number], rejection = 1): StepControl {
  return Object.freeze({ ...clipping, beta: Object.freeze(beta), rejection });
}

/** The constants of Hairer and Wanner's DOPRI5 (beta = 0.04 there, at k = 5): the default. */
export const piControl: StepControl = control([0.85, -0.2, 0], 0.85);

/**
 * Controllers by name, to be taken as they are or as `{ ...controllers.h211, maxFactor: 2 }`:
 *
 * - `elementary`: the classical I controller.
 * - `dopri5`: the default, `piControl`.
 * - `gustafsson`: PI with k_I = 0.3 and k_P = 0.4 (Gustafsson, ACM TOMS 17 (1991) 533-554).
 * - `pi42`: PI.4.2, k_I = 0.4 and k_P = 0.2; `pi33`: PI.3.3, k_I = k_P = 1/3 (Soderlind 2003, table III).
 * - `h211`: H211PI, a low-pass filter for noisy errors; `h312`: H312PID, a smoother one (Soderlind 2003).
 * - `arkode`: the PID controller of SUNDIALS' ARKODE, k_I = 0.47, k_P = 0.01 and k_D = 0.1.
 */
export const controllers = Object.freeze({
  elementary: control([1, 0, 0]),
  dopri5: piControl,
  gustafsson: control([0.7, -0.4, 0]),
  pi42: control([3 / 5, -1 / 5, 0]),
  pi33: control([2 / 3, -1 / 3, 0]),
  h211: control([1 / 6, 1 / 6, 0]),
  h312: control([1 / 18, 1 / 9, 1 / 18]),
  arkode: control([0.58, -0.21, 0.1]),
});

/** What stands for the errors of the steps before the first, and the least that is remembered of any. */
export const LEAST_PREVIOUS_ERROR = 1e-4;

/** The factor on h after a step that was accepted with the first of these error norms. `k`: order of the estimate. */
export function factorAfterAccepted(
  { safety, minFactor, maxFactor, beta }: StepControl,
  k: number,
  errors: readonly [number, number, number],
): number {
  let factor = safety;
  for (let i = 0; i < 3; i++) if (beta[i] !== 0) factor *= errors[i]! ** (-beta[i]! / k);
  return Math.min(maxFactor, Math.max(minFactor, factor));
}

/** The factor on h after a step that was rejected with this error norm, NaN and infinity included. */
export function factorAfterRejected(
  { safety, minFactor, rejection }: StepControl,
  k: number,
  error: number,
): number {
  if (!(error < Infinity)) return minFactor;
  return Math.max(minFactor, safety * error ** (-rejection / k));
}

/** Throws 'invalid-argument' for constants that would not control anything. */
export function checkControl(given: StepControl): void {
  const { safety, minFactor, maxFactor, beta, rejection } = given;
  const numbers = Array.isArray(beta) && beta.length === 3 && beta.every(Number.isFinite);
  const laws: [keyof StepControl, boolean, string][] = [
    ['safety', safety > 0 && safety < 1, 'a number between 0 and 1'],
    ['minFactor', minFactor > 0 && minFactor < 1, 'a number between 0 and 1'],
    ['maxFactor', maxFactor > 1 && maxFactor < Infinity, 'a finite number above 1'],
    [
      'beta',
      numbers && beta[0] > 0 && beta[0] + beta[1] + beta[2] > 0,
      'three finite numbers, of which the first and the sum are positive',
    ],
    ['rejection', rejection > 0 && rejection < Infinity, 'a positive number'],
  ];
  for (const [name, holds, expected] of laws) {
    if (!holds) {
      throw new LiouvilleError(
        'invalid-argument',
        `control.${name} = ${String(given[name])}; expected ${expected}.`,
      );
    }
  }
}
