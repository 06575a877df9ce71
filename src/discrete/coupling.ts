import { LiouvilleError } from '../errors.ts';
import { bijection } from '../flow/index.ts';
import type { Transform } from '../flow/index.ts';
import { mlp, zeros } from '../nn/index.ts';
import type { Activation } from '../nn/index.ts';
import { constant, ops, within } from '../program/index.ts';
import type { Scope, Value } from '../program/index.ts';

export interface AffineCouplingOptions {
  readonly dim: number;
  readonly contextDim: number;
  /** The features that stay as they are, and from which the others' scale and shift are computed. */
  readonly kept: readonly number[];
  readonly hidden: readonly number[];
  readonly activation: Activation;
}

/** |log scale| of one coupling stays below this, so that neither direction can overflow by itself. */
const logScaleBound = 3;

/**
 * Affine coupling (Dinh, Sohl-Dickstein, Bengio: RealNVP, ICLR 2017, equations 4 and 5): with x_a the kept
 * features and (s, m) = conditioner(x_a, context),
 *
 *   z_a = x_a,   z_b = x_b exp(s) + m,   log|det dz/dx| = sum s,   s = 3 tanh(raw / 3).
 *
 * The last layer of the conditioner starts at zero, so that the coupling starts as the identity.
 *
 * @throws LiouvilleError 'invalid-argument' for features in `kept` that are not there, twice there, or all.
 */
export function affineCoupling(options: AffineCouplingOptions): Transform {
  const { dim, kept } = options;
  const changed = Array.from({ length: dim }, (_, i) => i).filter((i) => !kept.includes(i));
  if (changed.length === 0 || kept.length + changed.length !== dim) {
    throw new LiouvilleError(
      'invalid-argument',
      `kept: expected different features below ${dim}, not all of them; got [${kept.join(', ')}].`,
    );
  }
  // Where feature i is found after the two parts are put side by side.
  const places = Array.from({ length: dim }, (_, i) => [...kept, ...changed].indexOf(i));

  const parts = (scope: Scope, x: Value, context: Value | null): Parts => {
    const a = ops.take(x, kept);
    const { logScale, shift } = conditioner(scope, a, context, changed.length, options);
    return { a, b: ops.take(x, changed), logScale, shift };
  };
  const together = (a: Value, b: Value): Value => ops.take(ops.concat([a, b]), places);

  return bijection({
    dim,
    contextDim: options.contextDim,
    forward: (scope, x, context) =>
      within(scope.path, () => {
        const { a, b, logScale, shift } = parts(scope, x, context);
        const moved = ops.add(ops.mul(b, ops.exp(logScale)), shift);
        return { x: together(a, moved), logDet: ops.sum(logScale, 'n') };
      }),
    inverse: (scope, z, context) =>
      within(scope.path, () => {
        const { a, b, logScale, shift } = parts(scope, z, context);
        const moved = ops.mul(ops.sub(b, shift), ops.exp(ops.neg(logScale)));
        return { x: together(a, moved), logDet: ops.neg(ops.sum(logScale, 'n')) };
      }),
  });
}

interface Parts {
  readonly a: Value;
  readonly b: Value;
  readonly logScale: Value;
  readonly shift: Value;
}

/** With nothing to condition on (one feature, no context) scale and shift are the network of a constant. */
function conditioner(
  scope: Scope,
  kept: Value,
  context: Value | null,
  count: number,
  options: AffineCouplingOptions,
): { logScale: Value; shift: Value } {
  const seen = [kept, ...(context === null ? [] : [context])].filter((part) => part.n > 0);
  const input = seen.length > 0 ? ops.concat(seen) : constant([1], { k: 1, n: 1 });
  const output = mlp(scope.at('conditioner'), input, {
    hidden: options.hidden,
    outputs: 2 * count,
    activation: options.activation,
    last: { initialise: zeros },
  });
  const raw = ops.slice(output, 0, count);
  return {
    logScale: ops.mul(logScaleBound, ops.tanh(ops.div(raw, logScaleBound))),
    shift: ops.slice(output, count, count),
  };
}
