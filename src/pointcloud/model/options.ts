import { LiouvilleError } from '../../errors.ts';
import { keyOf, refuseUnknown, wholeNumber, widths } from '../../flow/index.ts';
import type { Flow, FlowConfiguration } from '../../flow/index.ts';
import { activations } from '../../nn/index.ts';
import type { Activation } from '../../nn/index.ts';
import type { EncoderShape } from './encoder.ts';

/** Options of `pointFlow`. */
export interface PointFlowOptions {
  /** Coordinates of a point; default 3. */
  readonly dim?: number;
  /** Width of the latent of a shape; default 128. With 0 there is one shape: no encoder and no prior, a decoder alone. */
  readonly latentDim?: number;
  /**
   * The encoder: widths of the layers that every point goes through, the last of which is what is pooled (default
   * [128, 128, 256, 512]), of the hidden layers that follow (default [256, 128]), and their activation (default 'relu').
   */
  readonly encoder?: {
    readonly features?: readonly number[];
    readonly head?: readonly number[];
    readonly activation?: Activation;
  };
  /**
   * p(point | latent): a model by name with its options, or a flow of `dim` features and `latentDim` context, whose
   * parameters are copied. Default: `ffjord` with three layers of 512 whose gates see the latent.
   */
  readonly decoder?: Flow | PartOptions;
  /** p(latent), likewise. Default: `ffjord` with two layers of 256. */
  readonly prior?: Flow | PartOptions;
  /** The latent is a function of the cloud, and not a distribution: an auto-encoder. Default false. */
  readonly deterministic?: boolean;
  /** For the first parameters; default 0. */
  readonly seed?: number;
}

/** A model of the library; `dim` and `contextDim` follow from the place where it stands. */
export type PartOptions = FlowConfiguration;

/** The parts, by what they are when nothing is said: the sizes of the paper. */
const usualDecoder: PartOptions = {
  model: 'ffjord',
  options: { hidden: [512, 512, 512], conditioning: 'layers' },
};
const usualPrior: PartOptions = { model: 'ffjord', options: { hidden: [256, 256] } };

/** Checked options with their defaults filled in. */
export interface PointFlowSettings {
  readonly dim: number;
  readonly latentDim: number;
  readonly deterministic: boolean;
  readonly encoder: EncoderShape;
  readonly decoder: Flow | PartOptions;
  readonly prior: Flow | PartOptions;
  readonly seed: number | undefined;
}

/** Throws 'unknown-name' and 'invalid-argument', naming the option. */
export function pointFlowSettings(options: PointFlowOptions): PointFlowSettings {
  const known = ['dim', 'latentDim', 'encoder', 'decoder', 'prior', 'deterministic', 'seed'];
  refuseUnknown('option of pointFlow', options, known);
  const { encoder = {}, deterministic = false } = options;
  refuseUnknown('option of the encoder', encoder, ['features', 'head', 'activation']);
  if (typeof deterministic !== 'boolean') {
    throw new LiouvilleError(
      'invalid-argument',
      `deterministic: expected true or false; got ${String(deterministic)}.`,
    );
  }
  const features = widths('encoder.features', encoder.features ?? [128, 128, 256, 512]);
  if (features.length === 0) {
    throw new LiouvilleError('invalid-argument', 'encoder.features: expected at least one width.');
  }
  return {
    dim: wholeNumber('dim', options.dim ?? 3, 1, 64),
    latentDim: wholeNumber('latentDim', options.latentDim ?? 128, 0),
    deterministic,
    encoder: {
      features,
      head: widths('encoder.head', encoder.head ?? [256, 128]),
      activation: keyOf('encoder.activation', encoder.activation ?? 'relu', activations),
    },
    decoder: options.decoder ?? usualDecoder,
    prior: options.prior ?? usualPrior,
    seed: options.seed,
  };
}
