import {
  chain,
  createFlow,
  depth,
  refuseUnknown,
  standardNormal,
  wholeNumber,
  widths,
} from '../flow/index.ts';
import type { Flow, ModelOptions } from '../flow/index.ts';
import { affineCoupling } from './coupling.ts';
import { cycled } from './masks.ts';
import type { MaskCycle } from './masks.ts';

/** Options of `realNVP`. */
export interface RealNvpOptions extends ModelOptions {
  /** Coupling layers; default 8. */
  readonly layers?: number;
  /** Widths of the hidden layers of each conditioner; default [64, 64]. */
  readonly hidden?: readonly number[];
  /** What each coupling keeps, see `masks.cycled`; default 'alternating'. */
  readonly masks?: MaskCycle;
}

/**
 * RealNVP (Dinh, Sohl-Dickstein, Bengio: Density estimation using Real NVP, ICLR 2017) for rows: affine
 * couplings that keep the even and the odd features in turn. A single feature is conditioned on the context.
 *
 * @throws LiouvilleError 'invalid-argument' or 'unknown-name', naming the option.
 * @example
 * const flow = realNVP({ dim: 2 });
 * const samples = await flow.sample(1000, { seed: 1 });
 */
export function realNVP(options: RealNvpOptions): Flow {
  refuseUnknown('option of realNVP', options, ['dim', 'contextDim', 'seed', 'layers', 'hidden', 'masks']);
  const dim = wholeNumber('dim', options.dim, 1);
  const contextDim = wholeNumber('contextDim', options.contextDim ?? 0, 0);
  const hidden = widths('hidden', options.hidden ?? [64, 64]);
  const layers = depth('layers', options.layers ?? 8);
  const couplings = Array.from({ length: layers }, (_, layer) =>
    affineCoupling({
      dim,
      contextDim,
      kept: cycled(options.masks ?? 'alternating', dim, layer),
      hidden,
      activation: 'relu',
    }),
  );
  return createFlow({
    name: 'realnvp',
    transform: chain(couplings),
    base: standardNormal(dim),
    configuration: { model: 'realnvp', options: { ...options } },
    seed: options.seed,
  });
}
