import { Outcome as OdexOutcome, Solver } from 'odex';

import { checkMaxSteps, checkProblem, checkTimes } from './checks.ts';
import { pieceThrough } from './dense.ts';
import { firstNonFinite, largest } from './finite.ts';
import { Gathering } from './march.ts';
import type { March, MarchOptions } from './march.ts';
import { Tolerance } from './tolerance.ts';
import type { OdeField, RowStatus } from './types.ts';

export interface OdexOptions extends Pick<MarchOptions, 'times' | 'interpolate' | 'dense' | 'events'> {
  rtol: number | ArrayLike<number>;
  atol: number | ArrayLike<number>;
  maxSteps: number;
}

const COLUMNS = 9;

/** The most evaluations of one attempted step: 2 + 4 + ... + 18 in its columns, and the first derivative. */
const EVALUATIONS_PER_STEP = 91;

/** With dense output 2 + 6 + ... + 34, and the derivatives at both ends. */
const EVALUATIONS_PER_DENSE_STEP = 164;

/** In column k dense output is a polynomial of degree 2 k + 1. */
const DENSE_DEGREE = 2 * COLUMNS + 1;

/** Leaves the solver from inside of the field, which it calls back. */
class Halt extends Error {
  readonly status: Exclude<RowStatus, 'ok'>;
  /** The one that is not finite. */
  readonly component: number | null;

  constructor(status: Exclude<RowStatus, 'ok'>, component: number | null) {
    super(status);
    this.status = status;
    this.component = component;
  }
}

/**
 * Integrates with ODEX, Gragg-Bulirsch-Stoer extrapolation of variable order (the npm package odex): for
 * smooth fields and stringent tolerances. Hairer, Norsett, Wanner I, II.9.
 *
 * It differs from `integrate` in what the package allows. A field that is not finite ends the integration at
 * once, since the package would accept NaN instead of rejecting the step. Between output times it starts
 * afresh. An integration that is stopped inside of a step does not know how many attempts were rejected
 * since its last output time, and 'step-underflow' does not occur: steps that vanish end as 'max-steps'.
 *
 * Dense output is that of the extrapolated midpoint rule, of order 2 k - 1 where a step ends in column k and has order 2 k (Hairer, Ostermann, Dense output
 * for extrapolation methods, Numer. Math. 58 (1990); Hairer, Norsett, Wanner I, II.9). It takes other columns, of 2, 6, 10, ... parts,
 * and may reject steps of its own account: the steps are not those of an integration without it.
 */
export function integrateOdex(
  field: OdeField,
  y0: ArrayLike<number>,
  t0: number,
  t1: number,
  options: OdexOptions,
): March {
  checkProblem(y0, t0, t1);
  checkMaxSteps(options.maxSteps);
  const n = y0.length;
  const times = options.times ?? [];
  checkTimes(times, t0, t1);
  const solver = new Solver(n);
  const tolerance = new Tolerance(n, options.rtol, options.atol);
  solver.relativeTolerance = Array.from(tolerance.rtol);
  solver.absoluteTolerance = Array.from(tolerance.atol);

  const state = new Float64Array(n);
  const slope = new Float64Array(n);
  const slopes = new Array<number>(n).fill(0);
  const y = Float64Array.from(y0);
  let t = t0;
  let h = 0;
  let steps = 0;
  let rejected = 0;
  let nfe = 0;
  let limit = 0;
  const gathering = new Gathering(t0, y, { ...options, t1 });
  solver.denseOutput = gathering.needsPieces;
  const perStep = gathering.needsPieces ? EVALUATIONS_PER_DENSE_STEP : EVALUATIONS_PER_STEP;
  /** The package does not tell errors: the component that moved most, in tolerances, when the field was last called. */
  const fastest = (): number => {
    const sizes = slope.map((value, i) => Math.abs(value) / tolerance.scale(i, Math.abs(y[i]!)));
    return Math.max(0, sizes.indexOf(Math.max(...sizes)));
  };
  const atEnd = () => ({
    t,
    y,
    piece(): never {
      throw new Error('Output times are where steps end.');
    },
  });

  const evaluate = (time: number, from: number[]): number[] => {
    if (nfe >= limit) throw new Halt('max-steps', null);
    state.set(from);
    slope.fill(NaN);
    nfe++;
    field(time, state, slope);
    const component = Math.max(firstNonFinite(state), firstNonFinite(slope));
    if (component >= 0) throw new Halt('non-finite', component);
    for (let i = 0; i < n; i++) slopes[i] = slope[i]!;
    return slopes;
  };
  const advance = (target: number): RowStatus => {
    const left = options.maxSteps - steps - rejected;
    if (left <= 0) return 'max-steps';
    // The package gives up when it begins the step of this number.
    solver.maxSteps = left + 1;
    limit = nfe + left * perStep;
    const before = steps;
    const result = solver.solve(evaluate, t, Array.from(y), target, (count, from, to, values, dense) => {
      // The first call announces the initial state.
      if (count === 1) return true;
      steps++;
      h = Math.abs(to - from);
      // The package stops within rounding of its target.
      t = Math.abs(target - to) <= 1e-15 * Math.max(Math.abs(target), Math.abs(to)) ? target : to;
      y.set(values);
      gathering.look({ t, y, piece: () => pieceThrough(dense!, n, DENSE_DEGREE, from, to - from) });
      return gathering.stopped === null;
    });
    if (gathering.stopped !== null) {
      rejected += result.nStep - (steps - before);
      return 'ok';
    }
    const converged = result.outcome === OdexOutcome.Converged;
    rejected += result.nStep - (converged ? 0 : 1) - (steps - before);
    if (!converged) return 'max-steps';
    t = target;
    return 'ok';
  };

  let status: RowStatus = 'ok';
  let component: number | null = null;
  gathering.collect(t0, atEnd());
  const { stops } = gathering;
  try {
    for (let i = 0; i < stops.length && status === 'ok' && gathering.stopped === null; i++) {
      if (stops[i] !== t) status = advance(stops[i]!);
      if (status === 'ok' && gathering.stopped === null) gathering.collect(t, atEnd());
    }
    if (status === 'ok' && gathering.stopped === null && t !== t1) status = advance(t1);
  } catch (error) {
    if (!(error instanceof Halt)) throw error;
    status = error.status;
    component = error.component;
  }
  return {
    ...gathering.end(atEnd()),
    status,
    steps,
    rejected,
    nfe,
    tape: null,
    at: options.times === undefined ? null : gathering.at,
    failure: status === 'ok' ? null : { t, h, norm: largest(y), component: component ?? fastest() },
    stiffSince: null,
  };
}
