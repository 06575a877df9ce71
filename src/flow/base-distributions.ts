import { LiouvilleError } from '../errors.ts';
import { constant, identity, logSumExp, ops, scalar, softmax } from '../program/index.ts';
import type { Initialiser, Scope, Value } from '../program/index.ts';
import type { Base } from './base.ts';
import { wholeNumber } from './model-options.ts';

/** Distributions of the latent rows beside the standard normal. Those with parameters train them. */

const halfLogTwoPi = 0.5 * Math.log(2 * Math.PI);

/** A product of the same distribution over the features, from `draws` standard normals each. */
function independent(
  dim: number,
  draws: number,
  sample: (normals: readonly Value[]) => Value,
  logDensity: (z: Value) => Value,
): Base {
  const n = wholeNumber('dim', dim, 1);
  return {
    dim: n,
    noise: 'normal',
    noiseDim: draws * n,
    sample: (_scope, noise) => sample(Array.from({ length: draws }, (_, i) => ops.slice(noise, i * n, n))),
    logDensity: (_scope, z) => ops.sum(logDensity(z), 'n'),
  };
}

/**
 * N(mean, diag(exp(log_scale))^2), or with `covariance: 'full'` N(mean, S L L^T S), S = diag(exp(log_scale)) and L lower
 * triangular with ones; all trained, from N(0, I) on.
 *
 * @throws LiouvilleError 'invalid-argument', naming the argument.
 */
export function trainedNormal(dim: number, covariance: 'diagonal' | 'full' = 'diagonal'): Base {
  const shape = { k: 1, n: wholeNumber('dim', dim, 1) };
  if (covariance !== 'diagonal' && covariance !== 'full') {
    throw new LiouvilleError(
      'invalid-argument',
      `covariance: expected 'diagonal' or 'full'; got '${String(covariance)}'.`,
    );
  }
  const places = Array.from({ length: dim }, (_, i) =>
    Array.from({ length: i }, (_, j) => i * dim + j),
  ).flat();
  const parts = (scope: Scope): { mean: Value; logScale: Value; lower: Value | null } => {
    const full = covariance === 'full' && places.length > 0;
    const entries = full ? scope.parameter('lower', { k: 1, n: places.length }, zeros) : null;
    return {
      mean: scope.parameter('mean', shape, zeros),
      logScale: scope.parameter('log_scale', shape, zeros),
      lower:
        entries === null
          ? null
          : ops.add(ops.reshape(ops.scatter(entries, places, dim * dim), { k: dim, n: dim }), identity(dim)),
    };
  };
  return {
    dim,
    noise: 'normal',
    noiseDim: dim,
    sample(scope, noise) {
      const { mean, logScale, lower } = parts(scope);
      const mixed = lower === null ? noise : ops.matmul(noise, lower, 'nt');
      return ops.add(mean, ops.mul(mixed, ops.exp(logScale)));
    },
    logDensity(scope, z) {
      const { mean, logScale, lower } = parts(scope);
      const centred = ops.mul(ops.sub(z, mean), ops.exp(ops.neg(logScale)));
      const standard =
        lower === null ? centred : ops.triangularSolve(lower, centred, { upper: false, unit: true });
      const squares = ops.mul(-0.5, ops.sum(ops.square(standard), 'n'));
      return ops.sub(ops.sub(squares, ops.sum(logScale, 'n')), scalar(dim * halfLogTwoPi));
    },
  };
}

/**
 * Uniform on [low, high] in every feature; rows outside have no density and are 'non-finite'. Default [0, 1].
 *
 * @throws LiouvilleError 'invalid-argument', naming the argument.
 */
export function uniformBase(dim: number, low = 0, high = 1): Base {
  const n = wholeNumber('dim', dim, 1);
  if (!(Number.isFinite(low) && Number.isFinite(high) && low < high)) {
    throw new LiouvilleError(
      'invalid-argument',
      `low, high: expected finite numbers, low < high; got ${low} and ${high}.`,
    );
  }
  return {
    dim: n,
    noise: 'uniform',
    noiseDim: n,
    sample: (_scope, noise) => ops.add(low, ops.mul(high - low, noise)),
    logDensity(_scope, z) {
      const outside = ops.add(ops.less(z, low), ops.less(high, z));
      const inside = ops.sub(1, ops.min(ops.sum(outside, 'n'), 1));
      return ops.sub(ops.log(inside), scalar(n * Math.log(high - low)));
    },
  };
}

