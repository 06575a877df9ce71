import { bijection, wholeNumber } from '../flow/index.ts';
import type { Passage, Transform } from '../flow/index.ts';
import { filled, zeros } from '../nn/index.ts';
import { ops, within } from '../program/index.ts';
import type { Scope, Value } from '../program/index.ts';
import { numberAbove } from './check.ts';

/** Options of `batchNorm`. */
export interface BatchNormOptions {
  /** Number of features of a row. */
  readonly dim: number;
  /** How much a batch counts for the running statistics; default 0.1. */
  readonly momentum?: number;
  /** Added to variances; default 1e-5. */
  readonly epsilon?: number;
}

/**
 * Batch normalisation as a bijection (RealNVP, section 3.7; MAF, section 3.4): with gamma and b trained,
 *
 *   z = (x - m) / sqrt(v + epsilon) exp(gamma) + b,   log|det| = sum gamma - log(v + epsilon) / 2.
 *
 * While training, m and v are mean and variance of the batch, with gradients through both, and the running statistics
 * move towards them; everywhere else m and v are the running statistics.
 *
 * @throws LiouvilleError 'invalid-argument', naming the argument.
 */
export function batchNorm(options: BatchNormOptions): Transform {
  const dim = wholeNumber('dim', options.dim, 1);
  const momentum = numberAbove('momentum', options.momentum ?? 0.1, 0);
  numberAbove('1 - momentum', 1 - momentum, -1e-15);
  const epsilon = numberAbove('epsilon', options.epsilon ?? 1e-5, 0);
  const shape = { k: 1, n: dim };
  const running = (scope: Scope): { mean: Value; variance: Value } => ({
    mean: scope.state('running_mean', shape, zeros),
    variance: scope.state('running_variance', shape, filled(1)),
  });
  const trained = (scope: Scope): { gamma: Value; shift: Value } => ({
    gamma: scope.parameter('log_scale', shape, zeros),
    shift: scope.parameter('shift', shape, zeros),
  });
  const logScaleOf = (gamma: Value, variance: Value): Value =>
    ops.sub(gamma, ops.mul(0.5, ops.log(ops.add(variance, epsilon))));
  const normalise = (scope: Scope, x: Value, mean: Value, variance: Value): Passage =>
    within(scope.path, () => {
      const { gamma, shift } = trained(scope);
      const logScale = logScaleOf(gamma, variance);
      const z = ops.add(ops.mul(ops.sub(x, mean), ops.exp(logScale)), shift);
      return { x: z, logDet: ops.sum(logScale, 'n') };
    });
  return bijection({
    dim,
    forward(scope, x) {
      const { mean, variance } = running(scope);
      return normalise(scope, x, mean, variance);
    },
    inverse: (scope, z) =>
      within(scope.path, () => {
        const { mean, variance } = running(scope);
        const { gamma, shift } = trained(scope);
        const back = ops.neg(logScaleOf(gamma, variance));
        return {
          x: ops.add(ops.mul(ops.sub(z, shift), ops.exp(back)), mean),
          logDet: ops.sum(back, 'n'),
        };
      }),
    batch: {
      apply: (scope, x, _context, { mean, variance }) => normalise(scope, x, mean, variance),
      update(statistics, values) {
        for (const [name, found] of [
          ['running_mean', statistics.mean],
          ['running_variance', statistics.variance],
        ] as const) {
          const kept = values.state(name);
          kept.forEach((value, j) => (kept[j] = value + momentum * (found[j]! - value)));
        }
      },
    },
  });
}
