import { chain, createFlow, refuseUnknown, standardNormal, wholeNumber } from '../flow/index.ts';
import type { Flow, ModelOptions, Transform } from '../flow/index.ts';
import { parametric } from './elementwise.ts';
import { affine } from './univariate.ts';

/** A flow to the standard normal, its common options checked; `known` names the others that the model has. */
export function discreteModel(
  model: string,
  options: ModelOptions,
  known: readonly string[],
  build: (dim: number, contextDim: number) => Transform,
): Flow {
  refuseUnknown(`option of ${model}`, options, ['dim', 'contextDim', 'seed', ...known]);
  const dim = wholeNumber('dim', options.dim, 1);
  const contextDim = wholeNumber('contextDim', options.contextDim ?? 0, 0);
  return createFlow({
    name: model,
    transform: build(dim, contextDim),
    base: standardNormal(dim),
    configuration: { model, options: { ...options } },
    seed: options.seed,
  });
}

/** Layers that see no context, after a shift and a scale by the context where there is one. */
export function conditioned(layers: readonly Transform[], dim: number, contextDim: number): Transform {
  if (contextDim === 0) return chain(layers);
  const byContext = parametric({ dim, contextDim, hidden: [32], univariate: affine() });
  return chain([byContext, ...layers]);
}
