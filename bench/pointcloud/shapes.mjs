// Single shapes: a flow for the points of one cloud, trained on half of them by flow matching. What it draws is compared
// with the other half by the Chamfer distance, beside what the two halves differ by.
//
//   node bench/pointcloud/shapes.mjs --data single_shapes_8192.npz [--shapes stanford-bunny,teapot]
//     [--steps 16000] [--hidden 128-128-128] [--threads 1] [--seed 0] [--save folder] [--out results.jsonl]

import { appendFileSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { chamfer, cpuSeconds, readArray } from './common.mjs';

const built = (/** @type {string} */ path) => import(new URL(`../../dist/${path}`, import.meta.url).href);
const { cloudNormalisation, denormaliseClouds, fitPointFlow, normaliseClouds, pointFlow, sampleClouds } =
  /** @type {typeof import('../../src/pointcloud/index.ts')} */ (await built('pointcloud/index.js'));
const { save } = /** @type {typeof import('../../src/train/index.ts')} */ (await built('train/index.js'));
const { permutation } = /** @type {typeof import('../../src/random/index.ts')} */ (
  await built('random/index.js')
);

const { values } = parseArgs({
  options: {
    data: { type: 'string' },
    shapes: { type: 'string', default: 'stanford-bunny,armadillo,teapot' },
    steps: { type: 'string', default: '16000' },
    points: { type: 'string', default: '1024' },
    hidden: { type: 'string', default: '128-128-128' },
    frequencies: { type: 'string', default: '6' },
    rate: { type: 'string', default: '5e-3' },
    threads: { type: 'string' },
    seed: { type: 'string', default: '0' },
    save: { type: 'string' },
    out: { type: 'string' },
  },
});
if (values.data === undefined)
  throw new Error('--data is missing: a file with an array of points for each shape');
const seed = Number(values.seed);
const computed = { ...(values.threads !== undefined && { threads: Number(values.threads) }), seed };

for (const shape of values.shapes.split(',')) {
  const {
    data,
    shape: [count = 0],
  } = await readArray(values.data, shape);
  const order = permutation(count, seed, 0);
  const half = (/** @type {number} */ from) => ({
    data: Float64Array.from({ length: (count / 2) * 3 }, (_, i) =>
      Number(data[Number(order[from + Math.floor(i / 3)]) * 3 + (i % 3)]),
    ),
    rows: count / 2,
    cols: 3,
  });
  const [seen, held] = [half(0), half(count / 2)];
  // Rates of sines and cosines are for data of deviation 1.
  const normalisation = cloudNormalisation([seen]);
  const model = pointFlow({
    latentDim: 0,
    decoder: {
      model: 'cnf-fm',
      options: {
        hidden: values.hidden.split('-').map(Number),
        activation: 'swish',
        rowFrequencies: Number(values.frequencies),
        timeFrequencies: 3,
      },
    },
    seed,
  });
  const begun = cpuSeconds();
  const wall = performance.now();
  let sum = 0;
  await fitPointFlow(model, normaliseClouds([seen], normalisation), {
    ...computed,
    decoder: 'flow-matching',
    points: Number(values.points),
    steps: Number(values.steps),
    learningRate: Number(values.rate),
    schedule: 'cosine',
    ema: 0.998,
    onStep: ({ step, loss }) => {
      sum += loss / Number(values.points);
      if (step % 2000 === 0) {
        console.error(`${shape} ${step}: ${(sum / 2000).toFixed(4)}, ${cpuSeconds() - begun} CPU s`);
        sum = 0;
      }
    },
  });
  const [trained, waited] = [cpuSeconds() - begun, (performance.now() - wall) / 1000];
  if (values.save !== undefined) {
    mkdirSync(values.save, { recursive: true });
    await save(model, join(values.save, `${shape}.safetensors`));
  }
  const found = await sampleClouds(model, 1, { ...computed, points: count / 2 });
  const drawn = denormaliseClouds(found, normalisation);
  const own = chamfer(seen.data, held.data);
  const result = {
    shape,
    steps: Number(values.steps),
    parameters: model.parameters.count,
    cpuSeconds: trained,
    wallSeconds: waited,
    chamfer: { samples: chamfer(drawn.data, held.data), own },
    ratio: chamfer(drawn.data, held.data) / own,
  };
  console.log(JSON.stringify(result));
  if (values.out !== undefined) appendFileSync(values.out, `${JSON.stringify(result)}\n`);
}