/** Beyond it a float64 normal has no mass that matters. */
const farthest = 9;

/** Halvings and steps of Newton's method that find a quantile to rounding. */
const [halvings, newtonSteps] = [28, 2];

/**
 * The standard normal between `low` and `high` in every feature, either of which may be infinite:
 * log p(z) = sum -z^2 / 2 - log(2 pi) / 2 - log(Phi(high) - Phi(low)); rows outside have no density and are 'non-finite'. A draw is
 * the quantile of a uniform number, found by halving and Newton's method; in float32 it is known to 3e-5 up to |z| = 3, to 3e-3 at 4.5.
 *
 * @throws LiouvilleError 'invalid-argument' for an interval that holds less than a millionth of the normal distribution.
 */
export function truncatedNormal(dim: number, low: number, high: number): Base {
  const n = wholeNumber('dim', dim, 1);
  const [from, to] = [Math.max(low, -farthest), Math.min(high, farthest)];
  const mass = low < high && from < to ? normalMass(from, to) : 0;
  if (!(mass >= 1e-6)) {
    throw new LiouvilleError(
      'invalid-argument',
      `low, high: expected numbers, low < high, with a millionth of the normal distribution between them; got ${low} and ${high}.`,
    );
  }
  // 2 Phi(x) - 1
  const symmetric = (x: Value): Value => ops.erf(ops.mul(Math.SQRT1_2, x));
  return {
    dim: n,
    noise: 'uniform',
    noiseDim: n,
    sample(_scope, noise) {
      const [below, above] = [from, to].map((end) => ops.broadcast(scalar(end), { k: 1, n })) as [
        Value,
        Value,
      ];
      const target = ops.add(ops.mul(noise, symmetric(above)), ops.mul(ops.sub(1, noise), symmetric(below)));
      let [least, most] = [below, above];
      for (let i = 0; i < halvings; i++) {
        const middle = ops.mul(0.5, ops.add(least, most));
        const isShort = ops.less(symmetric(middle), target);
        [least, most] = [ops.where(isShort, middle, least), ops.where(isShort, most, middle)];
      }
      let z = ops.mul(0.5, ops.add(least, most));
      for (let i = 0; i < newtonSteps; i++) {
        const slope = ops.mul(Math.sqrt(2 / Math.PI), ops.exp(ops.mul(-0.5, ops.square(z))));
        z = ops.sub(z, ops.div(ops.sub(symmetric(z), target), slope));
        z = ops.max(least, ops.min(most, z));
      }
      return z;
    },
    logDensity(_scope, z) {
      const outside = ops.add(ops.less(z, low), ops.less(high, z));
      const inside = ops.sub(1, ops.min(ops.sum(outside, 'n'), 1));
      const squares = ops.mul(-0.5, ops.sum(ops.square(z), 'n'));
      return ops.add(ops.sub(squares, scalar(n * (halfLogTwoPi + Math.log(mass)))), ops.log(inside));
    },
  };
}

/** Phi(to) - Phi(from) for finite ends, by Simpson's rule, whose error is far below 1e-12 of it on such short panels. */
function normalMass(from: number, to: number): number {
  const panels = 4000;
  const h = (to - from) / panels;
  const density = (x: number): number => Math.exp((-x * x) / 2 - halfLogTwoPi);
  const sum = Array.from({ length: panels }, (_, i) => {
    const x = from + i * h;
    return density(x) + 4 * density(x + h / 2) + density(x + h);
  });
  return (h / 6) * sum.reduce((a, b) => a + b);
}

/** Laplace: p(z) = exp(-|z|) / 2. The determinant of four normals, ad - bc, has this distribution. */
export function laplace(dim: number): Base {
  return independent(
    dim,
    4,
    ([a, b, c, d]) => ops.sub(ops.mul(a!, d!), ops.mul(b!, c!)),
    (z) => ops.sub(-Math.LN2, ops.abs(z)),
  );
}

/** Logistic: p(z) = exp(-z) / (1 + exp(-z))^2. The logarithm of a ratio of two exponentials has this distribution. */
export function logistic(dim: number): Base {
  const exponential = (a: Value, b: Value): Value => ops.add(ops.square(a), ops.square(b));
  return independent(
    dim,
    4,
    ([a, b, c, d]) => ops.log(ops.div(exponential(a!, b!), exponential(c!, d!))),
    (z) => ops.neg(ops.add(ops.softplus(z), ops.softplus(ops.neg(z)))),
  );
}

