import { chain, depth, widths } from '../flow/index.ts';
import type { Flow, ModelOptions } from '../flow/index.ts';
import { coupling } from './coupling.ts';
import { luMap } from './linear.ts';
import { autoregressiveLayers, mafOptions } from './maf.ts';
import type { MafOptions } from './maf.ts';
import { cycled } from './masks.ts';
import type { MaskCycle } from './masks.ts';
import { discreteModel } from './model.ts';
import { spline } from './spline.ts';
import type { SplineOptions } from './spline.ts';

/** Options of `nsf` and `nsfAr`. */
export interface NsfOptions extends ModelOptions, SplineOptions {
  /** Layers; default 5. */
  readonly layers?: number;
  /** Widths of the hidden layers of each network; default [64, 64]. */
  readonly hidden?: readonly number[];
  /** What each coupling keeps, see `masks.cycled`; default 'alternating'. */
  readonly masks?: MaskCycle;
}

/** Options of `nsfAr`. */
export interface NsfArOptions extends MafOptions, SplineOptions {}

/**
 * The neural spline flow with couplings (Durkan et al.: Neural Spline Flows, NeurIPS 2019, RQ-NSF (C)): an LU map, then a
 * coupling of rational-quadratic splines, in turn.
 *
 * @throws LiouvilleError 'invalid-argument' or 'unknown-name', naming the option.
 */
export function nsf(options: NsfOptions): Flow {
  return discreteModel('nsf', options, ['layers', 'hidden', 'masks', ...splineOptions], (dim, contextDim) => {
    const hidden = widths('hidden', options.hidden ?? [64, 64]);
    const univariate = spline(options);
    const layers = Array.from({ length: depth('layers', options.layers ?? 5) }, (_, i) => [
      luMap({ dim, seed: i }),
      coupling({
        dim,
        contextDim,
        kept: cycled(options.masks ?? 'alternating', dim, i),
        hidden,
        activation: 'relu',
        univariate,
      }),
    ]);
    return chain(layers.flat());
  });
}

/**
 * The autoregressive neural spline flow (RQ-NSF (AR)): rational-quadratic splines by MADEs, in orders that change
 * from layer to layer.
 *
 * @throws LiouvilleError 'invalid-argument' or 'unknown-name', naming the option.
 */
export function nsfAr(options: NsfArOptions): Flow {
  return discreteModel('nsf-ar', options, [...mafOptions, ...splineOptions], (dim, contextDim) =>
    chain(autoregressiveLayers(options, spline(options), dim, contextDim)),
  );
}

const splineOptions = ['bins', 'bound'];
