import { ops } from '../program/index.ts';
import type { Value } from '../program/index.ts';
import { numberAbove } from './check.ts';

/** Numbers and the logarithms of the derivatives that led to them, feature by feature. */
export interface Mapped {
  readonly y: Value;
  readonly logDerivative: Value;
}

/**
 * An increasing function of one number, and its inverse, with parameters that something else computes for
 * each feature: a network of other features (couplings, autoregressive flows) or of nothing (elementwise flows).
 *
 * `groups` says how many parameters of each kind a feature has. For m features group g comes as a row of
 * m groups[g] numbers, those of the first feature first. All zeros give (nearly) the identity.
 */
export interface Univariate {
  readonly groups: readonly number[];
  /** x [1, m] -> y and log dy/dx, both [1, m]. */
  forward(x: Value, groups: readonly Value[]): Mapped;
  /** y -> x and log dx/dy. */
  inverse(y: Value, groups: readonly Value[]): Mapped;
}

/** Parameters of each feature. */
export function parametersPerFeature({ groups }: Univariate): number {
  return groups.reduce((sum, count) => sum + count, 0);
}

/** Takes the numbers of a network apart: first all features' parameters of group 0, then of group 1, ... */
export function groupsOf(univariate: Univariate, raw: Value, features: number): Value[] {
  let start = 0;
  return univariate.groups.map((count) => {
    start += count * features;
    return ops.slice(raw, start - count * features, count * features);
  });
}

/** y = x + m, with m the one parameter of a feature; log dy/dx = 0, the coupling of NICE (Dinh, Krueger, Bengio, 2014). */
export const additive: Univariate = {
  groups: [1],
  forward: (x, [shift]) => ({ y: ops.add(x, shift!), logDerivative: ops.mul(0, x) }),
  inverse: (y, [shift]) => ({ y: ops.sub(y, shift!), logDerivative: ops.mul(0, y) }),
};

/**
 * y = x exp(s) + m with s = bound tanh(raw / bound). The bound keeps either direction from overflowing by
 * itself; default 3.
 *
 * @throws LiouvilleError 'invalid-argument', naming the argument.
 */
export function affine(bound = 3): Univariate {
  numberAbove('bound', bound, 0);
  const logScale = (raw: Value): Value => ops.mul(bound, ops.tanh(ops.div(raw, bound)));
  return {
    groups: [1, 1],
    forward(x, [raw, shift]) {
      const s = logScale(raw!);
      return { y: ops.add(ops.mul(x, ops.exp(s)), shift!), logDerivative: s };
    },
    inverse(y, [raw, shift]) {
      const s = ops.neg(logScale(raw!));
      return { y: ops.mul(ops.sub(y, shift!), ops.exp(s)), logDerivative: s };
    },
  };
}
