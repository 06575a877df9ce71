import { chain } from '../flow/index.ts';
import type { Flow } from '../flow/index.ts';
import { autoregressiveLayers, mafOptions } from './maf.ts';
import type { MafOptions } from './maf.ts';
import { discreteModel } from './model.ts';
import { sigmoidal } from './sigmoidal.ts';
import type { SigmoidalOptions } from './sigmoidal.ts';

/** As those of `maf`, with 2 layers by default. */
export interface NafOptions extends MafOptions, SigmoidalOptions {}

/**
 * The neural autoregressive flow (Huang, Krueger, Lacoste, Courville: Neural Autoregressive Flows, ICML 2018): mixtures of
 * sigmoids (`univariates.sigmoidal`) with parameters by MADEs. Samples are found feature by feature, each as the root of an increasing function.
 *
 * @throws LiouvilleError 'invalid-argument' or 'unknown-name', naming the option.
 */
export function naf(options: NafOptions): Flow {
  return discreteModel('naf', options, [...mafOptions, 'units'], (dim, contextDim) =>
    chain(autoregressiveLayers({ layers: 2, ...options }, sigmoidal(options), dim, contextDim)),
  );
}