/**
 * Student's t with `degrees` > 0 degrees of freedom, a product over the features (Alexanderson and Henter, 2020, on robust
 * flows). Sampled by Bailey's polar method (1994): with normals a, b and W = a^2 + b^2,
 * a sqrt(degrees expm1(W / degrees) / W).
 *
 * @throws LiouvilleError 'invalid-argument', naming the argument.
 */
export function studentT(dim: number, degrees: number): Base {
  if (!(Number.isFinite(degrees) && degrees > 0)) {
    throw new LiouvilleError('invalid-argument', `degrees: expected a positive number; got ${degrees}.`);
  }
  const logNormaliser =
    logGamma((degrees + 1) / 2) - logGamma(degrees / 2) - 0.5 * Math.log(degrees * Math.PI);
  return independent(
    dim,
    2,
    ([a, b]) => {
      const W = ops.add(ops.square(a!), ops.square(b!));
      return ops.mul(a!, ops.sqrt(ops.div(ops.mul(degrees, ops.expm1(ops.div(W, degrees))), W)));
    },
    (z) => ops.sub(logNormaliser, ops.mul((degrees + 1) / 2, ops.log1p(ops.div(ops.square(z), degrees)))),
  );
}

/** Options of `gaussianMixture`. */
export interface MixtureOptions {
  /** Number of features of a row. */
  readonly dim: number;
  /** How many normal distributions are mixed. */
  readonly components: number;
  /** Deviation of the first means; default 1. */
  readonly spread?: number;
}

/**
 * A mixture of Gaussians with diagonal covariances; weights, means and scales are trained.
 *
 * @throws LiouvilleError 'invalid-argument', naming the argument.
 */
export function gaussianMixture(options: MixtureOptions): Base {
  const n = wholeNumber('dim', options.dim, 1);
  const k = wholeNumber('components', options.components, 1, 10_000);
  const { spread = 1 } = options;
  if (!(Number.isFinite(spread) && spread > 0)) {
    throw new LiouvilleError('invalid-argument', `spread: expected a positive number; got ${spread}.`);
  }
  const parts = (scope: Scope): { logits: Value; means: Value; logScales: Value } => ({
    logits: scope.parameter('logits', { k: 1, n: k }, zeros),
    means: scope.parameter('means', { k, n }, (draws) =>
      Float64Array.from({ length: k * n }, () => spread * draws.normal()),
    ),
    logScales: scope.parameter('log_scales', { k, n }, zeros),
  });
  return {
    dim: n,
    noise: 'normal',
    noiseDim: n + 1,
    sample(scope, noise) {
      const { logits, means, logScales } = parts(scope);
      // One normal becomes a uniform number, which chooses the component: the first one whose share reaches it.
      const u = ops.mul(0.5, ops.add(1, ops.erf(ops.mul(Math.SQRT1_2, ops.slice(noise, n, 1)))));
      const passed = ops.less(ops.slice(ops.cumsum(softmax(logits)), 0, k - 1), u);
      const chosen = ops.sub(ops.concat([constant([1], { k: 1, n: 1 }), passed]), ops.pad(passed, 0, 1));
      const scale = ops.exp(ops.matmul(chosen, logScales, 'nn'));
      return ops.add(ops.matmul(chosen, means, 'nn'), ops.mul(scale, ops.slice(noise, 0, n)));
    },
    logDensity(scope, z) {
      const { logits, means, logScales } = parts(scope);
      const standard = ops.mul(ops.sub(z, means), ops.exp(ops.neg(logScales)));
      const each = ops.sum(ops.add(ops.mul(0.5, ops.square(standard)), logScales), 'n');
      const joint = ops.sub(logits, ops.reshape(each, { k: 1, n: k }));
      return ops.sub(ops.sub(logSumExp(joint), logSumExp(logits)), scalar(n * halfLogTwoPi));
    },
  };
}

const zeros: Initialiser = (_draws, { k, n }) => new Float64Array(k * n);

/** log Gamma(x) for x > 0: Stirling's series after shifting x up (Abramowitz and Stegun 6.1.15, 6.1.41). */
function logGamma(x: number): number {
  let [shifted, product] = [x, 1];
  while (shifted < 12) product *= shifted++;
  const inverse = 1 / shifted;
  const square = inverse * inverse;
  const series = inverse * (1 / 12 - square * (1 / 360 - square * (1 / 1260 - square / 1680)));
  return (shifted - 0.5) * Math.log(shifted) - shifted + halfLogTwoPi + series - Math.log(product);
}
