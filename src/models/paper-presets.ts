import { ffjord, otflow, regularised } from '../cnf/index.ts';
import { maf, naf, nice, nsf, nsfAr, realNVP } from '../discrete/index.ts';
import type { Preset } from './presets.ts';

/** A preset with the sizes of a publication, for the data set that its name ends with. */
export interface PaperPreset extends Preset {
  /** Where the sizes are from, and how the model here differs. */
  readonly source: string;
}

const papamakarios =
  'Papamakarios, Pavlakou, Murray: Masked Autoregressive Flow for Density Estimation, NeurIPS 2017, and its code: the models of ' +
  'five autoregressive or ten coupling layers with two hidden layers';

/** Two hidden layers of this width for each data set; of BSDS300 the smaller one of the two that were tried. */
const widthsOfMaf = { power: 100, gas: 100, hepmass: 512, miniboone: 512, bsds300: 512, mnist: 1024 };

const grathwohl =
  'Grathwohl et al.: FFJORD, ICLR 2019, table of the architectures for tables, and its code; T is trained from 1';

/** Hidden layers, their width by the number of columns, blocks. */
const shapesOfFfjord = {
  power: { layers: 3, factor: 10, blocks: 5, activation: 'tanh' },
  gas: { layers: 3, factor: 20, blocks: 5, activation: 'tanh' },
  hepmass: { layers: 2, factor: 10, blocks: 10, activation: 'softplus' },
  miniboone: { layers: 2, factor: 20, blocks: 1, activation: 'softplus' },
  bsds300: { layers: 3, factor: 20, blocks: 2, activation: 'softplus' },
} as const;

const onken = 'Onken, Wu Fung, Li, Ruthotto: OT-Flow, AAAI 2021, and the commands of its code';

/** Width of the potential, the weights of likelihood and HJB penalty beside a transport cost of 1, learning rate. */
const shapesOfOtflow = {
  power: { width: 128, likelihood: 500, hjb: 5, rate: 3e-2 },
  gas: { width: 350, likelihood: 1200, hjb: 40, rate: 1e-2 },
  hepmass: { width: 256, likelihood: 500, hjb: 40, rate: 2e-2 },
  miniboone: { width: 256, likelihood: 100, hjb: 15, rate: 2e-2 },
  bsds300: { width: 512, likelihood: 2000, hjb: 800, rate: 1e-3 },
};

const durkan =
  'Durkan, Bekasov, Murray, Papamakarios: Neural Spline Flows, NeurIPS 2019, defaults of its code: ten steps, 256 hidden units, eight bins on ' +
  '[-3, 3]; the five layers of its two residual blocks, without their skip connections and dropout';
const splines = { layers: 10, hidden: [256, 256, 256, 256, 256], bins: 8, bound: 3 };

/**
 * Presets with the sizes and learning rates of the papers, as MODEL-DATASET. They take any number of columns; trained
 * for as long as the papers did they need hours, where the presets without a data set are chosen for minutes.
 */
export const paperPresets: Readonly<Record<string, PaperPreset>> = {
  'nice-mnist': {
    create: (options) => nice({ ...options, layers: 4, hidden: Array<number>(5).fill(1000) }),
    learningRate: () => 1e-3,
    source: 'Dinh, Krueger, Bengio: NICE, 2014, section 5.1; a normal base here, a logistic one there',
  },
  ...named('realnvp', widthsOfMaf, (width) => ({
    create: (options) => realNVP({ ...options, layers: 10, hidden: [width, width] }),
    learningRate: () => 1e-4,
    source: `${papamakarios}; without batch normalisation`,
  })),
  ...named('maf', widthsOfMaf, (width) => ({
    create: (options) => maf({ ...options, layers: 5, hidden: [width, width], batchNorm: true }),
    learningRate: () => 1e-4,
    source: `${papamakarios}; rectifiers for GAS too`,
  })),
  'nsf-power': {
    create: (options) => nsf({ ...options, ...splines }),
    learningRate: () => 3e-4,
    source: `${durkan}; the spline for what a coupling keeps is left out`,
  },
  'nsf-ar-power': {
    create: (options) => nsfAr({ ...options, ...splines }),
    learningRate: () => 3e-4,
    source: `${durkan}; orders that alternate where the paper has linear maps`,
  },
  'naf-miniboone': {
    create: (options) => naf({ ...options, layers: 5, hidden: [100], units: 16 }),
    learningRate: () => 1e-4,
    source:
      'Huang, Krueger, Lacoste, Courville: Neural Autoregressive Flows, ICML 2018, defaults of its code; rectifiers for ELU',
  },
  ...named('ffjord', shapesOfFfjord, ({ layers, factor, blocks, activation }) => ({
    create: (options) =>
      ffjord({
        ...options,
        hidden: Array<number>(layers).fill(factor * options.dim),
        blocks,
        activation,
        endTime: 1,
        trainEndTime: true,
      }),
    learningRate: () => 1e-3,
    source: grathwohl,
  })),
  ...named('otflow', shapesOfOtflow, ({ width, likelihood, hjb, rate }) => ({
    create: (options) => otflow({ ...options, width }),
    learningRate: () => rate,
    objective: regularised({ kinetic: 0.5 / likelihood, hjb: hjb / likelihood }),
    source: onken,
  })),
};

/** MODEL-DATASET for each data set of a table of shapes. */
function named<T>(
  model: string,
  shapes: Readonly<Record<string, T>>,
  make: (shape: T) => PaperPreset,
): Record<string, PaperPreset> {
  return Object.fromEntries(Object.entries(shapes).map(([data, shape]) => [`${model}-${data}`, make(shape)]));
}
