import { LiouvilleError } from '../errors.ts';
import { bijection, chain, keyOf } from '../flow/index.ts';
import type { Transform } from '../flow/index.ts';
import { mlp, zeros } from '../nn/index.ts';
import type { Activation } from '../nn/index.ts';
import { constant, ops, within } from '../program/index.ts';
import type { Scope, Value } from '../program/index.ts';
import { inverseOf } from './check.ts';
import { halves } from './masks.ts';
import { additive, affine, groupsOf, parametersPerFeature } from './univariate.ts';
import type { Univariate } from './univariate.ts';

/** Options of `coupling`. */
export interface CouplingOptions {
  /** Number of features of a row. */
  readonly dim: number;
  /** Width of the conditioning rows; default 0. */
  readonly contextDim?: number;
  /** The features that stay as they are, and from which the parameters of the others are computed. */
  readonly kept: readonly number[];
  /** Widths of the conditioner's hidden layers. */
  readonly hidden: readonly number[];
  /** Between the layers of the conditioner. */
  readonly activation: Activation;
  /**
   * First values of the conditioner's last layer: zeros, so that the coupling starts as the identity, or small random numbers as in
   * the layers before. Default 'identity'.
   */
  readonly start?: 'identity' | 'random';
}

/**
 * A coupling (Dinh, Krueger, Bengio: NICE, 2014, section 3.2): with x_a the kept features,
 *
 *   z_a = x_a,   z_b = f(x_b; conditioner(x_a, context)),   log|det dz/dx| = sum log f',
 *
 * where `univariate` is f, feature by feature.
 *
 * @throws LiouvilleError 'invalid-argument' for features in `kept` that are not there, twice there, or all; 'unknown-name'.
 */
export function coupling(options: CouplingOptions & { readonly univariate: Univariate }): Transform {
  const { dim, kept, univariate } = options;
  keyOf('start', options.start ?? 'identity', { identity: true, random: true });
  const changed = Array.from({ length: dim }, (_, i) => i).filter((i) => !kept.includes(i));
  if (changed.length === 0 || kept.length + changed.length !== dim) {
    throw new LiouvilleError(
      'invalid-argument',
      `kept: expected different features below ${dim}, not all of them; got [${kept.join(', ')}].`,
    );
  }
  // Where feature i is found after the two parts are put side by side.
  const places = inverseOf([...kept, ...changed]);

  const map =
    (way: 'forward' | 'inverse') =>
    (scope: Scope, x: Value, context: Value | null): { x: Value; logDet: Value } =>
      within(scope.path, () => {
        const a = ops.take(x, kept);
        const raw = conditioner(
          scope,
          a,
          context,
          changed.length * parametersPerFeature(univariate),
          options,
        );
        const groups = groupsOf(univariate, raw, changed.length);
        const { y, logDerivative } = univariate[way](ops.take(x, changed), groups);
        return { x: ops.take(ops.concat([a, y]), places), logDet: ops.sum(logDerivative, 'n') };
      });
  return bijection({
    dim,
    contextDim: options.contextDim ?? 0,
    forward: map('forward'),
    inverse: map('inverse'),
  });
}

/**
 * Affine coupling (Dinh, Sohl-Dickstein, Bengio: RealNVP, ICLR 2017, equations 4 and 5):
 * z_b = x_b exp(s) + m, with s = 3 tanh(raw / 3).
 */
export function affineCoupling(options: CouplingOptions): Transform {
  return coupling({ ...options, univariate: affine() });
}

/** Additive coupling (NICE, equation 12): z_b = x_b + m. It keeps volumes. */
export function additiveCoupling(options: CouplingOptions): Transform {
  return coupling({ ...options, univariate: additive });
}

/**
 * The reversible residual block (Gomez, Ren, Urtasun, Grosse: RevNet, NeurIPS 2017, equation 6), additive couplings both ways:
 * y_1 = x_1 + F(x_2), then y_2 = x_2 + G(y_1), for the halves of the features. It keeps volumes.
 */
export function reversibleBlock(options: Omit<CouplingOptions, 'kept'>): Transform {
  const { dim } = options;
  return chain([1, 0].map((layer) => additiveCoupling({ ...options, kept: halves(dim, layer) })));
}

/** With nothing to condition on (one feature, no context) the parameters are the network of a constant. */
function conditioner(
  scope: Scope,
  kept: Value,
  context: Value | null,
  outputs: number,
  { hidden, activation, start }: CouplingOptions,
): Value {
  const seen = [kept, ...(context === null ? [] : [context])].filter((part) => part.n > 0);
  const input = seen.length > 0 ? ops.concat(seen) : constant([1], { k: 1, n: 1 });
  const last = start === 'random' ? {} : { last: { initialise: zeros } };
  return mlp(scope.at('conditioner'), input, { hidden, outputs, activation, ...last });
}
