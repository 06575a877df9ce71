import {
  autoregressive,
  coupling,
  elementwise,
  masks,
  permutation,
  reversal,
  univariates,
} from '../../src/discrete/index.ts';
import type { AutoregressiveOptions, CouplingOptions, Univariate } from '../../src/discrete/index.ts';
import { bijection, chain, invert } from '../../src/flow/index.ts';
import type { Transform } from '../../src/flow/index.ts';
import { constant, ops, scalar } from '../../src/program/index.ts';

const { additive, affine, spline } = univariates;

/** Every discrete transform, in several shapes: part of the one list that the laws walk over. */
export function discreteTransforms(): Record<string, Transform> {
  return { ...elementwiseTransforms(), ...couplings(), ...autoregressives() };
}

/** Those whose range is not all numbers are followed by the way back from it through another one. */
function elementwiseTransforms(): Record<string, Transform> {
  const { arcsinh, elu, leakyRelu, logit, parametric, prelu, rescaling, sigmoid, softplus } = elementwise;
  return {
    'a permutation of 4': chain([permutation([2, 0, 3, 1]), rescaling(4)]),
    'a reversal of 3': chain([reversal(3), rescaling(3)]),
    'affine of 3': parametric({ dim: 3, univariate: affine() }),
    'affine of 2, by context': parametric({ dim: 2, contextDim: 2, hidden: [4], univariate: affine(1) }),
    'shift of 2, by context': parametric({ dim: 2, contextDim: 3, univariate: additive }),
    'spline of 3': parametric({ dim: 3, univariate: spline({ bins: 5, bound: 2 }) }),
    'spline of 1, by context': parametric({ dim: 1, contextDim: 1, univariate: spline({ bins: 4 }) }),
    'rescaling of 2': rescaling(2),
    'leaky relu of 3': leakyRelu(3, 0.2),
    'prelu of 4': prelu(4),
    'elu of 2, to all numbers': chain([elu(2), shift(2, 1), invert(softplus(2))]),
    'sigmoid and logit of 3': chain([sigmoid(3), logit(3, 1e-4)]),
    'softplus of 2, to all numbers': chain([softplus(2), rescaling(2), invert(softplus(2))]),
    'arcsinh of 3': arcsinh(3),
  };
}

function shift(dim: number, by: number): Transform {
  return bijection({
    dim,
    forward: (_scope, x) => ({ x: ops.add(x, constant([by], { k: 1, n: 1 })), logDet: scalar(0) }),
    inverse: (_scope, z) => ({ x: ops.sub(z, constant([by], { k: 1, n: 1 })), logDet: scalar(0) }),
  });
}

type Coupling = CouplingOptions & { readonly univariate: Univariate };

function couplings(): Record<string, Transform> {
  const of = (dim: number, kept: readonly number[], more: Partial<Coupling>): Transform =>
    coupling({ dim, kept, hidden: [6], activation: 'tanh', univariate: additive, ...more });
  return {
    'additive coupling of 3': of(3, masks.halves(3, 1), {}),
    'additive couplings of 4 and a rescaling': chain([
      ...[0, 1, 2].map((i) => of(4, masks.randomHalves(4, i), {})),
      rescalingOf(4),
    ]),
    'spline coupling of 2': of(2, [1], { univariate: spline({ bins: 4, bound: 3 }) }),
    'spline couplings of 5 with context': chain(
      [0, 1].map((i) =>
        of(5, masks.alternating(5, i), {
          univariate: spline({ bins: 6 }),
          contextDim: 2,
          activation: 'relu',
        }),
      ),
    ),
    'couplings of an image, by chessboard and by channel': chain([
      of(8, masks.checkerboard({ height: 2, width: 2, channels: 2 }, 0), { univariate: affine() }),
      of(8, masks.channels({ height: 2, width: 2, channels: 2 }, 1), { univariate: affine() }),
    ]),
  };
}

const rescalingOf = elementwise.rescaling;

function autoregressives(): Record<string, Transform> {
  const of = (dim: number, more: Partial<AutoregressiveOptions> = {}): Transform =>
    autoregressive({ dim, hidden: [7], activation: 'tanh', univariate: affine(), ...more });
  return {
    'maf of 1': of(1),
    'maf of 1 with context': of(1, { contextDim: 2 }),
    'maf of 2': of(2),
    'maf of 3, no hidden layer': of(3, { hidden: [] }),
    'maf of 4, another order, drawn degrees': of(4, { order: [2, 0, 3, 1], degrees: 3, hidden: [9, 8] }),
    'maf of 5, units fewer than features, relu': of(5, { hidden: [3, 2], activation: 'relu' }),
    'two mafs of 3 with context': chain([
      of(3, { contextDim: 2, hidden: [6, 5] }),
      of(3, { contextDim: 2, order: [2, 1, 0], degrees: 1 }),
    ]),
    'autoregressive splines of 3': of(3, { univariate: spline({ bins: 4, bound: 3 }) }),
    'shifts of 3, autoregressive': of(3, { univariate: additive }),
  };
}
