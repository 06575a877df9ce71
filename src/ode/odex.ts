import { Outcome as OdexOutcome, Solver } from 'odex';

import { checkMaxSteps, checkProblem, checkTimes } from './checks.ts';
import { firstNonFinite, largest } from './finite.ts';
import { Tolerance } from './tolerance.ts';
import type { OdeField, Outcome, RowStatus } from './types.ts';

export interface OdexOptions {
  rtol: number | ArrayLike<number>;
  atol: number | ArrayLike<number>;
  maxSteps: number;
  times?: ArrayLike<number> | undefined;
}

/** The most evaluations of one attempted step: 2 + 4 + ... + 18 in nine columns, and the first derivative. */
const EVALUATIONS_PER_STEP = 91;

/** Leaves the solver from inside of the field, which it calls back. */
class Halt extends Error {
  readonly status: Exclude<RowStatus, 'ok'>;
  readonly component: number;

  constructor(status: Exclude<RowStatus, 'ok'>, component: number) {
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
 */
export function integrateOdex(
  field: OdeField,
  y0: ArrayLike<number>,
  t0: number,
  t1: number,
  options: OdexOptions,
): Outcome {
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

  const evaluate = (time: number, from: number[]): number[] => {
    if (nfe >= limit) throw new Halt('max-steps', 0);
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
    limit = nfe + left * EVALUATIONS_PER_STEP;
    const before = steps;
    const result = solver.solve(evaluate, t, Array.from(y), target, (count, from, to, values) => {
      // The first call announces the initial state.
      if (count === 1) return;
      steps++;
      h = Math.abs(to - from);
      t = to;
      y.set(values);
    });
    const converged = result.outcome === OdexOutcome.Converged;
    rejected += result.nStep - (converged ? 0 : 1) - (steps - before);
    if (!converged) return 'max-steps';
    t = target;
    return 'ok';
  };

  const at = Array.from(times, () => new Float64Array(n).fill(NaN));
  let status: RowStatus = 'ok';
  let component = 0;
  try {
    for (let i = 0; i < times.length && status === 'ok'; i++) {
      if (times[i] !== t) status = advance(times[i]!);
      if (status === 'ok') at[i]!.set(y);
    }
    if (status === 'ok' && t !== t1) status = advance(t1);
  } catch (error) {
    if (!(error instanceof Halt)) throw error;
    status = error.status;
    component = error.component;
  }
  return {
    y,
    t,
    status,
    steps,
    rejected,
    nfe,
    tape: null,
    at: options.times === undefined ? null : at,
    failure: status === 'ok' ? null : { t, h, norm: largest(y), component },
    stiffSince: null,
  };
}
