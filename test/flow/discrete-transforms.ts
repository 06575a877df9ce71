import {
  autoregressive,
  batchNorm,
  coupling,
  elementwise,
  glow,
  iaf,
  linearMap,
  luMap,
  maf,
  masks,
  naf,
  nice,
  nsf,
  nsfAr,
  orthogonalMap,
  permutation,
  planar,
  planarFlow,
  qrMap,
  radial,
  radialFlow,
  residual,
  residualFlow,
  reversal,
  reversibleBlock,
  sylvester,
  sylvesterFlow,
  triangularMap,
  univariates,
} from '../../src/discrete/index.ts';
import type { AutoregressiveOptions, CouplingOptions, Univariate } from '../../src/discrete/index.ts';
import { actNorm, bijection, chain, invert } from '../../src/flow/index.ts';
import type { Flow, Transform } from '../../src/flow/index.ts';
import { constant, ops, scalar } from '../../src/program/index.ts';

const { additive, affine, sigmoidal, spline } = univariates;

/** Every discrete transform, in several shapes: part of the one list that the laws walk over. */
export function discreteTransforms(): Record<string, Transform> {
  return {
    ...elementwiseTransforms(),
    ...linears(),
    ...couplings(),
    ...autoregressives(),
    ...contractions(),
  };
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
    'sigmoidal of 2': parametric({ dim: 2, univariate: sigmoidal({ units: 3 }) }),
    'sigmoidal of 1, by context': parametric({ dim: 1, contextDim: 1, univariate: sigmoidal({ units: 2 }) }),
    'rescaling of 2': rescaling(2),
    'leaky relu of 3': leakyRelu(3, 0.2),
    'prelu of 4': prelu(4),
    'elu of 2, to all numbers': chain([elu(2), shift(2, 1), invert(softplus(2))]),
    'sigmoid and logit of 3': chain([sigmoid(3), logit(3, 1e-4)]),
    'softplus of 2, to all numbers': chain([softplus(2), rescaling(2), invert(softplus(2))]),
    'arcsinh of 3': arcsinh(3),
    'an increasing function of one of our own, of 2': elementwise.monotone(2, {
      forward: (x) => ops.mul(0.5, ops.sub(ops.exp(x), ops.exp(ops.neg(x)))),
      inverse: (y) => ops.log(ops.add(y, ops.sqrt(ops.add(1, ops.square(y))))),
      logDerivative: (x) => ops.log(ops.mul(0.5, ops.add(ops.exp(x), ops.exp(ops.neg(x))))),
    }),
  };
}

function shift(dim: number, by: number): Transform {
  return bijection({
    dim,
    forward: (_scope, x) => ({ x: ops.add(x, constant([by], { k: 1, n: 1 })), logDet: scalar(0) }),
    inverse: (_scope, z) => ({ x: ops.sub(z, constant([by], { k: 1, n: 1 })), logDet: scalar(0) }),
  });
}

/** Rotations alone would leave the base density as it is. */
function linears(): Record<string, Transform> {
  return {
    'linear map of 3': linearMap({ dim: 3 }),
    'linear map of 1, no bias': linearMap({ dim: 1, bias: false }),
    'linear map of 6 by 3 channels': linearMap({ dim: 6, channels: 3 }),
    'lower triangular map of 4': triangularMap({ dim: 4 }),
    'upper triangular map of 3': triangularMap({ dim: 3, upper: true }),
    'lu map of 4': luMap({ dim: 4, seed: 2 }),
    'lu map of 8 by 2 channels': luMap({ dim: 8, channels: 2 }),
    'lu map of 1': luMap({ dim: 1 }),
    'qr map of 3': qrMap({ dim: 3 }),
    'qr map of 5, two reflections': qrMap({ dim: 5, reflections: 2 }),
    'reflections of 4': chain([rescalingOf(4), orthogonalMap({ dim: 4 }), rescalingOf(4)]),
    'cayley rotation of 3': chain([
      rescalingOf(3),
      orthogonalMap({ dim: 3, form: 'cayley' }),
      rescalingOf(3),
    ]),
    'exponential rotation of 4': chain([
      rescalingOf(4),
      orthogonalMap({ dim: 4, form: 'exponential', bias: false }),
      rescalingOf(4),
    ]),
  };
}

