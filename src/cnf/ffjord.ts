import { LiouvilleError } from '../errors.ts';
import {
  actNorm,
  chain,
  createFlow,
  depth,
  keyOf,
  movingBatchNorm,
  refuseUnknown,
  standardNormal,
  wholeNumber,
  widths,
} from '../flow/index.ts';
import type { Flow, ModelOptions, Transform } from '../flow/index.ts';
import { activations } from '../nn/index.ts';
import type { Activation } from '../nn/index.ts';
import { continuous } from './continuous.ts';
import { endTimeOf, flag } from './end-time.ts';
import type { EndTimeOptions } from './end-time.ts';
import { autoencoderField, conditionings, networkField, residualField } from './field.ts';
import type { Conditioning } from './field.ts';
import { layers } from './layers.ts';
import type { Layer } from './layers.ts';

/** Options of `ffjord` and `cnfFm`. */
export interface FfjordOptions extends ModelOptions, EndTimeOptions {
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
  /** Moving batch normalisation before, between and after the blocks; default false. */
  readonly batchNorm?: boolean;
  /** Activation normalisation before, between and after the blocks; default false. */
  readonly actNorm?: boolean;
  /** The field is f(t, x) - x; default false. */
  readonly residual?: boolean;
  /** The field is an encoder and a decoder around a bottleneck, in whose space traces are taken; default false. */
  readonly autoencoder?: boolean;
  /** Pairs of a sine and a cosine of the time that the layers see beside it; default 0. */
  readonly timeFrequencies?: number;
  /** Where the context comes in: 'input', or 'layers' as in PointFlow; default 'input'. */
  readonly conditioning?: Conditioning;
  /**
   * Pairs of a sine and a cosine of each feature that the first layer sees beside the row, of rates 1, 2, 4, ... (see
   * `fourierRow`); default 0. With four of them standardised data with thin or sharp parts are learned much faster.
   */
  readonly rowFrequencies?: number;
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
  batchNorm: true,
  actNorm: true,
  residual: true,
  autoencoder: true,
  timeFrequencies: true,
  conditioning: true,
  rowFrequencies: true,
};

/**
 * FFJORD (Grathwohl, Chen, Bettencourt, Sutskever, Duvenaud: FFJORD, ICLR 2019): a continuous normalizing
 * flow whose field is a network of time-dependent layers. Its parameters have the names of the published
 * code's state_dict: `chain.BLOCK.odefunc.diffeq.layers.LAYER._layer.weight` and so on. Where an activation learns a
 * parameter, all layers of all blocks share it, under the name that it has in the first block.
 *
 * @throws LiouvilleError 'invalid-argument' or 'unknown-name', naming the option.
 * @example
 * const flow = ffjord({ dim: 2 });
 * const logLikelihood = await flow.logProb([[0.5, -1]]); // nats
 */
export function ffjord(options: FfjordOptions): Flow {
  return named('ffjord', options);
}

/**
 * The same model with T = 1 by default, under the name of the way in which it is meant to be trained: `flowMatching`.
 *
 * @throws LiouvilleError as `ffjord`.
 */
export function cnfFm(options: FfjordOptions): Flow {
  return named('cnf-fm', { endTime: 1, ...options });
}

function named(name: string, options: FfjordOptions): Flow {
  refuseUnknown(`option of ${name}`, options, Object.keys(optionNames));
  const dim = wholeNumber('dim', options.dim, 1);
  const contextDim = wholeNumber('contextDim', options.contextDim ?? 0, 0);
  const normalisation = normalisationOf(options, dim);
  const autoencoder = flag('autoencoder', options.autoencoder);
  const fieldPath = `odefunc.${autoencoder ? 'autoencoder_diffeq' : 'diffeq'}`;
  const network = {
    hidden: widths('hidden', options.hidden ?? [64, 64, 64]),
    layer: keyOf('layer', options.layer ?? 'concatsquash', layers),
    activation: keyOf('activation', options.activation ?? 'tanh', activations),
    timeFrequencies: wholeNumber('timeFrequencies', options.timeFrequencies ?? 0, 0),
    conditioning: keyOf('conditioning', options.conditioning ?? 'input', conditionings),
    rowFrequencies: wholeNumber('rowFrequencies', options.rowFrequencies ?? 0, 0, 16),
    activationPath: `chain.${normalisation === null ? 0 : 1}.${fieldPath}.activation_fns.0`,
  };
  const plain = autoencoder
    ? autoencoderField(network)
    : { velocity: networkField(network), sideBySide: true };
  const field = flag('residual', options.residual) ? residualField(plain) : plain;
  const block = continuous({ dim, contextDim, field, fieldPath, endTime: endTimeOf(options, 0.5) });
  const blocks = Array.from({ length: depth('blocks', options.blocks ?? 1) }, () => block);
  return createFlow({
    name,
    transform: chain(
      normalisation === null ? blocks : [normalisation, ...blocks.flatMap((each) => [each, normalisation])],
    ),
    base: standardNormal(dim),
    configuration: { model: name, options: { ...options } },
    seed: options.seed,
  });
}

/** Where the blocks stand in the chain: batch normalisation lies before, between and after them. */
export function ffjordBlocks({
  blocks = 1,
  batchNorm = false,
}: Pick<FfjordOptions, 'blocks' | 'batchNorm'>): number[] {
  return Array.from({ length: blocks }, (_, i) => (batchNorm ? 2 * i + 1 : i));
}

/** What stands before, between and after the blocks. */
function normalisationOf(options: FfjordOptions, dim: number): Transform | null {
  const [byBatch, byActivation] = [flag('batchNorm', options.batchNorm), flag('actNorm', options.actNorm)];
  if (byBatch && byActivation) {
    throw new LiouvilleError(
      'invalid-argument',
      'actNorm: expected at most one of batchNorm and actNorm; got both.',
    );
  }
  if (byBatch) return movingBatchNorm({ dim });
  return byActivation ? actNorm({ dim }) : null;
}
