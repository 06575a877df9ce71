import { constant, ops } from '../program/index.ts';
import type { Scope, Value } from '../program/index.ts';

/**
 * The distribution p_Z of the latent rows, by its density and by what a sample is made of. Both are traced, so a base may
 * have trained parameters (declared at the scope) and see a conditioning row.
 */
export interface Base {
  /** Number of features of a row. */
  readonly dim: number;
  /** What a sample is made of: `noiseDim` independent draws of this distribution for each row. */
  readonly noise: 'normal' | 'uniform';
  /** How many draws a sample is made of. */
  readonly noiseDim: number;
  /** A latent row from its draws, [1, noiseDim] -> [1, dim]. */
  sample(scope: Scope, noise: Value, context: Value | null): Value;
  /** log p_Z(z), nats, [1, 1]. */
  logDensity(scope: Scope, z: Value, context: Value | null): Value;
}

/** N(0, I): log p(z) = -|z|^2 / 2 - dim log(2 pi) / 2. */
export function standardNormal(dim: number): Base {
  return {
    dim,
    noise: 'normal',
    noiseDim: dim,
    sample: (_scope, noise) => noise,
    logDensity(_scope, z) {
      const logNormaliser = constant([-0.5 * dim * Math.log(2 * Math.PI)], { k: 1, n: 1 });
      return ops.add(ops.mul(-0.5, ops.sum(ops.square(z), 'n')), logNormaliser);
    },
  };
}