/** Those whose inverse is numerical. */
function contractions(): Record<string, Transform> {
  return {
    'actnorm of 3': actNorm({ dim: 3 }),
    'batch norm of 2': batchNorm({ dim: 2, epsilon: 0.01 }),
    'residual of 1': residual({ dim: 1, hidden: [4], coefficient: 0.6 }),
    'two residuals of 3, the second with context': chain([
      residual({ dim: 3, hidden: [6, 5], coefficient: 0.7 }),
      residual({ dim: 3, hidden: [6], contextDim: 2, coefficient: 0.5 }),
    ]),
    'planar of 1': planar({ dim: 1 }),
    'three planars of 3': chain([0, 1, 2].map(() => planar({ dim: 3 }))),
    'two planars of 2 with context': chain([0, 1].map(() => planar({ dim: 2, contextDim: 3 }))),
    'sylvester of 3 with context': sylvester({ dim: 3, contextDim: 2 }),
    'radial of 1': radial({ dim: 1 }),
    'two radials of 4': chain([0, 1].map(() => radial({ dim: 4 }))),
    'sylvester of 1': sylvester({ dim: 1, form: 'triangular' }),
    'sylvester of 3, reflections': sylvester({ dim: 3 }),
    'sylvester of 4, two columns of a rotation': sylvester({ dim: 4, units: 2, form: 'orthogonal' }),
    'sylvesters of 3, triangular': chain(
      [false, true].map((reversed) => sylvester({ dim: 3, form: 'triangular', reversed })),
    ),
  };
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
    'a reversible block of 5': reversibleBlock({ dim: 5, hidden: [4], activation: 'tanh' }),
    'spline coupling of 2': of(2, [1], { univariate: spline({ bins: 4, bound: 3 }) }),
    'sigmoidal coupling of 3': of(3, [1], { univariate: sigmoidal({ units: 4 }) }),
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
    'autoregressive sigmoids of 3 with context': of(3, {
      univariate: sigmoidal({ units: 3 }),
      contextDim: 1,
      order: [1, 2, 0],
    }),
    'shifts of 3, autoregressive': of(3, { univariate: additive }),
  };
}

/** Small ones of every model that a constructor makes. */
export function discreteModels(): Record<string, Flow> {
  const hidden = [5];
  return {
    'nice of 3': nice({ dim: 3, hidden }),
    'glow of 4': glow({ dim: 4, hidden, layers: 2 }),
    'glow of 2 with context': glow({ dim: 2, hidden, layers: 2, contextDim: 2 }),
    'maf of 3 by name, batch norm': maf({ dim: 3, hidden, layers: 2, batchNorm: true }),
    'maf of 4 by name, random orders and degrees': maf({
      dim: 4,
      hidden: [9],
      layers: 3,
      orders: 'random',
      degrees: 5,
    }),
    'nsf of 4 by name, masks in a cycle': nsf({
      dim: 4,
      hidden,
      layers: 3,
      masks: [[0, 1], [1, 3], [2]],
    }),
    'iaf of 3 by name': iaf({ dim: 3, hidden, layers: 2 }),
    'iaf of 4 by name, with context': iaf({ dim: 4, hidden, layers: 2, contextDim: 1 }),
    'nsf of 4': nsf({ dim: 4, hidden, layers: 2, bins: 4 }),
    'nsf-ar of 3': nsfAr({ dim: 3, hidden, layers: 2, bins: 4, bound: 3 }),
    'naf of 2 by name, with context': naf({ dim: 2, hidden, contextDim: 1, units: 3 }),
    'planar of 2 by name, with context': planarFlow({ dim: 2, layers: 3, contextDim: 2 }),
    'residual of 2 by name': residualFlow({ dim: 2, layers: 2, hidden: [5], coefficient: 0.5 }),
    'radial of 3 by name': radialFlow({ dim: 3, layers: 3 }),
    'sylvester of 3 by name, triangular': sylvesterFlow({ dim: 3, layers: 2, form: 'triangular' }),
  };
}
