import { chain, depth, widths } from '../flow/index.ts';
import type { Flow, ModelOptions } from '../flow/index.ts';
import { additiveCoupling } from './coupling.ts';
import { rescaling } from './elementwise.ts';
import { cycled } from './masks.ts';
import type { MaskCycle } from './masks.ts';
import { discreteModel } from './model.ts';

/** Options of `nice`. */
export interface NiceOptions extends ModelOptions {
  /** Coupling layers; default 4. */
  readonly layers?: number;
  /** Widths of the hidden layers of each conditioner; default [64, 64]. */
  readonly hidden?: readonly number[];
  /** What each coupling keeps, see `masks.cycled`; default 'alternating'. */
  readonly masks?: MaskCycle;
}

/**
 * NICE (Dinh, Krueger, Bengio: NICE: Non-linear Independent Components Estimation, 2014): additive couplings that keep the
 * even and the odd features in turn, and a trained scale for each feature at the end.
 *
 * @throws LiouvilleError 'invalid-argument' or 'unknown-name', naming the option.
 */
export function nice(options: NiceOptions): Flow {
  return discreteModel('nice', options, ['layers', 'hidden', 'masks'], (dim, contextDim) => {
    const hidden = widths('hidden', options.hidden ?? [64, 64]);
    const couplings = Array.from({ length: depth('layers', options.layers ?? 4) }, (_, i) =>
      additiveCoupling({
        dim,
        contextDim,
        kept: cycled(options.masks ?? 'alternating', dim, i),
        hidden,
        activation: 'relu',
        // Additive couplings at the identity have no gradient on data that is symmetric about the axes: E[x_b h(x_a)] = 0.
        start: 'random',
      }),
    );
    return chain([...couplings, rescaling(dim)]);
  });
}
