import { continuous, ffjord, networkField, otflow, potentialField } from '../../src/cnf/index.ts';
import type { FfjordOptions, NetworkFieldOptions } from '../../src/cnf/index.ts';
import { affineCoupling, gaussian, masks, realNVP } from '../../src/discrete/index.ts';
import type { CouplingOptions, RealNvpOptions } from '../../src/discrete/index.ts';
import { discreteModels, discreteTransforms } from './discrete-transforms.ts';
import { actNorm, chain, createFlow, invert, movingBatchNorm, standardNormal } from '../../src/flow/index.ts';
import type { Flow, Transform } from '../../src/flow/index.ts';
import { filled } from '../../src/nn/index.ts';
import { constant, ops } from '../../src/program/index.ts';
import { namedStream, normal } from '../../src/random/index.ts';

// The laws hold on every engine; LIOUVILLE_ENGINE chooses another one to show it on.
process.env['LIOUVILLE_ENGINE'] ??= 'reference';

/** A flow that the laws are asked of. Its parameters are random, none of them zero. */
export interface FlowCase {
  readonly name: string;
  readonly flow: Flow;
  /** It solves an ODE: it has a trace to estimate and steps to take. */
  readonly continuous: boolean;
}

/** A case of which the transform is at hand. The others are made by constructors, and can be saved and loaded. */
export interface TransformCase extends FlowCase {
  readonly transform: Transform;
}

export const transformCases: readonly TransformCase[] = Object.entries(transforms()).map(
  ([name, transform]) => {
    const continuous = transform.steps('forward', '').some((step) => step.kind === 'solve');
    return { name, flow: perturbed(flowOf(transform)), transform, continuous };
  },
);

export const modelCases: readonly FlowCase[] = Object.entries(models()).map(([name, flow]) => {
  return { name, flow: perturbed(flow), continuous: ['ffjord', 'otflow'].includes(flow.name) };
});

/** Every transform and every model, in several shapes: the one list that the laws walk over. */
export const allCases: readonly FlowCase[] = [...transformCases, ...modelCases];

export const continuousCases = allCases.filter((x) => x.continuous);

/** float64, and tolerances near the rounding of the solver. */
export const tight = { precision: 'float64', rtol: 1e-10, atol: 1e-10, trace: 'exact' } as const;

export function flowOf(transform: Transform): Flow {
  const configuration = { model: 'of a test', options: {} };
  return createFlow({ name: 'of a test', transform, base: standardNormal(transform.dim), configuration });
}

/** Moves every parameter at random, since some layers begin at zero. */
export function perturbed(flow: Flow, seed = 1): Flow {
  const { flat } = flow.parameters;
  for (let i = 0; i < flat.length; i++) flat[i] = flat[i]! + 0.3 * normal(seed, namedStream('perturbed'), i);
  return flow;
}

function coupling(dim: number, kept: readonly number[], more: Partial<CouplingOptions> = {}): Transform {
  return affineCoupling({ dim, contextDim: 0, kept, hidden: [8], activation: 'tanh', ...more });
}

interface OdeOptions extends Partial<NetworkFieldOptions> {
  readonly contextDim?: number;
  readonly endTime?: number;
  readonly trained?: boolean;
}

function ode(dim: number, options: OdeOptions = {}): Transform {
  const { contextDim = 0, endTime = 0.5, trained = false, ...network } = options;
  const shape = { k: 1, n: 1 };
  return continuous({
    dim,
    contextDim,
    field: networkField({ hidden: [8], layer: 'concatsquash', activation: 'tanh', ...network }),
    fieldPath: 'field',
    endTime: (scope) =>
      trained
        ? ops.square(scope.parameter('sqrt_end_time', shape, filled(Math.sqrt(endTime))))
        : constant([endTime], shape),
  });
}

function couplings(dim: number, layers: number, more: Partial<CouplingOptions> = {}): Transform {
  return chain(Array.from({ length: layers }, (_, i) => coupling(dim, masks.alternating(dim, i), more)));
}

