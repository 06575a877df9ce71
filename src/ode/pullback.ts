import { checkTape } from './checks.ts';
import type { Tableau } from './tableau.ts';
import type { Tape } from './tape.ts';
import type { OdeField } from './types.ts';

/**
 * The vector-Jacobian product of a field at (t, y): ADDS (df/dy)^T cotangent into `cotangentY` and returns
 * (df/dt) . cotangent. Gradients of parameters are summed inside, since the field alone knows them.
 * The arrays belong to the caller and are valid during the call only.
 */
export type FieldPullback = (
  t: number,
  y: Float64Array,
  cotangent: Float64Array,
  cotangentY: Float64Array,
) => number;

/**
 * The discrete gradient: the exact derivative of the steps on a tape, their sizes being constants.
 * With lambda the cotangent of y_{n+1}, each step is walked from the last stage to the first,
 *
 *   kBar_i = h (b_i lambda + sum_{j>i} a_ji mu_j),   mu_i = (df/dy)^T(t_i, Y_i) kBar_i,
 *
 * and lambda + sum_i mu_i is the cotangent of y_n. A stage whose kBar is zero throughout is not evaluated:
 * the last one of a method that is first same as last costs nothing.
 *
 * Hager, Runge-Kutta methods in optimal control and the transformed adjoint system, Numer. Math. 87 (2000).
 *
 * @param cotangent of the end state, n numbers.
 * @param shift when given, the derivative by a common shift of all times on the tape is added to shift[0].
 * @returns the cotangent of the initial state.
 */
export function integratePullback(
  tableau: Tableau,
  tape: Tape,
  pullback: FieldPullback,
  cotangent: Float64Array,
  shift?: Float64Array,
): Float64Array {
  const n = cotangent.length;
  const { stages, a, b, c } = tableau;
  checkTape(tape, stages * n);
  const lambda = cotangent.slice();
  const mu = Array.from({ length: stages }, () => new Float64Array(n));
  const kBar = new Float64Array(n);
  const state = new Float64Array(n);
  let shiftSum = 0;

  for (let step = tape.count - 1; step >= 0; step--) {
    const t = tape.t[step]!;
    const h = tape.h[step]!;
    const states = tape.stages[step]!;
    for (let i = stages - 1; i >= 0; i--) {
      mu[i]!.fill(0);
      let active = false;
      for (let component = 0; component < n; component++) {
        let sum = b[i]! * lambda[component]!;
        for (let j = i + 1; j < stages; j++) sum += a[j * stages + i]! * mu[j]![component]!;
        kBar[component] = h * sum;
        active ||= kBar[component] !== 0;
      }
      if (!active) continue;
      for (let component = 0; component < n; component++) state[component] = states[i * n + component]!;
      shiftSum += pullback(c[i] === 1 ? tape.t[step + 1]! : t + c[i]! * h, state, kBar, mu[i]!);
    }
    for (let component = 0; component < n; component++) {
      let sum = lambda[component]!;
      for (let i = 0; i < stages; i++) sum += mu[i]![component]!;
      lambda[component] = sum;
    }
  }
  if (shift !== undefined) shift[0]! += shiftSum;
  return lambda;
}

/**
 * The cotangent of the end time: f(t1, y(t1)) . cotangent, by one evaluation of the field. The derivative of
 * the solution itself, of which the steps are an approximation within the tolerances. The cotangent of the
 * begin time is minus the same at (t0, y0), with the cotangent of y0.
 */
export function endTimeCotangent(
  field: OdeField,
  t1: number,
  y1: Float64Array,
  cotangent: Float64Array,
): number {
  const dydt = new Float64Array(y1.length);
  field(t1, y1, dydt);
  return dydt.reduce((sum, slope, i) => sum + slope * cotangent[i]!, 0);
}
