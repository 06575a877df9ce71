// Sets of shapes: PointFlow with a continuous decoder (flow matching) or a discrete one (likelihood), on the same split.
// Trains, keeps the run in a folder and draws as many clouds as there are test clouds.
//
//   node bench/pointcloud/sets.mjs --data modelnet10_chair_vox_2048.npz --recipe cnf --run folder
//     [--steps 3000] [--rate 1e-3] [--points 512] [--prior-weight x] [--hidden 256-256-256] [--test 100] [--threads 1]
//     [--seed 0] [--resume]
//
// --prior-weight is that of prior and entropy in the loss (cnf 0.1, others 1): with little, latents may say more of a shape,
// which a prior that is a flow can follow. --hidden the layers of the continuous decoder.
//
// The folder gets the run of `fit`, split.json, and samples.npy, test.npy and train.npy: arrays [clouds, points, 3] in the
// units of the data, which `liouville pointcloud evaluate` scores.

import { writeFileSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { cpuSeconds, normalised, readSet, splitOf } from './common.mjs';

const built = (/** @type {string} */ path) => import(new URL(`../../dist/${path}`, import.meta.url).href);
const { fitPointFlow, pointFlow, sampleClouds } =
  /** @type {typeof import('../../src/pointcloud/index.ts')} */ (await built('pointcloud/index.js'));
const { encodeNpy } = /** @type {typeof import('../../src/files/index.ts')} */ (
  await built('files/index.js')
);

const { values } = parseArgs({
  options: {
    data: { type: 'string' },
    recipe: { type: 'string', default: 'cnf' },
    run: { type: 'string' },
    steps: { type: 'string', default: '3000' },
    rate: { type: 'string', default: '1e-3' },
    points: { type: 'string', default: '512' },
    'prior-weight': { type: 'string' },
    hidden: { type: 'string', default: '256-256-256' },
    test: { type: 'string', default: '100' },
    threads: { type: 'string' },
    seed: { type: 'string', default: '0' },
    resume: { type: 'boolean', default: false },
  },
});
const { data: file, run } = values;
if (file === undefined || run === undefined) throw new Error('--data and --run are needed');
const seed = Number(values.seed);
const computed = { ...(values.threads !== undefined && { threads: Number(values.threads) }), seed };

const common = { latentDim: 64, encoder: { features: [64, 128, 256], head: [128] }, seed };
const coupling = { layers: 8, hidden: [128, 128] };
/** @type {Record<string, { model: import('../../src/pointcloud/index.ts').PointFlowOptions, training: import('../../src/pointcloud/index.ts').FitPointFlowOptions }>} */
const recipes = {
  cnf: {
    model: {
      ...common,
      decoder: {
        model: 'cnf-fm',
        options: {
          hidden: values.hidden.split('-').map(Number),
          conditioning: 'layers',
          rowFrequencies: 5,
          timeFrequencies: 3,
          activation: 'swish',
        },
      },
      prior: { model: 'cnf-fm', options: { hidden: [256, 256], timeFrequencies: 3, activation: 'swish' } },
    },
    training: { decoder: 'flow-matching', prior: 'flow-matching' },
  },
  nsf: {
    model: {
      ...common,
      decoder: { model: 'nsf', options: { layers: 8, hidden: [64, 64] } },
      prior: { model: 'realnvp', options: coupling },
    },
    training: {},
  },
  realnvp: {
    model: {
      ...common,
      decoder: { model: 'realnvp', options: { layers: 12, hidden: [64, 64] } },
      prior: { model: 'realnvp', options: coupling },
    },
    training: {},
  },
};
const recipe = recipes[values.recipe];
if (recipe === undefined) throw new Error(`--recipe: expected one of ${Object.keys(recipes).join(', ')}`);

const set = await readSet(file);
const { train, test } = splitOf(set, Number(values.test), seed);
const { clouds, mean, scale } = normalised(set, train);
mkdirSync(run, { recursive: true });
writeFileSync(
  join(run, 'split.json'),
  `${JSON.stringify({ data: file, train: Array.from(train), test: Array.from(test), mean, scale })}\n`,
);
for (const [name, numbers] of Object.entries({ train, test })) {
  const size = set.points * 3;
  const parts = Array.from(numbers, (number) => set.data.subarray(number * size, (number + 1) * size));
  const all = Float32Array.from(parts.flatMap((part) => Array.from(part)));
  writeFileSync(join(run, `${name}.npy`), encodeNpy({ shape: [numbers.length, set.points, 3], data: all }));
}
const weight = values['prior-weight'] ?? (values.recipe === 'cnf' ? 0.1 : 1);
const weights = { prior: Number(weight), entropy: Number(weight) };
const model = pointFlow(recipe.model);
const begun = cpuSeconds();
let sum = 0;
const { seconds } = await fitPointFlow(model, clouds(train), {
  ...computed,
  ...recipe.training,
  weights,
  steps: Number(values.steps),
  points: Number(values.points),
  batchSize: 16,
  learningRate: Number(values.rate),
  schedule: 'cosine',
  ema: 0.998,
  checkpoint: run,
  resume: values.resume,
  onStep: ({ step, loss }) => {
    sum += loss;
    if (step % 100 === 0) {
      console.error(`${step}: ${(sum / 100).toFixed(2)}, ${cpuSeconds() - begun} CPU s`);
      sum = 0;
    }
  },
});
const trained = cpuSeconds() - begun;
const count = test.length;
const drawn = await sampleClouds(model, count, { ...computed, points: set.points });
const samples = drawn.data.map((value, i) => value * scale + Number(mean[i % 3]));
writeFileSync(
  join(run, 'samples.npy'),
  encodeNpy({ shape: [count, set.points, 3], data: Float32Array.from(samples) }),
);
const result = {
  recipe: values.recipe,
  parameters: model.parameters.count,
  steps: Number(values.steps),
  trainCpuSeconds: trained,
  trainWallSeconds: seconds,
  sampleCpuSeconds: cpuSeconds() - begun - trained,
};
writeFileSync(join(run, 'costs.json'), `${JSON.stringify(result)}\n`);
console.log(JSON.stringify(result));
