import { LiouvilleError, unknownName } from '../errors.ts';
import { backsolveAdjoint, discreteAdjoint, quadratureAdjoint } from './adjoint.ts';
import type { DifferentiableField, Found, WayBack } from './adjoint.ts';
import { checkPositive, invalid } from './checks.ts';
import { largest } from './finite.ts';
import { endTimeCotangent } from './pullback.ts';
import { defaults, solverNames, solveTaped } from './solve.ts';
import type { Solution, SolveOptions } from './solve.ts';
import { findTableau, isExplicit } from './tableaus/index.ts';

/** Options of `solveWithPullback`; the solver, tolerances and steps hold for the way there and for the way back. */
export interface SolveWithPullbackOptions extends Pick<
  SolveOptions,
  'solver' | 'control' | 'jacobian' | 'stepSize' | 'maxSteps'
> {
  /** Relative tolerance, 1e-5 unless given. */
  rtol?: number | undefined;
  /** Absolute tolerance, 1e-5 unless given; of cotangents, for one whose largest entry is 1. */
  atol?: number | undefined;
  /** 'rms' unless given. */
  norm?: 'rms' | 'max' | undefined;
  /**
   * 'discrete', the default: the exact derivative of the steps that were taken; explicit Runge-Kutta methods only. 'backsolve':
   * the continuous adjoint, which solves the state again, backward, and keeps nothing. 'quadrature': the continuous
   * adjoint along the interpolated solution, with the parameter gradient by Gauss's rule.
   */
  gradient?: 'discrete' | 'backsolve' | 'quadrature' | undefined;
  /**
   * What the error test of 'backsolve' looks at. 'state', the default: the state and its adjoint. 'full': the integral of
   * the parameter gradient too.
   */
  adjointNorm?: 'state' | 'full' | undefined;
}

const optionNames: { readonly [P in keyof Required<SolveWithPullbackOptions>]: true } = {
  solver: true,
  control: true,
  jacobian: true,
  stepSize: true,
  maxSteps: true,
  rtol: true,
  atol: true,
  norm: true,
  gradient: true,
  adjointNorm: true,
};

/** The gradient of a loss by everything that its solve began with. */
export interface SolveCotangents {
  /** By the initial state. */
  readonly y0: Float64Array;
  /** By the parameters of the field. */
  readonly parameters: Float64Array;
  /** By the begin and the end time. */
  readonly t0: number;
  readonly t1: number;
  /** Steps taken back. */
  readonly steps: number;
  /** Evaluations of f on the way back, and of its pullback. */
  readonly nfe: number;
  readonly pullbacks: number;
  /**
   * Of 'backsolve', how far the state that it came back to is from y0, in the largest component: where that is far above
   * the tolerances, the gradient is not to be trusted. null otherwise.
   */
  readonly drift: number | null;
}

/** A solution, and the way back through it. */
export interface DifferentiableSolution extends Omit<Solution, 'status' | 'at' | 'dense' | 'failure'> {
  /**
   * Of a loss L(y) at the end, from dL/dy, its gradient. Linear in the cotangent; may be called more than once.
   *
   * @throws LiouvilleError 'numerical-failure' when the adjoint cannot be solved.
   */
  readonly pullback: (cotangent: ArrayLike<number>) => SolveCotangents;
}

/**
 * Solves an initial value problem as `solve` does, and gives the pullback from its end to its start, parameters and times.
 *
 *     const p = [0.5];
 *     const decay = {
 *       parameters: 1,
 *       f: (t, y, dydt) => { dydt[0] = -p[0] * y[0]; },
 *       pullback: (t, y, v, ofY, ofP) => { ofY[0] -= p[0] * v[0]; ofP[0] -= y[0] * v[0]; },
 *     };
 *     const { y, pullback } = solveWithPullback(decay, [1], 0, 2);
 *     pullback([1]).parameters; // dy/dp = -2 exp(-1)
 *
 * The gradients by the times are those of the solution itself: f(t1, y1) . dL/dy1, and -f(t0, y0) . dL/dy0. Of the steps only
 * the 'discrete' gradient knows: it is exact for them, and the others differ from it by the error of the solve.
 *
 * @throws LiouvilleError as `solve` does, and 'invalid-argument' for a solver that the gradient cannot go through.
 */
