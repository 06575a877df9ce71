import { actNorm, chain, depth, widths } from '../flow/index.ts';
import type { Flow, ModelOptions } from '../flow/index.ts';
import { affineCoupling } from './coupling.ts';
import { luMap } from './linear.ts';
import { halves } from './masks.ts';
import { discreteModel } from './model.ts';

/** Options of `glow`. */
export interface GlowOptions extends ModelOptions {
  /** Steps of flow; default 8. */
  readonly layers?: number;
  /** Widths of the hidden layers of each conditioner; default [64, 64]. */
  readonly hidden?: readonly number[];
}

/**
 * Glow (Kingma and Dhariwal: Glow: Generative Flow with Invertible 1x1 Convolutions, NeurIPS 2018) for rows: steps of actNorm,
 * an LU map that mixes all features, and an affine coupling that keeps the first half.
 *
 * @throws LiouvilleError 'invalid-argument' or 'unknown-name', naming the option.
 */
export function glow(options: GlowOptions): Flow {
  return discreteModel('glow', options, ['layers', 'hidden'], (dim, contextDim) => {
    const hidden = widths('hidden', options.hidden ?? [64, 64]);
    const steps = Array.from({ length: depth('layers', options.layers ?? 8) }, (_, i) => [
      actNorm({ dim }),
      luMap({ dim, seed: i, bias: false }),
      affineCoupling({ dim, contextDim, kept: halves(dim, 0), hidden, activation: 'relu' }),
    ]);
    return chain(steps.flat());
  });
}
