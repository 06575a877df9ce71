import { chain, depth, widths } from '../flow/index.ts';
import type { Flow, ModelOptions } from '../flow/index.ts';
import { coupling } from './coupling.ts';
import { luMap } from './linear.ts';
import { autoregressiveLayers } from './maf.ts';
import { alternating } from './masks.ts';
import { discreteModel } from './model.ts';
import { spline } from './spline.ts';
import type { SplineOptions } from './spline.ts';

export interface NsfOptions extends ModelOptions, SplineOptions {
  /** Layers; default 5. */
  readonly layers?: number;
  /** Widths of the hidden layers of each network; default [64, 64]. */
  readonly hidden?: readonly number[];
}

/**
 * The neural spline flow with couplings (Durkan et al.: Neural Spline Flows, NeurIPS 2019, RQ-NSF (C)): an LU map, then a
 * coupling of rational-quadratic splines, in turn.
 *
 * @throws LiouvilleError 'invalid-argument' or 'unknown-name', naming the option.
 */
export function nsf(options: NsfOptions): Flow {
  return discreteModel('nsf', options, nsfOptions, (dim, contextDim) => {
    const hidden = widths('hidden', options.hidden ?? [64, 64]);
    const univariate = spline(options);
    const layers = Array.from({ length: depth('layers', options.layers ?? 5) }, (_, i) => [
      luMap({ dim, seed: i }),
      coupling({ dim, contextDim, kept: alternating(dim, i), hidden, activation: 'relu', univariate }),
    ]);
    return chain(layers.flat());
  });
}

/**
 * The autoregressive neural spline flow (RQ-NSF (AR)): rational-quadratic splines by MADEs, in the order of the features and
 * the opposite one in turn.
 *
 * @throws LiouvilleError 'invalid-argument' or 'unknown-name', naming the option.
 */
export function nsfAr(options: NsfOptions): Flow {
  const { bins: _bins, bound: _bound, ...rest } = options;
  return discreteModel('nsf-ar', options, nsfOptions, (dim, contextDim) =>
    chain(autoregressiveLayers(rest, spline(options), dim, contextDim)),
  );
}

const nsfOptions = ['layers', 'hidden', 'bins', 'bound'];
