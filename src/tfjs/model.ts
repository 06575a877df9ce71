import type { Tensor } from '@tensorflow/tfjs-core';
import { LiouvilleError } from '../errors.ts';

/** What is used of a model of tfjs-layers. */
export interface TensorLayers {
  /** Calls the model with its inputs, in their order. */
  apply(inputs: Tensor | Tensor[]): unknown;
}

/** A function of one tensor, or a model of tfjs-layers with one input. */
export type TensorModel = ((x: Tensor) => Tensor) | TensorLayers;

/** Either as a function. */
export function callable<F extends (...inputs: Tensor[]) => Tensor>(
  model: F | TensorLayers,
  what: string,
): (...inputs: Parameters<F>) => Tensor {
  if (typeof model === 'function') return (...inputs) => (model as F)(...inputs);
  if (typeof (model as { apply?: unknown } | null)?.apply !== 'function') {
    throw new LiouvilleError(
      'invalid-argument',
      `${what}: expected a function of tensors or a model of tfjs-layers; got ${typeof model}.`,
    );
  }
  return (...inputs) => model.apply(inputs.length === 1 ? inputs[0]! : inputs) as Tensor;
}
