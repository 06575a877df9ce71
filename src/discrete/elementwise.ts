import { bijection, wholeNumber } from '../flow/index.ts';
import type { Passage, Transform } from '../flow/index.ts';
import { filled, mlp, zeros } from '../nn/index.ts';
import type { Activation } from '../nn/index.ts';
import { ops, scalar, within } from '../program/index.ts';
import type { Scope, Value } from '../program/index.ts';
import { numberAbove } from './check.ts';
import { groupsOf, parametersPerFeature } from './univariate.ts';
import type { Univariate } from './univariate.ts';

/** Options of the elementwise maps. */
export interface ElementwiseOptions {
  readonly dim: number;
  readonly univariate: Univariate;
  /** Width of the conditioning rows, from which a network computes the parameters; default 0. */
  readonly contextDim?: number;
  /** Widths of that network's hidden layers; default none. */
  readonly hidden?: readonly number[];
  /** Default 'tanh'. */
  readonly activation?: Activation;
}

/**
 * Every feature by itself: z_i = f(x_i; parameters_i), trained or computed from the context.
 *
 * @throws LiouvilleError 'invalid-argument', naming the argument.
 */
export function parametric(options: ElementwiseOptions): Transform {
  const { univariate, hidden = [], activation = 'tanh' } = options;
  const dim = wholeNumber('dim', options.dim, 1);
  const outputs = dim * parametersPerFeature(univariate);
  const raw = (scope: Scope, context: Value | null): Value =>
    context === null
      ? scope.parameter('raw', { k: 1, n: outputs }, zeros)
      : mlp(scope.at('conditioner'), context, { hidden, outputs, activation, last: { initialise: zeros } });
  const map =
    (way: 'forward' | 'inverse') =>
    (scope: Scope, x: Value, context: Value | null): Passage =>
      within(scope.path, () => {
        const { y, logDerivative } = univariate[way](x, groupsOf(univariate, raw(scope, context), dim));
        return { x: y, logDet: ops.sum(logDerivative, 'n') };
      });
  return bijection({
    dim,
    contextDim: options.contextDim ?? 0,
    forward: map('forward'),
    inverse: map('inverse'),
  });
}

/**
 * The diagonal rescaling of NICE (section 3.3): z = x exp(s), log|det| = sum s.
 *
 * @throws LiouvilleError 'invalid-argument', naming the argument.
 */
export function rescaling(dim: number): Transform {
  const shape = { k: 1, n: wholeNumber('dim', dim, 1) };
  const logScale = (scope: Scope): Value => scope.parameter('log_scale', shape, zeros);
  return bijection({
    dim,
    forward(scope, x) {
      const s = logScale(scope);
      return { x: ops.mul(x, ops.exp(s)), logDet: ops.sum(s, 'n') };
    },
    inverse(scope, z) {
      const s = ops.neg(logScale(scope));
      return { x: ops.mul(z, ops.exp(s)), logDet: ops.sum(s, 'n') };
    },
  });
}

/** An increasing function without parameters, as traced functions. */
export interface Monotone {
  readonly forward: (x: Value) => Value;
  /** Defined on the range of `forward`; rows outside of it fail as 'non-finite' or with logDet of no meaning. */
  readonly inverse: (y: Value) => Value;
  /** log dy/dx, by x and y. */
  readonly logDerivative: (x: Value, y: Value) => Value;
}

/**
 * z_i = f(x_i) for an increasing f without parameters, the same for every feature; log|det| = sum_i log f'(x_i).
 *
 * @throws LiouvilleError 'invalid-argument' for a dim that is no whole number from 1 on.
 */
export function monotone(dim: number, { forward, inverse, logDerivative }: Monotone): Transform {
  return bijection({
    dim: wholeNumber('dim', dim, 1),
    forward(_scope, x) {
      const y = forward(x);
      return { x: y, logDet: ops.sum(logDerivative(x, y), 'n') };
    },
    inverse(_scope, y) {
      const x = inverse(y);
      return { x, logDet: ops.neg(ops.sum(logDerivative(x, y), 'n')) };
    },
  });
}

/**
 * x above zero, slope x below; default slope 0.01.
 *
 * @throws LiouvilleError 'invalid-argument', naming the argument.
 */
export function leakyRelu(dim: number, slope = 0.01): Transform {
  numberAbove('slope', slope, 0);
  return monotone(dim, {
    forward: (x) => ops.where(ops.less(x, 0), ops.mul(slope, x), x),
    inverse: (y) => ops.where(ops.less(y, 0), ops.div(y, slope), y),
    logDerivative: (x) => ops.mul(Math.log(slope), ops.less(x, 0)),
  });
}

