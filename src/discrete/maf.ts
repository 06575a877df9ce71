import { LiouvilleError } from '../errors.ts';
import { chain, depth, invert, widths } from '../flow/index.ts';
import type { Flow, ModelOptions, Transform } from '../flow/index.ts';
import { autoregressive } from './autoregressive.ts';
import { discreteModel } from './model.ts';
import { batchNorm } from './normalisation.ts';
import { affine } from './univariate.ts';
import type { Univariate } from './univariate.ts';

export interface MafOptions extends ModelOptions {
  /** Autoregressive layers, each in the opposite order of the one before; default 5. */
  readonly layers?: number;
  /** Widths of the hidden layers of each network; default [64, 64]. */
  readonly hidden?: readonly number[];
  /** Batch normalisation after each layer, as in the paper; default false. */
  readonly batchNorm?: boolean;
}

/**
 * The masked autoregressive flow (Papamakarios, Pavlakou, Murray: Masked Autoregressive Flow for Density Estimation,
 * NeurIPS 2017): fast densities; samples cost about as much, in a longer program. With one layer it is the Gaussian
 * autoregressive model by a MADE.
 *
 * @throws LiouvilleError 'invalid-argument' or 'unknown-name', naming the option.
 */
export function maf(options: MafOptions): Flow {
  return discreteModel('maf', options, mafOptions, (dim, contextDim) =>
    chain(autoregressiveLayers(options, affine(), dim, contextDim)),
  );
}

/**
 * The inverse autoregressive flow (Kingma et al.: Improved Variational Inference with Inverse Autoregressive Flow, NeurIPS
 * 2016): a MAF the other way round. Sampling is the short program, the density the long one.
 *
 * @throws LiouvilleError 'invalid-argument' or 'unknown-name', naming the option.
 */
export function iaf(options: MafOptions): Flow {
  return discreteModel('iaf', options, mafOptions, (dim, contextDim) =>
    invert(chain(autoregressiveLayers(options, affine(), dim, contextDim))),
  );
}

const mafOptions = ['layers', 'hidden', 'batchNorm'];

/** Layers of increasing functions by MADEs, in the order of the features and the opposite one in turn. */
export function autoregressiveLayers(
  options: MafOptions,
  univariate: Univariate,
  dim: number,
  contextDim: number,
): Transform[] {
  const hidden = widths('hidden', options.hidden ?? [64, 64]);
  if (options.batchNorm !== undefined && typeof options.batchNorm !== 'boolean') {
    throw new LiouvilleError(
      'invalid-argument',
      `batchNorm: expected true or false; got ${String(options.batchNorm)}.`,
    );
  }
  const layers = Array.from({ length: depth('layers', options.layers ?? 5) }, (_, layer) => {
    const order = Array.from({ length: dim }, (_, i) => (layer % 2 === 0 ? i : dim - 1 - i));
    const part = autoregressive({ dim, contextDim, univariate, order, hidden, activation: 'relu' });
    return options.batchNorm === true ? [part, batchNorm({ dim })] : [part];
  });
  return layers.flat();
}
