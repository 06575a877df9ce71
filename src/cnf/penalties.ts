import { LiouvilleError } from '../errors.ts';
import { identity, ops, pushforward, scalar } from '../program/index.ts';
import type { Scope, Value } from '../program/index.ts';
import type { ContinuousStep } from './continuous.ts';
import type { FieldPoint } from './field.ts';

export interface PenaltyOptions {
  /** The probes of the trace, where it is random. */
  readonly probes: Value | null;
  /** K of `taylor`. */
  readonly order: number;
}

/** A rate r(t, x) >= 0, [1, 1], whose integral along the way of a row is made small. */
type Penalty = (step: ContinuousStep, scope: Scope, point: FieldPoint, options: PenaltyOptions) => Value;

/**
 * What regularised training can make small, by name; f is the field, J = df/dx. Each is a traced rate [1, 1] >= 0 at one point of
 * the way, whose integral over the time of the solve `regularised` adds to the loss.
 */
export const penalties = {
  /** |f|^2 (Finlay, Jacobsen, Nurbekyan, Oberman: RNODE, ICML 2020, equation 7) */
  kinetic: (step, scope, point) => squaredLength(step.velocity(scope, point)),
  /** |J|_F^2: the mean of |J e|^2 over the probes e, exact where the trace is (RNODE, equation 8) */
  jacobian(step, scope, point, { probes }) {
    const f = step.velocity(scope, point);
    const seen = probes !== null && probes.n === point.x.n ? probes : null;
    const [images] = pushforward([f], [point.x], [seen ?? identity(point.x.n)]) as [Value];
    const squares = ops.sum(squaredLength(images), 'k');
    return seen === null ? squares : ops.mul(1 / seen.k, squares);
  },
  /** |J f|^2: how much the velocity turns along the way, time aside (`dl2int` of the published FFJORD code) */
  directional(step, scope, point) {
    const f = step.velocity(scope, point);
    const [turned] = pushforward([f], [point.x], [f]) as [Value];
    return squaredLength(turned);
  },
  /** sum_i |f_i| (`l1int` of the published FFJORD code) */
  l1: (step, scope, point) => ops.sum(ops.abs(step.velocity(scope, point)), 'n'),
  /** |d^K x / dt^K|^2 along the way (Kelly, Bettencourt, Johnson, Duvenaud: TayNODE, NeurIPS 2020, equation 1) */
  taylor(step, scope, point, { order }) {
    const f = step.velocity(scope, point);
    let derivative = f;
    for (let k = 1; k < order; k++) {
      [derivative] = pushforward([derivative], [point.t, point.x], [scalar(1), f]) as [Value];
    }
    return squaredLength(derivative);
  },
  /** |dPhi/dt - |grad Phi|^2 / 2|, zero on optimal ways (Onken, Wu Fung, Li, Ruthotto: OT-Flow, AAAI 2021, equation 8) */
  hjb(step, scope, point) {
    if (step.potential === null) {
      throw new LiouvilleError('invalid-argument', 'hjb: the field has no potential; otflow has one.');
    }
    const potential = step.potential(scope, point);
    const [inTime] = pushforward([potential], [point.t], [scalar(1)]) as [Value];
    const energy = ops.mul(0.5, squaredLength(step.velocity(scope, point)));
    return ops.abs(ops.sub(inTime, energy));
  },
} as const satisfies Readonly<Record<string, Penalty>>;

/** The penalties that `regularised` knows. */
export type PenaltyName = keyof typeof penalties;

/** Of each row, [k, 1]. */
function squaredLength(x: Value): Value {
  return ops.sum(ops.square(x), 'n');
}
