import { cnfFm, ffjord, flowMatching, otflow, regularised } from '../cnf/index.ts';
import {
  fitGaussian,
  gaussian,
  glow,
  iaf,
  maf,
  naf,
  nice,
  nsf,
  nsfAr,
  planarFlow,
  radialFlow,
  realNVP,
  residualFlow,
  sylvesterFlow,
} from '../discrete/index.ts';
import type { Flow, ModelOptions, Objective } from '../flow/index.ts';
import type { Matrix } from '../matrix.ts';

/** How a model is made and trained when only its name and dimension are known. */
export interface Preset {
  readonly create: (options: ModelOptions) => Flow;
  /** Adam's learning rate after the warm-up. */
  readonly learningRate: (dim: number) => number;
  /** What training makes small; default: the likelihood. */
  readonly objective?: Objective;
  /** Maximum likelihood in closed form, where there is one: nothing is then trained step by step. */
  readonly fit?: (flow: Flow, x: Matrix) => void;
}

/** Hidden layers that grow with the data: the papers' tables take 64 to 512 for 2 to 784 features. */
function hiddenFor(dim: number): readonly number[] {
  const width = dim <= 16 ? 64 : dim <= 100 ? 128 : 512;
  return [width, width];
}

/**
 * A field for flow matching. Sines of the row with doubling rates up to 8 reach the width of the thinnest toy; with many
 * features they would be most of the network.
 */
function matchedField(dim: number): { hidden: readonly number[]; rowFrequencies: number } {
  if (dim > 16) return { hidden: [128, 128, 128], rowFrequencies: 0 };
  return { hidden: [64, 64, 64], rowFrequencies: dim <= 3 ? 4 : 3 };
}

const slower = (dim: number): number => (dim <= 3 ? 5e-3 : 1e-3);

/** Better than 0.005 on checkerboard and 2spirals (glow: pinwheel) in 600 steps; 0.02 is no better for all of them. */
const faster = (dim: number): number => (dim <= 3 ? 1e-2 : 1e-3);

/** Contractions move little in a step, so that toys want `rate`: for residual blocks of 0.005, 0.01 and 0.025 the best on pinwheel. */
const contraction =
  (rate: number) =>
  (dim: number): number =>
    dim <= 3 ? rate : 5e-3;

/** Every model that the command line knows, by name, with its preset for a dimension. */
export const presets: Readonly<Record<string, Preset>> = {
  gaussian: { create: gaussian, learningRate: () => 1e-2, fit: fitGaussian },
  ffjord: {
    create: (options) => ffjord({ ...options, hidden: [64, 64, 64] }),
    learningRate: (dim) => (dim <= 3 ? 2e-2 : 1e-2),
  },
  'cnf-fm': {
    create: (options) =>
      cnfFm({ ...options, ...matchedField(options.dim), activation: 'swish', timeFrequencies: 3 }),
    learningRate: (dim) => (dim <= 3 ? 2e-2 : 1e-2),
    // Ten draws make a step cost 8 ms and allow those rates: with one draw and 0.005 the KL on moons is 0.13 after 800 steps,
    // with ten and 0.01 0.02. Pairing 400 rows at least cost takes 50 ms a step and more.
    objective: flowMatching({ coupling: 'independent', draws: 10 }),
  },
  otflow: {
    create: (options) => otflow({ ...options, width: options.dim <= 3 ? 32 : 64 }),
    learningRate: (dim) => (dim <= 3 ? 1e-2 : 2e-3),
    // The paper's weights of transport cost and HJB penalty beside the likelihood: 1 and 5 against 100.
    objective: regularised({ kinetic: 0.005, hjb: 0.05 }),
  },
  realnvp: {
    create: (options) => realNVP({ ...options, layers: 8, hidden: [64, 64] }),
    learningRate: (dim) => (dim <= 3 ? 5e-3 : 1e-3),
  },
  nice: {
    create: (options) => nice({ ...options, layers: 8, hidden: hiddenFor(options.dim) }),
    learningRate: faster,
  },
  glow: {
    create: (options) => glow({ ...options, layers: 8, hidden: hiddenFor(options.dim) }),
    learningRate: faster,
  },
  maf: {
    create: (options) => maf({ ...options, layers: 5, hidden: hiddenFor(options.dim) }),
    learningRate: faster,
  },
  iaf: {
    create: (options) => iaf({ ...options, layers: 5, hidden: hiddenFor(options.dim) }),
    learningRate: slower,
  },
  nsf: {
    create: (options) => nsf({ ...options, layers: 5, hidden: hiddenFor(options.dim) }),
    learningRate: faster,
  },
  'nsf-ar': {
    create: (options) => nsfAr({ ...options, layers: 5, hidden: hiddenFor(options.dim) }),
    learningRate: faster,
  },
  naf: {
    create: (options) => naf({ ...options, layers: 2, hidden: hiddenFor(options.dim) }),
    learningRate: faster,
  },
  // In 500 steps 0.1 halves the KL of 0.025 on circles and pinwheel; 0.2 is no better for all of them.
  planar: {
    create: (options) => planarFlow({ ...options, layers: 32 }),
    learningRate: contraction(0.1),
  },
  radial: {
    create: (options) => radialFlow({ ...options, layers: 32 }),
    learningRate: contraction(0.1),
  },
  residual: {
    create: (options) => residualFlow({ ...options, layers: 8, hidden: [64, 64] }),
    learningRate: contraction(0.025),
  },
  sylvester: {
    create: (options) => sylvesterFlow({ ...options, layers: 16 }),
    learningRate: contraction(0.05),
  },
};
