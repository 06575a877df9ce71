import { bijection, wholeNumber } from '../flow/index.ts';
import type { Transform } from '../flow/index.ts';
import type { Activation } from '../nn/index.ts';
import { ops, within } from '../program/index.ts';
import type { Value } from '../program/index.ts';
import { checkPermutation } from './check.ts';
import { parametric } from './elementwise.ts';
import { made, madeInOrder, maskedLayers, wiringOf } from './made.ts';
import type { HiddenDegrees, MadeOptions } from './made.ts';
import { groupsOf } from './univariate.ts';
import type { Univariate } from './univariate.ts';

/** Options of `autoregressive`. */
export interface AutoregressiveOptions {
  /** Number of features of a row. */
  readonly dim: number;
  /** Width of the conditioning rows, which every feature sees; default 0. */
  readonly contextDim?: number;
  /** The increasing function that takes each feature to its latent; the network gives its parameters. */
  readonly univariate: Univariate;
  /** order[i] = j: feature j is the i-th in the order; default 0, 1, 2, ... */
  readonly order?: readonly number[];
  /** Widths of the hidden layers of the network; default [64, 64]. */
  readonly hidden?: readonly number[];
  /** Default 'relu'. */
  readonly activation?: Activation;
  /** Default 'equal'. */
  readonly degrees?: HiddenDegrees;
}

/**
 * z_i = f(x_i; h_i(x_1, ..., x_i-1, context)) with the h of a MADE, for an increasing f: a masked autoregressive
 * flow (Papamakarios, Pavlakou, Murray: MAF, NeurIPS 2017; Kingma et al.: IAF, NeurIPS 2016, is its `invert`).
 * log|det dz/dx| = sum log f'.
 *
 * The way back computes each hidden unit once, when the features that it sees are known: it costs about as much as the
 * way there, in a program that grows with dim.
 *
 * @throws LiouvilleError 'invalid-argument' when `order` is no permutation.
 */
export function autoregressive(options: AutoregressiveOptions): Transform {
  const { univariate, hidden = [64, 64], activation = 'relu' } = options;
  const dim = wholeNumber('dim', options.dim, 1);
  const contextDim = wholeNumber('contextDim', options.contextDim ?? 0, 0);
  const order = checkPermutation('order', options.order ?? Array.from({ length: dim }, (_, i) => i), dim);
  const degrees = options.degrees ?? 'equal';
  if (degrees !== 'equal' && degrees !== 'cyclic') wholeNumber('degrees', degrees, 0);
  // One feature has none before it: only the context is left to see.
  if (dim === 1) return parametric({ dim, contextDim, univariate, hidden, activation });
  const network: MadeOptions = {
    dim,
    contextDim,
    order,
    hidden,
    activation,
    groups: univariate.groups,
    degrees,
  };
  const wiring = wiringOf(network);
  return bijection({
    dim,
    contextDim,
    forward: (scope, x, context) =>
      within(scope.path, () => {
        const raw = made(maskedLayers(scope.at('conditioner'), network, wiring), x, context);
        const { y, logDerivative } = univariate.forward(x, groupsOf(univariate, raw, dim));
        return { x: y, logDet: ops.sum(logDerivative, 'n') };
      }),
    inverse: (scope, z, context) =>
      within(scope.path, () => {
        const layers = maskedLayers(scope.at('conditioner'), network, wiring);
        const logDerivatives: Value[] = [];
        const x = madeInOrder(layers, wiring, context, network, (j, raw) => {
          const { y, logDerivative } = univariate.inverse(ops.slice(z, j, 1), raw);
          logDerivatives.push(logDerivative);
          return y;
        });
        return { x, logDet: ops.sum(ops.concat(logDerivatives), 'n') };
      }),
  });
}