export function solveWithPullback(
  field: DifferentiableField,
  y0: ArrayLike<number>,
  t0: number,
  t1: number,
  options: SolveWithPullbackOptions = {},
): DifferentiableSolution {
  const { gradient, adjointNorm, ...common } = checked(field, options);
  const start = Float64Array.from(y0);
  const { solution, tape } = solveTaped(field.f, y0, t0, t1, {
    options: { ...common, ...(gradient === 'quadrature' && { dense: true }) },
    record: gradient === 'discrete',
  });
  const { y, t, steps, rejected, nfe: evaluations, stiffSince, dense } = solution;
  const y1 = y.slice();

  const goBack = (way: WayBack): Found => {
    if (gradient === 'discrete') return discreteAdjoint(way, findTableau(common.solver), tape!);
    try {
      return gradient === 'quadrature' ? quadratureAdjoint(way, dense!) : backsolveAdjoint(way, adjointNorm);
    } catch (error) {
      throw onTheWayBack(error, gradient);
    }
  };
  return {
    y,
    t,
    steps,
    rejected,
    nfe: evaluations,
    ...(stiffSince !== undefined && { stiffSince }),
    pullback(cotangent) {
      checkCotangent(cotangent, y1.length);
      let [nfe, pullbacks] = [0, 0];
      const counted: DifferentiableField = {
        parameters: field.parameters,
        f: (t, y, dydt) => {
          nfe++;
          field.f(t, y, dydt);
        },
        pullback: (...given) => {
          pullbacks++;
          field.pullback(...given);
        },
      };
      const given = Float64Array.from(cotangent);
      // The adjoint is linear: measured against the tolerances at size 1, its steps do not depend on the unit of the loss.
      const size = largest(given) || 1;
      const ofEnd = given.map((value) => value / size);
      const found = goBack({ field: counted, t0, t1, y1, cotangent: ofEnd, options: common });
      const ofStart = found.y0.map((value) => size * value);
      return {
        y0: ofStart,
        parameters: found.parameters.map((value) => size * value),
        t0: -endTimeCotangent(counted.f, t0, start, ofStart),
        t1: endTimeCotangent(counted.f, t1, y1, given),
        steps: found.steps,
        nfe,
        pullbacks,
        drift: found.again && largest(found.again.map((value, i) => value - start[i]!)),
      };
    },
  };
}

function onTheWayBack(error: unknown, gradient: 'backsolve' | 'quadrature'): unknown {
  if (!(error instanceof LiouvilleError && error.code === 'numerical-failure')) return error;
  const hint =
    gradient === 'backsolve'
      ? " A field that contracts expands backward: gradient 'quadrature' and 'discrete' keep the way there."
      : '';
  return new LiouvilleError('numerical-failure', `On the way back, ${error.message}${hint}`, {
    cause: error,
  });
}

function checked(field: DifferentiableField, options: SolveWithPullbackOptions) {
  if (typeof field?.f !== 'function') throw invalid('field.f', 'a function (t, y, dydt)', field?.f);
  if (typeof field.pullback !== 'function') {
    throw invalid('field.pullback', 'a function (t, y, cotangent, cotangentY, cotangentP)', field.pullback);
  }
  if (!Number.isInteger(field.parameters) || field.parameters < 0) {
    throw invalid('field.parameters', 'how many there are', field.parameters);
  }
  const names = Object.keys(optionNames);
  for (const key of Object.keys(options)) {
    if (!names.includes(key)) throw unknownName('option of solveWithPullback', key, names);
  }
  const { solver = defaults.solver, rtol = defaults.rtol, atol = defaults.atol, norm } = options;
  const { gradient = 'discrete', adjointNorm } = options;
  checkPositive('rtol', rtol);
  checkPositive('atol', atol);
  if (norm !== undefined && norm !== 'rms' && norm !== 'max') throw invalid('norm', "'rms' or 'max'", norm);
  if (!['discrete', 'backsolve', 'quadrature'].includes(gradient)) {
    throw invalid('gradient', "'discrete', 'backsolve' or 'quadrature'", gradient);
  }
  if (adjointNorm !== undefined && adjointNorm !== 'state' && adjointNorm !== 'full') {
    throw invalid('adjointNorm', "'state' or 'full'", adjointNorm);
  }
  if (adjointNorm !== undefined && gradient !== 'backsolve') {
    throw new LiouvilleError(
      'invalid-argument',
      `adjointNorm: only gradient 'backsolve' knows it, not '${gradient}'.`,
    );
  }
  if (gradient === 'discrete' && solverNames.includes(solver) && !isExplicit(solver)) {
    throw new LiouvilleError(
      'invalid-argument',
      `solver: '${solver}' has no 'discrete' gradient; take gradient 'quadrature' or 'backsolve', or an explicit solver.`,
    );
  }
  return { ...options, solver, rtol, atol, gradient, adjointNorm: adjointNorm ?? ('state' as const) };
}

function checkCotangent(cotangent: ArrayLike<number>, n: number): void {
  if (typeof cotangent !== 'object' || cotangent === null) {
    throw invalid('cotangent', 'an array of numbers', cotangent);
  }
  if (cotangent.length !== n) {
    throw new LiouvilleError(
      'shape-mismatch',
      `cotangent: expected ${n} numbers, one for each component of y; got ${cotangent.length}.`,
    );
  }
  for (let i = 0; i < n; i++) {
    if (!Number.isFinite(cotangent[i])) throw invalid(`cotangent[${i}]`, 'a finite number', cotangent[i]);
  }
}
