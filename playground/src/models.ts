import { cnfFm, createModel, ffjord, flowMatching, likelihood, modelPreset } from 'liouville';
import type { Flow, Objective } from 'liouville';
import type { FlowName } from './menu.ts';

/** A flow of the menu, small enough to learn while somebody watches. */
export interface Choice {
  readonly create: () => Flow;
  readonly learningRate: number;
  readonly objective: Objective;
}

/** A model by its name on the command line. */
function preset(name: FlowName): Choice {
  return {
    create: () => createModel(name, { dim: 2 }),
    learningRate: modelPreset(name).learningRate(2),
    objective: modelPreset(name).objective ?? likelihood,
  };
}

/** The flows of the menus. */
export const choices: Readonly<Record<FlowName, Choice>> = {
  ffjord: {
    create: () => ffjord({ dim: 2, hidden: [32, 32], rowFrequencies: 1 }),
    learningRate: 2e-2,
    objective: likelihood,
  },
  'cnf-fm': {
    create: () => cnfFm({ dim: 2, hidden: [48, 48] }),
    learningRate: 5e-3,
    objective: flowMatching({ coupling: 'independent' }),
  },
  realnvp: preset('realnvp'),
  nsf: preset('nsf'),
  maf: preset('maf'),
  planar: preset('planar'),
};
