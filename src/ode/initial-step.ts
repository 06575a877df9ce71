import type { Method } from './method.ts';
import type { Tolerance } from './tolerance.ts';

/**
 * The size of the first step, by one more evaluation of the field. With d0 = |y0|, d1 = |f0| and, after an
 * Euler step of size h0 = 0.01 d0 / d1, d2 = |f1 - f0| / h0, the step is the smaller of 100 h0 and
 * (0.01 / max(d1, d2))^(1 / k), all norms scaled by the tolerances.
 *
 * `method.begin()` has been called. Hairer, Norsett, Wanner I, II.4, "Starting step size".
 *
 * @param end the field is not tried beyond this time, and the step does not lead beyond it.
 * @returns a size in (0, |end - t0|].
 */
export function initialStep(method: Method, end: number, tolerance: Tolerance): number {
  const { t, y, slope } = method;
  const limit = Math.abs(end - t);
  const d1 = tolerance.norm(slope, y);
  const h0 = trialStep(tolerance.norm(y, y), d1, limit);
  if (h0 === null) return Math.min(1e-6, limit);

  const signed = end > t ? h0 : -h0;
  const trial = y.map((value, i) => value + signed * slope[i]!);
  const trialSlope = new Float64Array(y.length);
  method.evaluate(h0 === limit ? end : t + signed, trial, trialSlope);
  const change = trialSlope.map((value, i) => value - slope[i]!);
  return stepAfterTrial(h0, d1, tolerance.norm(change, y) / h0, method.errorOrder, limit);
}

/** h0, the size of the Euler step that is tried; null where the norms overflow and leave nothing to go by. */
export function trialStep(d0: number, d1: number, limit: number): number | null {
  const h0 = d0 < 1e-5 || d1 < 1e-5 ? 1e-6 : (0.01 * d0) / d1;
  if (!(h0 > 0)) return null;
  return 1.01 * h0 >= limit ? limit : h0;
}

/** The first step after a trial of size h0. `k`: order of the error estimate. */
export function stepAfterTrial(h0: number, d1: number, d2: number, k: number, limit: number): number {
  const rate = Math.max(d1, d2);
  // The trial left the domain of the field: begin carefully, the error test does the rest.
  if (!(rate < Infinity)) return h0 / 100;
  const h1 = rate <= 1e-15 ? Math.max(1e-6, h0 * 1e-3) : (0.01 / rate) ** (1 / k);
  return Math.min(100 * h0, h1, limit);
}
