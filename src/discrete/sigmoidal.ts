import { wholeNumber } from '../flow/index.ts';
import { constant, logSumExp, ops } from '../program/index.ts';
import type { Value } from '../program/index.ts';
import type { Univariate } from './univariate.ts';

/** Options of `univariates.sigmoidal`. */
export interface SigmoidalOptions {
  /** Sigmoids that are mixed; default 8. */
  readonly units?: number;
}

/** The least slope of a sigmoid's argument, so that every number is reached from one not too far away. */
const least = 1e-3;

/** Where the sigmoids stand when all parameters are zero: units in one place would stay together for ever. */
const spread = 1;

/** Halvings of the bracket, after which Newton's method needs two steps to reach rounding. */
const halvings = 26;

/**
 * The deep sigmoidal transformer of neural autoregressive flows (Huang, Krueger, Lacoste, Courville: Neural
 * Autoregressive Flows, ICML 2018, equation 8), in logarithms, so that nothing saturates:
 *
 *   y = logit(sum_k w_k sigmoid(t_k)),   t_k = a_k x + b_k,   a_k > 0.001, w_k > 0 adding up to 1.
 *
 * For each feature `units` logits of w (softmax), raw slopes a (softplus) and offsets b. y lies between the least and
 * the largest t_k, so that f is onto, and the inverse has a bracket: 26 halvings leave 1.5e-8 of its width, and two
 * Newton steps take that to rounding. Parameters of zero give nearly the identity.
 *
 * @throws LiouvilleError 'invalid-argument', naming the argument.
 */
export function sigmoidal(options: SigmoidalOptions = {}): Univariate {
  const units = wholeNumber('units', options.units ?? 8, 2, 256);
  const places = Array.from({ length: units }, (_, i) => spread * (1 - (2 * i) / (units - 1)));
  // A logistic density has variance pi^2 / 3: what the places add to it, the slopes take away.
  const variance = places.reduce((sum, place) => sum + place ** 2 / units, 0);
  const slope = 1 / Math.sqrt(1 - variance / (Math.PI ** 2 / 3));
  const offset = Math.log(Math.expm1(slope - least));
  const partsOf = (features: number, groups: readonly Value[]): Parts => {
    const shape = { k: features, n: units };
    const [weights, slopes, offsets] = groups.map((raw) => ops.reshape(raw, shape));
    return {
      logWeight: ops.sub(weights!, logSumExp(weights!)),
      slope: ops.add(ops.softplus(ops.add(slopes!, offset)), least),
      offset: ops.add(
        offsets!,
        constant(
          places.map((place) => place * slope),
          { k: 1, n: units },
        ),
      ),
    };
  };
  return {
    groups: [units, units, units],
    forward(x, groups) {
      const { y, logSlope } = mix(ops.reshape(x, { k: x.n, n: 1 }), partsOf(x.n, groups));
      return { y: asRow(y), logDerivative: asRow(logSlope) };
    },
    inverse(y, groups) {
      const parts = partsOf(y.n, groups);
      const x = solve(ops.reshape(y, { k: y.n, n: 1 }), parts);
      return { y: asRow(x), logDerivative: asRow(ops.neg(mix(x, parts).logSlope)) };
    },
  };
}

/** [features, units] each. */
interface Parts {
  readonly logWeight: Value;
  readonly slope: Value;
  readonly offset: Value;
}

/** y and log dy/dx, columns [features, 1]. */
function mix(x: Value, { logWeight, slope, offset }: Parts): { y: Value; logSlope: Value } {
  const t = ops.add(ops.mul(x, slope), offset);
  // log sigmoid(-t) and log sigmoid(t)
  const below = ops.neg(ops.softplus(t));
  const above = ops.add(t, below);
  const logS = logSumExp(ops.add(logWeight, above));
  const logRest = logSumExp(ops.add(logWeight, below));
  const logRise = logSumExp(ops.add(ops.add(logWeight, ops.log(slope)), ops.add(above, below)));
  return { y: ops.sub(logS, logRest), logSlope: ops.sub(logRise, ops.add(logS, logRest)) };
}

/** x with mix(x).y = y. The last step is differentiable: it has the derivatives of the root by y and all parts. */
function solve(y: Value, parts: Parts): Value {
  const target = ops.stopGradient(y);
  const fixed: Parts = {
    logWeight: ops.stopGradient(parts.logWeight),
    slope: ops.stopGradient(parts.slope),
    offset: ops.stopGradient(parts.offset),
  };
  // Where one t_k equals y; the root lies among them.
  const ends = ops.div(ops.sub(target, fixed.offset), fixed.slope);
  const high = ops.largest(ends, 'n');
  const low = ops.neg(ops.largest(ops.neg(ends), 'n'));
  let x = ops.mul(0.5, ops.add(low, high));
  let width = ops.mul(0.5, ops.sub(high, low));
  for (let i = 0; i < halvings; i++) {
    width = ops.mul(0.5, width);
    x = ops.sub(x, ops.mul(ops.sign(ops.sub(mix(x, fixed).y, target)), width));
  }
  const before = mix(x, fixed);
  const near = ops.stopGradient(ops.sub(x, ops.div(ops.sub(before.y, target), ops.exp(before.logSlope))));
  const slope = ops.exp(mix(near, fixed).logSlope);
  return ops.sub(near, ops.div(ops.sub(mix(near, parts).y, y), slope));
}

/** A column as a row. */
function asRow(x: Value): Value {
  return ops.reshape(x, { k: 1, n: x.k });
}
