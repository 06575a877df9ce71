import { depth, keyOf } from '../flow/index.ts';
import type { Flow, ModelOptions, Transform } from '../flow/index.ts';
import { conditioned, discreteModel } from './model.ts';
import { planar, radial } from './planar.ts';
import { sylvester } from './sylvester.ts';
import type { SylvesterForm } from './sylvester.ts';

/** Options of `planarFlow` and `radialFlow`. */
export interface LayeredOptions extends ModelOptions {
  /** How many of them; default 16. */
  readonly layers?: number;
}

/**
 * A chain of planar layers (Rezende and Mohamed, ICML 2015). A context shifts and scales what enters.
 *
 * @throws LiouvilleError 'invalid-argument' or 'unknown-name', naming the option.
 */
export function planarFlow(options: LayeredOptions): Flow {
  return layered('planar', options, (dim) => planar({ dim }));
}

/**
 * A chain of radial layers (Rezende and Mohamed, ICML 2015). A context shifts and scales what enters.
 *
 * @throws LiouvilleError 'invalid-argument' or 'unknown-name', naming the option.
 */
export function radialFlow(options: LayeredOptions): Flow {
  return layered('radial', options, (dim) => radial({ dim }));
}

/** Options of `sylvesterFlow`. */
export interface SylvesterFlowOptions extends ModelOptions {
  /** How many of them; default 8. */
  readonly layers?: number;
  /** Default 'householder'. */
  readonly form?: SylvesterForm;
}

/**
 * A chain of Sylvester layers (van den Berg et al., UAI 2018). A context shifts and scales what enters.
 *
 * @throws LiouvilleError 'invalid-argument' or 'unknown-name', naming the option.
 */
export function sylvesterFlow(options: SylvesterFlowOptions): Flow {
  const forms = { orthogonal: true, householder: true, triangular: true };
  return discreteModel('sylvester', options, ['layers', 'form'], (dim, contextDim) => {
    const form = keyOf('form', options.form ?? 'householder', forms);
    const layers = Array.from({ length: depth('layers', options.layers ?? 8) }, (_, i) =>
      sylvester({ dim, form, reversed: i % 2 === 1 }),
    );
    return conditioned(layers, dim, contextDim);
  });
}

function layered(model: string, options: LayeredOptions, layer: (dim: number) => Transform): Flow {
  return discreteModel(model, options, ['layers'], (dim, contextDim) => {
    const layers = Array.from({ length: depth('layers', options.layers ?? 16) }, () => layer(dim));
    return conditioned(layers, dim, contextDim);
  });
}