/**
 * leakyRelu with a trained slope exp(s) for each feature, 0.25 at first (He et al., 2015).
 *
 * @throws LiouvilleError 'invalid-argument', naming the argument.
 */
export function prelu(dim: number): Transform {
  const shape = { k: 1, n: wholeNumber('dim', dim, 1) };
  const logSlope = (scope: Scope): Value => scope.parameter('log_slope', shape, filled(Math.log(0.25)));
  const map = (x: Value, s: Value): Passage => {
    const negative = ops.less(x, 0);
    return {
      x: ops.where(negative, ops.mul(x, ops.exp(s)), x),
      logDet: ops.sum(ops.where(negative, s, 0), 'n'),
    };
  };
  return bijection({
    dim,
    forward: (scope, x) => map(x, logSlope(scope)),
    inverse: (scope, z) => map(z, ops.neg(logSlope(scope))),
  });
}

/** The exponential linear unit: x above zero, exp(x) - 1 below. Its range is (-1, inf). */
export function elu(dim: number): Transform {
  return monotone(dim, {
    forward: (x) => ops.where(ops.less(x, 0), ops.expm1(ops.min(x, 0)), x),
    inverse: (y) => ops.where(ops.less(y, 0), ops.log1p(ops.min(y, 0)), y),
    logDerivative: (x) => ops.min(x, 0),
  });
}

/**
 * z_i = 1 / (1 + exp(-x_i)), with the range (0, 1); log|det| = sum_i log z_i (1 - z_i). Its inverse is `logit` with
 * margin 0.
 */
export function sigmoid(dim: number): Transform {
  return monotone(dim, {
    forward: (x) => ops.sigmoid(x),
    inverse: (y) => ops.sub(ops.log(y), ops.log1p(ops.neg(y))),
    // log y (1 - y), without cancelling.
    logDerivative: (x) => ops.neg(ops.add(ops.softplus(x), ops.softplus(ops.neg(x)))),
  });
}

/**
 * log u / (1 - u) with u = margin + (1 - 2 margin) x, from the unit interval (Papamakarios et al. 2017, appendix E:
 * pixels in [0, 1], margin 1e-6 for MNIST and 0.05 for CIFAR-10). Default margin 0.
 *
 * @throws LiouvilleError 'invalid-argument', naming the argument.
 */
export function logit(dim: number, margin = 0): Transform {
  if (margin !== 0) numberAbove('0.5 - margin', 0.5 - numberAbove('margin', margin, 0), 0);
  const width = 1 - 2 * margin;
  return monotone(dim, {
    forward(x) {
      const u = ops.add(margin, ops.mul(width, x));
      return ops.sub(ops.log(u), ops.log1p(ops.neg(u)));
    },
    inverse: (y) => ops.div(ops.sub(ops.sigmoid(y), margin), width),
    logDerivative: (_x, y) =>
      ops.add(ops.add(ops.softplus(y), ops.softplus(ops.neg(y))), scalar(Math.log(width))),
  });
}

/** z_i = log(1 + exp(x_i)), with the range (0, inf); log|det| = -sum_i log(1 + exp(-x_i)). */
export function softplus(dim: number): Transform {
  return monotone(dim, {
    forward: (x) => ops.softplus(x),
    inverse: (y) => ops.add(y, ops.log(ops.neg(ops.expm1(ops.neg(y))))),
    logDerivative: (x) => ops.neg(ops.softplus(ops.neg(x))),
  });
}

/** asinh(x) = log(x + sqrt(x^2 + 1)), which draws heavy tails in. Onto all numbers. */
export function arcsinh(dim: number): Transform {
  const root = (x: Value): Value => ops.sqrt(ops.add(ops.square(x), 1));
  return monotone(dim, {
    forward(x) {
      // By the size of x, since the sum would cancel below zero; abs has no derivative at zero.
      const negative = ops.less(x, 0);
      const size = ops.where(negative, ops.neg(x), x);
      const y = ops.log1p(ops.add(size, ops.div(ops.square(x), ops.add(1, root(x)))));
      return ops.where(negative, ops.neg(y), y);
    },
    inverse: (y) => ops.mul(0.5, ops.sub(ops.expm1(y), ops.expm1(ops.neg(y)))),
    logDerivative: (x) => ops.neg(ops.log(root(x))),
  });
}
