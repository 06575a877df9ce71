import { LiouvilleError, unknownName } from '../errors.ts';
import { invalid } from './checks.ts';
import { describeFailure } from './failure.ts';
import { integrate } from './integrate.ts';
import { integrateOdex } from './odex.ts';
import { findTableau, tableaus } from './tableaus/index.ts';
import type { OdeField, Outcome, RowStatus } from './types.ts';

/** The methods that `solve` knows; the first is the default. */
export const solverNames: readonly string[] = Object.freeze([...Object.keys(tableaus), 'odex']);

export interface SolveOptions {
  /** 'dopri5' unless given; see `solverNames`. */
  solver?: string | undefined;
  /** Relative tolerance, 1e-5 unless given. */
  rtol?: number | undefined;
  /** Absolute tolerance, 1e-5 unless given; one number, or one for each component. */
  atol?: number | ArrayLike<number> | undefined;
  /** Fixed steps of at most this size; 'rk4' and 'euler' need it, 'odex' does not know it. */
  stepSize?: number | undefined;
  /** The most steps that are attempted, 10,000 unless given. */
  maxSteps?: number | undefined;
  /** Output times from t0 to t1, in the direction of integration. */
  times?: ArrayLike<number> | undefined;
  /** 'throw' unless given. 'report': a failure is told by `status`. */
  onFailure?: 'throw' | 'report' | undefined;
}

const optionNames = ['solver', 'rtol', 'atol', 'stepSize', 'maxSteps', 'times', 'onFailure'];

export interface Solution {
  /** The state at `t`. */
  y: Float64Array;
  /** t1, or the time of the last accepted state of a failed integration. */
  t: number;
  status: RowStatus;
  /** Accepted steps. */
  steps: number;
  rejected: number;
  /** Evaluations of f. */
  nfe: number;
  /** The states at `times`, when given; NaN where a failed integration did not come. */
  at?: Float64Array[];
}

/**
 * Solves one initial value problem dy/dt = f(t, y), y(t0) = y0, forward or backward in time.
 *
 *     const { y } = solve((t, y, dydt) => { dydt[0] = -y[0]; }, [1], 0, 1, { rtol: 1e-9, atol: 1e-9 });
 *     // y[0] is exp(-1) to nine digits
 *
 * Errors are controlled in the root mean square of err_i / (atol_i + rtol |y_i|), step by step; the error at
 * t1 is of the same size for well-behaved problems, and not guaranteed. The last step ends on t1 exactly.
 *
 * @param f writes every component of dy/dt into its third argument.
 * @throws LiouvilleError 'invalid-argument', 'shape-mismatch' or 'unknown-name' for arguments that cannot be
 *   meant; 'numerical-failure', with what to try, when the integration fails, unless onFailure is 'report'.
 */
export function solve(
  f: OdeField,
  y0: ArrayLike<number>,
  t0: number,
  t1: number,
  options: SolveOptions = {},
): Solution {
  checkArguments(f, y0, options);
  const outcome = run(f, y0, t0, t1, options);
  const { y, t, status, steps, rejected, nfe, at } = outcome;
  if (status !== 'ok' && options.onFailure !== 'report') {
    throw new LiouvilleError('numerical-failure', failureMessage(outcome, options));
  }
  return { y, t, status, steps, rejected, nfe, ...(at !== null && { at }) };
}

const defaults = { solver: 'dopri5', rtol: 1e-5, atol: 1e-5, maxSteps: 10_000 };

function run(f: OdeField, y0: ArrayLike<number>, t0: number, t1: number, options: SolveOptions): Outcome {
  const { solver = defaults.solver, rtol = defaults.rtol, atol = defaults.atol, stepSize, times } = options;
  const maxSteps = options.maxSteps ?? defaults.maxSteps;
  if (solver !== 'odex') {
    return integrate(f, y0, t0, t1, { tableau: findTableau(solver), rtol, atol, stepSize, maxSteps, times });
  }
  if (stepSize !== undefined) {
    throw new LiouvilleError(
      'invalid-argument',
      "stepSize: 'odex' chooses its own steps; leave stepSize out.",
    );
  }
  return integrateOdex(f, y0, t0, t1, { rtol, atol, maxSteps, times });
}

function checkArguments(f: OdeField, y0: ArrayLike<number>, options: SolveOptions): void {
  if (typeof f !== 'function') throw invalid('f', 'a function (t, y, dydt)', f);
  if (typeof y0 !== 'object' || y0 === null || !(y0.length >= 1)) {
    throw invalid('y0', 'an array of at least one number', y0);
  }
  for (let i = 0; i < y0.length; i++) {
    if (!Number.isFinite(y0[i])) throw invalid(`y0[${i}]`, 'a finite number', y0[i]);
  }
  for (const key of Object.keys(options)) {
    if (!optionNames.includes(key)) throw unknownName('option of solve', key, optionNames);
  }
  const { solver = defaults.solver, onFailure } = options;
  if (typeof solver !== 'string') throw invalid('solver', 'a name', solver);
  if (!solverNames.includes(solver)) throw unknownName('solver', solver, solverNames);
  if (onFailure !== undefined && onFailure !== 'throw' && onFailure !== 'report') {
    throw invalid('onFailure', "'throw' or 'report'", onFailure);
  }
}

function failureMessage(outcome: Outcome, options: SolveOptions): string {
  const { status, failure, nfe } = outcome;
  if (status === 'ok' || failure === null) return '';
  const { solver = defaults.solver, maxSteps = defaults.maxSteps, stepSize } = options;
  const text = `${solver}: ${describeFailure(status, failure, { maxSteps, stepSize })}`;
  const forgotten = status === 'non-finite' && nfe === 1;
  return forgotten ? `${text} Does f write every component of dy/dt into its third argument?` : text;
}