function transforms(): Record<string, Transform> {
  const plain: Record<string, Transform> = {
    'coupling of 1': coupling(1, []),
    'coupling of 1 with context': coupling(1, [], { contextDim: 2 }),
    'coupling of 2, keeps the first': coupling(2, [0]),
    'coupling of 2, keeps the second, no hidden layer': coupling(2, [1], { hidden: [] }),
    'coupling of 2, keeps none': coupling(2, []),
    'coupling of 3, keeps the outer two, relu': coupling(3, [2, 0], { activation: 'relu' }),
    'coupling of 7 with context, softplus': coupling(7, [2, 5], { contextDim: 3, activation: 'softplus' }),
    'couplings of 2': couplings(2, 4),
    'couplings of 7, two hidden layers': couplings(7, 3, { hidden: [6, 5] }),
    'ode of 1': ode(1),
    'ode of 2, concatsquash, tanh': ode(2, { hidden: [8, 6] }),
    'ode of 2, concat, softplus, trained end time': ode(2, {
      layer: 'concat',
      activation: 'softplus',
      trained: true,
    }),
    'ode of 3 with context': ode(3, { contextDim: 2, endTime: 0.8 }),
    'ode of 7, concat, tanh': ode(7, { layer: 'concat', endTime: 0.3 }),
    'two odes of 2, the second with a trained end time': chain([ode(2), ode(2, { trained: true })]),
    'couplings around an ode': chain([coupling(3, [1]), ode(3), coupling(3, [0, 2])]),
    'couplings and odes with context, some without': chain([
      ode(2, { contextDim: 2 }),
      coupling(2, [0]),
      coupling(2, [1], { contextDim: 2 }),
      ode(2, { layer: 'concat' }),
    ]),
    ...discreteTransforms(),
    'moving batch norm of 1': movingBatchNorm({ dim: 1 }),
    'batch norm and act norm around an ode': chain([
      movingBatchNorm({ dim: 2 }),
      ode(2),
      actNorm({ dim: 2 }),
    ]),
    'ode of 2, ignore, softplus': ode(2, { layer: 'ignore', activation: 'softplus' }),
    'ode of 3, concat_v2, gelu, with context': ode(3, {
      layer: 'concat_v2',
      activation: 'gelu',
      contextDim: 1,
    }),
    'ode of 2, squash, swish, two layers': ode(2, { layer: 'squash', activation: 'swish', hidden: [5, 4] }),
    'ode of 2, concatcoord, sin': ode(2, { layer: 'concatcoord', activation: 'sin' }),
    'ode of 2, blend, identity': ode(2, { layer: 'blend', activation: 'identity' }),
    'ode of 2, hyper, square': ode(2, { layer: 'hyper', activation: 'square', hidden: [3], endTime: 0.2 }),
    'ode of 2, concatsquash, with Fourier features of time': ode(2, { timeFrequencies: 2 }),
    'ode of 2, concatsquash, with Fourier features of the row': ode(2, { rowFrequencies: 2 }),
    'potential field of 2': continuous({
      dim: 2,
      field: potentialField({ width: 5, layers: 3, rank: 2 }),
      fieldPath: 'potential',
      endTime: () => constant([0.7], { k: 1, n: 1 }),
    }),
    'a chain of chains': chain([chain([coupling(2, [0]), invert(ode(2))]), invert(couplings(2, 2))]),
  };
  const inverted = Object.entries(plain).map(([name, transform]) => [
    `inverse of ${name}`,
    invert(transform),
  ]);
  return { ...plain, ...(Object.fromEntries(inverted) as Record<string, Transform>) };
}

function models(): Record<string, Flow> {
  const cnf = (options: FfjordOptions): Flow => ffjord({ hidden: [8], ...options });
  const nvp = (options: RealNvpOptions): Flow => realNVP({ hidden: [8], layers: 3, ...options });
  return {
    'ffjord of 1': cnf({ dim: 1 }),
    'ffjord of 2, two blocks, trained end times': cnf({ dim: 2, blocks: 2, trainEndTime: true, seed: 3 }),
    'ffjord of 3 with context, concat, softplus': cnf({
      dim: 3,
      contextDim: 2,
      hidden: [7, 6],
      layer: 'concat',
      activation: 'softplus',
      endTime: 0.7,
    }),
    'ffjord of 2, gates that see the context': cnf({
      dim: 2,
      contextDim: 3,
      hidden: [6, 5],
      conditioning: 'layers',
    }),
    'ffjord of 2, residual, batch norm, swish': cnf({
      dim: 2,
      blocks: 2,
      residual: true,
      batchNorm: true,
      activation: 'swish',
      endTime: 0.25,
    }),
    'ffjord of 4, autoencoder, act norm, residual, with context': cnf({
      dim: 4,
      contextDim: 2,
      hidden: [6, 2, 6],
      autoencoder: true,
      actNorm: true,
      residual: true,
      layer: 'hyper',
    }),
    'otflow of 1': otflow({ dim: 1, width: 4, layers: 1 }),
    'otflow of 3 with context, trained end time': otflow({
      dim: 3,
      contextDim: 2,
      width: 5,
      layers: 3,
      trainEndTime: true,
      endTime: 0.5,
    }),
    'gaussian of 1': gaussian({ dim: 1 }),
    'gaussian of 2': gaussian({ dim: 2 }),
    'gaussian of 5 with context': gaussian({ dim: 5, contextDim: 2 }),
    ...discreteModels(),
    'realnvp of 1': nvp({ dim: 1 }),
    'realnvp of 2': nvp({ dim: 2, layers: 4 }),
    'realnvp of 7 with context': nvp({ dim: 7, contextDim: 3, seed: 5 }),
  };
}
