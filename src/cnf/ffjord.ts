import { LiouvilleError } from '../errors.ts';
import {
  chain,
  createFlow,
  depth,
  keyOf,
  refuseUnknown,
  standardNormal,
  wholeNumber,
  widths,
} from '../flow/index.ts';
import type { Flow, ModelOptions } from '../flow/index.ts';
import { activations, filled } from '../nn/index.ts';
import type { Activation } from '../nn/index.ts';
import { constant, ops } from '../program/index.ts';
import { continuous } from './continuous.ts';
import { networkField } from './field.ts';
import { layers } from './layers.ts';
import type { Layer } from './layers.ts';

export interface FfjordOptions extends ModelOptions {
  /** Widths of the hidden layers of the field; default [64, 64, 64]. */
  readonly hidden?: readonly number[];
  /** How the layers see the time; default 'concatsquash'. */
  readonly layer?: Layer;
  /** Default 'tanh'. */
  readonly activation?: Activation;
  /** Continuous transforms one after the other; default 1. */
  readonly blocks?: number;
  /** T, where the latent space lies; default 0.5. */
  readonly endTime?: number;
  /** Train T, as the square of the parameter sqrt_end_time; default false. */
  readonly trainEndTime?: boolean;
}

const optionNames: { readonly [P in keyof Required<FfjordOptions>]: true } = {
  dim: true,
  contextDim: true,
  seed: true,
  hidden: true,
  layer: true,
  activation: true,
  blocks: true,
  endTime: true,
  trainEndTime: true,
};

/**
 * FFJORD (Grathwohl, Chen, Bettencourt, Sutskever, Duvenaud: FFJORD, ICLR 2019): a continuous normalizing
 * flow whose field is a network of time-dependent layers. Its parameters have the names of the published
 * code's state_dict: `chain.BLOCK.odefunc.diffeq.layers.LAYER._layer.weight` and so on.
 *
 * @throws LiouvilleError 'invalid-argument' or 'unknown-name', naming the option.
 * @example
 * const flow = ffjord({ dim: 2 });
 * const logLikelihood = await flow.logProb([[0.5, -1]]); // nats
 */
export function ffjord(options: FfjordOptions): Flow {
  refuseUnknown('option of ffjord', options, Object.keys(optionNames));
  const dim = wholeNumber('dim', options.dim, 1);
  const contextDim = wholeNumber('contextDim', options.contextDim ?? 0, 0);
  const endTime = options.endTime ?? 0.5;
  if (!(Number.isFinite(endTime) && endTime > 0)) {
    throw new LiouvilleError('invalid-argument', `endTime: expected a positive number; got ${endTime}.`);
  }
  const { trainEndTime = false } = options;
  if (typeof trainEndTime !== 'boolean') {
    throw new LiouvilleError(
      'invalid-argument',
      `trainEndTime: expected true or false; got ${String(trainEndTime)}.`,
    );
  }
  const field = networkField({
    hidden: widths('hidden', options.hidden ?? [64, 64, 64]),
    layer: keyOf('layer', options.layer ?? 'concatsquash', layers),
    activation: keyOf('activation', options.activation ?? 'tanh', activations),
  });
  const shape = { k: 1, n: 1 };
  const block = continuous({
    dim,
    contextDim,
    field,
    fieldPath: 'odefunc.diffeq',
    endTime: (scope) =>
      trainEndTime
        ? ops.square(scope.parameter('sqrt_end_time', shape, filled(Math.sqrt(endTime))))
        : constant([endTime], shape),
  });
  const blocks = depth('blocks', options.blocks ?? 1);
  return createFlow({
    name: 'ffjord',
    transform: chain(Array.from({ length: blocks }, () => block)),
    base: standardNormal(dim),
    configuration: { model: 'ffjord', options: { ...options } },
    seed: options.seed,
  });
}
