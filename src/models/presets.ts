import { ffjord } from '../cnf/index.ts';
import { fitGaussian, gaussian, realNVP } from '../discrete/index.ts';
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

/** Every model that the command line knows, by name, with its preset for a dimension. */
export const presets: Readonly<Record<string, Preset>> = {
  gaussian: { create: gaussian, learningRate: () => 1e-2, fit: fitGaussian },
  ffjord: {
    create: (options) => ffjord({ ...options, hidden: [64, 64, 64] }),
    learningRate: (dim) => (dim <= 3 ? 1e-2 : 2e-3),
  },
  realnvp: {
    create: (options) => realNVP({ ...options, layers: 8, hidden: [64, 64] }),
    learningRate: (dim) => (dim <= 3 ? 5e-3 : 1e-3),
  },
};
