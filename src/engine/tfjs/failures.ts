import { firstNonFinite, largest } from '../../ode/finite.ts';
import type { Failure, Tableau } from '../../ode/index.ts';
import type { Clock } from './clocks.ts';

/** What is known of a row that failed. */
export interface Evidence {
  readonly y: Float64Array;
  /** Of the last attempt, stages times n; fewer or none when it did not come to one. */
  readonly slopes: Float64Array;
  readonly next: Float64Array;
}

/** Where and how a row failed, as ode/ tells it. */
export function failureOf(
  clock: Clock,
  evidence: Evidence,
  tableau: Tableau,
  tolerances: { readonly rtol: number; readonly atol: number },
): Failure {
  const { t, h } = clock;
  return { t, h, norm: largest(evidence.y), component: component(evidence, tableau, tolerances) };
}

/** One that is not finite, else the largest share of the error. */
function component(
  { y, slopes, next }: Evidence,
  { bError }: Tableau,
  { rtol, atol }: { readonly rtol: number; readonly atol: number },
): number {
  const n = y.length;
  for (const values of [y, slopes, next]) {
    const found = firstNonFinite(values);
    if (found >= 0) return found % n;
  }
  const shares = y.map((value, i) => {
    if (bError === null || slopes.length < bError.length * n) return Math.abs(value);
    const error = bError.reduce((sum, weight, j) => sum + weight * slopes[j * n + i]!, 0);
    return Math.abs(error) / (atol + rtol * Math.max(Math.abs(value), Math.abs(next[i]!)));
  });
  return Math.max(0, shares.indexOf(Math.max(...shares)));
}
