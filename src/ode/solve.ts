import { LiouvilleError, unknownName } from '../errors.ts';
import { AdaptiveWalk } from './adaptive-walk.ts';
import { Adams } from './adams.ts';
import { checkMaxSteps, checkPositive, checkProblem, checkTimes, invalid } from './checks.ts';
import { piControl } from './control.ts';
import type { StepControl } from './control.ts';
import type { DenseSolution } from './dense.ts';
import type { EventFound, EventSpec } from './events.ts';
import { describeFailure } from './failure.ts';
import { FixedWalk } from './fixed-walk.ts';
import { integrate } from './integrate.ts';
import { Kvaerno5 } from './kvaerno5.ts';
import type { Jacobian } from './linearised.ts';
import { march } from './march.ts';
import type { March } from './march.ts';
import type { Method } from './method.ts';
import { integrateOdex } from './odex.ts';
import { Rodas5P } from './rodas5p.ts';
import { findTableau, tableaus } from './tableaus/index.ts';
import type { Tape } from './tape.ts';
import { Tolerance } from './tolerance.ts';
import type { ErrorNorm } from './tolerance.ts';
import type { Failure, OdeField, RowStatus } from './types.ts';

type MakeMethod = (
  f: OdeField,
  y0: ArrayLike<number>,
  t0: number,
  tolerance: Tolerance,
  options: SolveOptions,
) => Method;

/** The methods beside the explicit Runge-Kutta ones that walk as those do. */
const others: Readonly<Record<string, MakeMethod>> = {
  adams: (f, y0, t0, tolerance, { stepSize }) => new Adams(f, y0, t0, tolerance, stepSize !== undefined),
  rodas5p: (f, y0, t0, _tolerance, { jacobian }) => new Rodas5P(f, y0, t0, jacobian),
  kvaerno5: (f, y0, t0, tolerance, { jacobian }) => new Kvaerno5(f, y0, t0, tolerance, jacobian),
};

/** The methods that `solve` knows; the first is the default. */
export const solverNames: readonly string[] = Object.freeze([
  ...Object.keys(tableaus),
  'odex',
  ...Object.keys(others),
]);

/** Methods for stiff fields: they use the Jacobian. */
export const stiffSolverNames: readonly string[] = Object.freeze(['rodas5p', 'kvaerno5']);

/** Options of `solve`. */
export interface SolveOptions {
  /** 'dopri5' unless given; see `solverNames`. */
  solver?: string | undefined;
  /** Relative tolerance, 1e-5 unless given; one number, or one for each component. */
  rtol?: number | ArrayLike<number> | undefined;
  /** Absolute tolerance, 1e-5 unless given; one number, or one for each component. */
  atol?: number | ArrayLike<number> | undefined;
  /** How the errors of the components make one number: 'rms' unless given. 'odex' knows no other. */
  norm?: 'rms' | 'max' | ErrorNorm | undefined;
  /** How errors become step sizes: `controllers` has some; `piControl` unless given. 'odex' has its own. */
  control?: StepControl | undefined;
  /** df/dy, for 'rodas5p' and 'kvaerno5', which take differences of f unless it is given. */
  jacobian?: Jacobian | undefined;
  /**
   * Fixed steps of at most this size; methods without error estimate need it, 'odex' does not know it. Unless given, errors
   * choose the steps.
   */
  stepSize?: number | undefined;
  /** The most steps that are attempted, 10,000 unless given. */
  maxSteps?: number | undefined;
  /** Output times from t0 to t1, in the direction of integration; unless given, the end alone. */
  times?: ArrayLike<number> | undefined;
  /**
   * The states at `times` come from the interpolant of the method, whose order is that of `tableaus[solver].interpolant`.
   * Default false: a step ends on each of them.
   */
  interpolate?: boolean | undefined;
  /** Keep the solution as a function of time, `Solution.dense`; default false. */
  dense?: boolean | undefined;
  /** What is looked for on the way; nothing unless given. Makes `Solution.events`, and 'event-not-found' possible. */
  events?: readonly EventSpec[] | undefined;
  /** 'throw' unless given. 'report': a failure is told by `status`. */
  onFailure?: 'throw' | 'report' | undefined;
}

