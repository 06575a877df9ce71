import { ffjord } from '../cnf/index.ts';
import { realNVP } from '../discrete/index.ts';
import type { Flow, ModelOptions } from '../flow/index.ts';

/** How a model is made when only its name and dimension are known. */
export type Preset = (options: ModelOptions) => Flow;

/** Every model that the command line knows, by name, with its preset for a dimension. */
export const presets: Readonly<Record<string, Preset>> = {
  /** Two hidden layers, small ones in the plane. */
  ffjord: (options) => ffjord({ ...options, hidden: options.dim <= 3 ? [32, 32] : [64, 64] }),
  realnvp: (options) => realNVP({ ...options, layers: 8, hidden: [32, 32] }),
};
