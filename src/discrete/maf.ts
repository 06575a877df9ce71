import { LiouvilleError } from '../errors.ts';
import { chain, depth, invert, keyOf, widths } from '../flow/index.ts';
import type { Flow, ModelOptions, Transform } from '../flow/index.ts';
import { autoregressive } from './autoregressive.ts';
import type { HiddenDegrees } from './made.ts';
import { discreteModel } from './model.ts';
import { batchNorm } from './normalisation.ts';
import { randomPermutation } from './permutation.ts';
import { affine } from './univariate.ts';
import type { Univariate } from './univariate.ts';

/**
 * The orders of an autoregressive model, layer by layer: 'alternating' (as they stand, then the other way round), 'same' (as
 * they stand), 'random' (one that is drawn, then the other way round; another for the next two), or a list of orders that the layers go through again and again.
 */
export type OrderCycle = 'alternating' | 'same' | 'random' | readonly (readonly number[])[];

/** Options of `maf` and `iaf`. */
export interface MafOptions extends ModelOptions {
  /** Autoregressive layers; default 5. */
  readonly layers?: number;
  /** Widths of the hidden layers of each network; default [64, 64]. */
  readonly hidden?: readonly number[];
  /** The order of the features in each layer, see `OrderCycle`; default 'alternating'. */
  readonly orders?: OrderCycle;
  /** Which features hidden units may see; a seed draws another way in each layer. Default 'equal'. */
  readonly degrees?: HiddenDegrees;
  /** Batch normalisation after each layer, as in the paper; default false. */
  readonly batchNorm?: boolean;
}

/**
 * The masked autoregressive flow (Papamakarios, Pavlakou, Murray: Masked Autoregressive Flow for Density Estimation,
 * NeurIPS 2017): fast densities; samples cost about as much, in a longer program. With one layer it is the Gaussian
 * autoregressive model by a MADE.
 *
 * @throws LiouvilleError 'invalid-argument' or 'unknown-name', naming the option.
 */
export function maf(options: MafOptions): Flow {
  return discreteModel('maf', options, mafOptions, (dim, contextDim) =>
    chain(autoregressiveLayers(options, affine(), dim, contextDim)),
  );
}

/**
 * The inverse autoregressive flow (Kingma et al.: Improved Variational Inference with Inverse Autoregressive Flow, NeurIPS
 * 2016): a MAF the other way round. Sampling is the short program, the density the long one.
 *
 * @throws LiouvilleError 'invalid-argument' or 'unknown-name', naming the option.
 */
export function iaf(options: MafOptions): Flow {
  return discreteModel('iaf', options, mafOptions, (dim, contextDim) =>
    invert(chain(autoregressiveLayers(options, affine(), dim, contextDim))),
  );
}

export const mafOptions = ['layers', 'hidden', 'orders', 'degrees', 'batchNorm'];

/** Layers of increasing functions by MADEs. */
export function autoregressiveLayers(
  options: MafOptions,
  univariate: Univariate,
  dim: number,
  contextDim: number,
): Transform[] {
  const hidden = widths('hidden', options.hidden ?? [64, 64]);
  if (options.batchNorm !== undefined && typeof options.batchNorm !== 'boolean') {
    throw new LiouvilleError(
      'invalid-argument',
      `batchNorm: expected true or false; got ${String(options.batchNorm)}.`,
    );
  }
  const layers = Array.from({ length: depth('layers', options.layers ?? 5) }, (_, layer) => {
    const order = orderOf(options.orders ?? 'alternating', dim, layer);
    const degrees = typeof options.degrees === 'number' ? options.degrees + layer : options.degrees;
    const part = autoregressive({
      dim,
      contextDim,
      univariate,
      order,
      hidden,
      activation: 'relu',
      ...(degrees !== undefined && { degrees }),
    });
    return options.batchNorm === true ? [part, batchNorm({ dim })] : [part];
  });
  return layers.flat();
}

function orderOf(cycle: OrderCycle, dim: number, layer: number): readonly number[] {
  if (!Array.isArray(cycle)) return named[keyOf('orders', cycle as keyof typeof named, named)](dim, layer);
  const list = cycle as readonly (readonly number[])[];
  // `autoregressive` says what is wrong with one that is not there.
  return list[layer % list.length] ?? [];
}

const asTheyStand = (dim: number): number[] => Array.from({ length: dim }, (_, i) => i);

/** An order, then the opposite one, so that every feature sees every other after two layers. */
const inTurn = (order: number[], layer: number): number[] => (layer % 2 === 0 ? order : order.toReversed());

const named: Readonly<
  Record<'alternating' | 'same' | 'random', (dim: number, layer: number) => readonly number[]>
> = {
  same: asTheyStand,
  alternating: (dim, layer) => inTurn(asTheyStand(dim), layer),
  random: (dim, layer) => inTurn(randomPermutation(dim, Math.floor(layer / 2)), layer),
};