const optionNames: { readonly [P in keyof Required<SolveOptions>]: true } = {
  solver: true,
  rtol: true,
  atol: true,
  norm: true,
  control: true,
  jacobian: true,
  stepSize: true,
  maxSteps: true,
  times: true,
  interpolate: true,
  dense: true,
  events: true,
  onFailure: true,
};

/** What `solve` gives: the state at the end, or where it stopped, and what it cost. */
export interface Solution {
  /** The state at `t`. */
  y: Float64Array;
  /** t1, or the time of the last accepted state of a failed integration. */
  t: number;
  /** 'ok', or why it ended before t1. */
  status: RowStatus;
  /** Accepted steps. */
  steps: number;
  /** Steps that the error test sent back. */
  rejected: number;
  /** Evaluations of f. */
  nfe: number;
  /** The states at `times`, when given; NaN where a failed integration did not come. */
  at?: Float64Array[];
  /** The solution as a function of time, when `dense` was asked for. */
  dense?: DenseSolution;
  /** The time since which the steps have been bounded by stability: the field is probably stiff. Absent without that suspicion. */
  stiffSince?: number;
  /** Of a failed integration: where, and by what. */
  failure?: Failure;
}

/** What `solve` returns when it was asked to look for events. */
export interface EventSolution extends Omit<Solution, 'status'> {
  /** 'event-not-found': t1 was reached without an event that was required. 'ok' also when a terminal event ended it. */
  status: RowStatus | 'event-not-found';
  /** In the order in which they happened. A terminal one is the last, and `t` and `y` are those of it. */
  events: EventFound[];
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
  options: SolveOptions & { events: readonly EventSpec[] },
): EventSolution;
export function solve(
  f: OdeField,
  y0: ArrayLike<number>,
  t0: number,
  t1: number,
  options?: SolveOptions,
): Solution;
export function solve(
  f: OdeField,
  y0: ArrayLike<number>,
  t0: number,
  t1: number,
  options: SolveOptions = {},
): Solution | EventSolution {
  return solveTaped(f, y0, t0, t1, { options, record: false }).solution;
}

/** `solve`, and the tape of an explicit Runge-Kutta method where it is asked for. */
export function solveTaped(
  f: OdeField,
  y0: ArrayLike<number>,
  t0: number,
  t1: number,
  { options, record }: { readonly options: SolveOptions; readonly record: boolean },
): { readonly solution: Solution | EventSolution; readonly tape: Tape | null } {
  checkArguments(f, y0, options);
  const outcome = run(f, y0, t0, t1, options, record);
  const { y, t, steps, rejected, nfe, at, dense, events, stiffSince, failure, missing } = outcome;
  const status = outcome.status === 'ok' && missing >= 0 ? 'event-not-found' : outcome.status;
  if (status !== 'ok' && options.onFailure !== 'report') {
    throw new LiouvilleError('numerical-failure', failureMessage(outcome, options));
  }
  const solution = {
    y,
    t,
    status,
    steps,
    rejected,
    nfe,
    ...(at !== null && { at }),
    ...(dense !== null && { dense }),
    ...(events !== null && { events }),
    ...(stiffSince !== null && { stiffSince }),
    ...(failure !== null && { failure }),
  };
  return { solution: solution as Solution | EventSolution, tape: outcome.tape };
}

export const defaults = { solver: 'dopri5', rtol: 1e-5, atol: 1e-5, maxSteps: 10_000 };

function run(
  f: OdeField,
  y0: ArrayLike<number>,
  t0: number,
  t1: number,
  options: SolveOptions,
  record: boolean,
): March {
  const { solver = defaults.solver, rtol = defaults.rtol, atol = defaults.atol } = options;
  const maxSteps = options.maxSteps ?? defaults.maxSteps;
  if (Object.hasOwn(others, solver)) return runOther(solver, f, y0, t0, t1, { ...options, maxSteps });
  if (options.jacobian !== undefined) {
    throw new LiouvilleError(
      'invalid-argument',
      `jacobian: '${solver}' has no use for it; only 'rodas5p' and 'kvaerno5' do.`,
    );
  }
  if (solver !== 'odex') {
    return integrate(f, y0, t0, t1, {
      ...options,
      tableau: findTableau(solver),
      rtol,
      atol,
      maxSteps,
      record,
    });
  }
  for (const name of ['stepSize', 'norm', 'control'] as const) {
    if (options[name] === undefined) continue;
    const reason = name === 'norm' ? 'does not know it' : 'chooses its own steps';
    throw new LiouvilleError('invalid-argument', `${name}: 'odex' ${reason}; leave ${name} out.`);
  }
  return integrateOdex(f, y0, t0, t1, { ...options, rtol, atol, maxSteps });
}

