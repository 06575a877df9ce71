import { chain } from '../flow/index.ts';
import type { Flow, ModelOptions } from '../flow/index.ts';
import { autoregressiveLayers } from './maf.ts';
import { discreteModel } from './model.ts';
import { sigmoidal } from './sigmoidal.ts';
import type { SigmoidalOptions } from './sigmoidal.ts';

export interface NafOptions extends ModelOptions, SigmoidalOptions {
  /** Autoregressive layers, each in the opposite order of the one before; default 2. */
  readonly layers?: number;
  /** Widths of the hidden layers of each network; default [64, 64]. */
  readonly hidden?: readonly number[];
}

/**
 * The neural autoregressive flow (Huang, Krueger, Lacoste, Courville: Neural Autoregressive Flows, ICML 2018): mixtures of
 * sigmoids (`univariates.sigmoidal`) with parameters by MADEs, in the order of the features and the opposite one
 * in turn. Samples are found feature by feature, each as the root of an increasing function.
 *
 * @throws LiouvilleError 'invalid-argument' or 'unknown-name', naming the option.
 */
export function naf(options: NafOptions): Flow {
  const { units: _units, ...rest } = options;
  return discreteModel('naf', options, ['layers', 'hidden', 'units'], (dim, contextDim) =>
    chain(autoregressiveLayers({ layers: 2, ...rest }, sigmoidal(options), dim, contextDim)),
  );
}