/** Multistep formulas stay stable while steps grow slowly. */
const slowly: StepControl = Object.freeze({ ...piControl, maxFactor: 2 });

/** The controller of a method unless another is asked for. */
export function controlOf(solver: string): StepControl {
  return solver === 'adams' ? slowly : piControl;
}

/** One of the methods beside the explicit Runge-Kutta ones that walk as those do; null for others. */
export function otherMethod(
  solver: string,
  f: OdeField,
  y0: ArrayLike<number>,
  t0: number,
  tolerance: Tolerance,
  options: SolveOptions,
): Method | null {
  return Object.hasOwn(others, solver) ? others[solver]!(f, y0, t0, tolerance, options) : null;
}

function runOther(
  solver: string,
  f: OdeField,
  y0: ArrayLike<number>,
  t0: number,
  t1: number,
  options: SolveOptions & { maxSteps: number },
): March {
  const { rtol = defaults.rtol, atol = defaults.atol, norm, stepSize, maxSteps, times = [] } = options;
  checkProblem(y0, t0, t1);
  checkMaxSteps(maxSteps);
  checkTimes(times, t0, t1);
  if (stepSize !== undefined) checkPositive('stepSize', stepSize);
  const tolerance = new Tolerance(y0.length, rtol, atol, norm);
  const method = otherMethod(solver, f, y0, t0, tolerance, options)!;
  const control = options.control ?? controlOf(solver);
  const walk =
    stepSize === undefined
      ? new AdaptiveWalk(method, { tolerance, control, maxSteps, end: t1 })
      : new FixedWalk(method, stepSize, maxSteps);
  return march(method, walk, { ...options, t1, tolerance });
}

function checkArguments(f: OdeField, y0: ArrayLike<number>, options: SolveOptions): void {
  if (typeof f !== 'function') throw invalid('f', 'a function (t, y, dydt)', f);
  if (typeof y0 !== 'object' || y0 === null || !(y0.length >= 1)) {
    throw invalid('y0', 'an array of at least one number', y0);
  }
  for (let i = 0; i < y0.length; i++) {
    if (!Number.isFinite(y0[i])) throw invalid(`y0[${i}]`, 'a finite number', y0[i]);
  }
  const names = Object.keys(optionNames);
  for (const key of Object.keys(options)) {
    if (!names.includes(key)) throw unknownName('option of solve', key, names);
  }
  const { solver = defaults.solver, onFailure } = options;
  if (typeof solver !== 'string') throw invalid('solver', 'a name', solver);
  if (!solverNames.includes(solver)) throw unknownName('solver', solver, solverNames);
  if (onFailure !== undefined && onFailure !== 'throw' && onFailure !== 'report') {
    throw invalid('onFailure', "'throw' or 'report'", onFailure);
  }
}

function failureMessage(outcome: March, options: SolveOptions): string {
  const { status, failure, nfe, missing, t, stiffSince } = outcome;
  const { solver = defaults.solver, maxSteps = defaults.maxSteps, stepSize } = options;
  if (status === 'ok' || failure === null) {
    return (
      `${solver}: events[${missing}] is required and did not happen before t=${t}. Move t1 further, check the sign ` +
      'of g and its direction, or take smaller steps where g changes its sign twice in one of them.'
    );
  }
  const stiffMethod = stiffSolverNames.includes(solver);
  const text = `${solver}: ${describeFailure(status, failure, { maxSteps, stepSize, stiffSince, stiffMethod })}`;
  const forgotten = status === 'non-finite' && nfe === 1;
  return forgotten ? `${text} Does f write every component of dy/dt into its third argument?` : text;
}
