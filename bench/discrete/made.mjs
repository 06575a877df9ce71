// A MADE of zeros and ones on binary MNIST: the test log-likelihood beside those of Germain, Gregor, Murray and Larochelle (ICML
// 2015, table 6): -88.40 and -89.59 with one and two hidden layers and one set of masks, -86.64 with two layers and 32 sets.
//
//   node bench/discrete/made.mjs --data ../shared/data/mnist/mnist.npz [--hidden 500] [--masks 1] [--steps 6000] [--batch 200]
//     [--rate 2e-3] [--threads 1] [--seed 1] [--save FILE]
//
// The grey levels are binarised once, by a seed, as the papers' file was. The first 50,000 images train, the other 10,000 choose
// the parameters, the test images are looked at in the end only. Seconds of the processor are printed, since other
// things may go on beside it.

import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { files, library } from '../library.mjs';
import { rowsOf } from './data.mjs';

const { values } = parseArgs({
  options: {
    data: { type: 'string', default: '../shared/data/mnist/mnist.npz' },
    hidden: { type: 'string', default: '500' },
    masks: { type: 'string', default: '1' },
    steps: { type: 'string', default: '6000' },
    batch: { type: 'string', default: '200' },
    rate: { type: 'string', default: '2e-3' },
    threads: { type: 'string', default: '1' },
    seed: { type: 'string', default: '1' },
    save: { type: 'string' },
  },
});
const bytes = readFileSync(values.data);
const train = await images('x_train', 11);
const [training, validation] = [rowsOf(train, 0, 50_000), rowsOf(train, 50_000, 60_000)];
const test = await images('x_test', 12);

const [seed, threads] = [Number(values.seed), Number(values.threads)];
const model = library.bernoulliMade({
  dim: 784,
  masks: Number(values.masks),
  hidden: values.hidden.split('-').map(Number),
  seed,
});
const steps = Number(values.steps);
const { bestValidation } = await library.fit(model, training, {
  steps,
  batchSize: Number(values.batch),
  learningRate: Number(values.rate),
  schedule: 'cosine',
  warmUp: Math.min(200, Math.floor(steps / 10)),
  validation,
  validateEvery: Math.ceil(steps / 15),
  seed,
  threads,
  onStep({ step, loss, validation: found }) {
    if (found !== undefined) console.log(step, loss.toFixed(2), found.toFixed(2), `${cpu()} s`);
  },
});
const trained = cpu();
if (values.save !== undefined) await library.save(model, values.save);

const logProb = await model.logProb(test, { threads });
const mean = logProb.reduce((a, b) => a + b, 0) / logProb.length;
const square = logProb.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (logProb.length - 1);
const found = {
  ...values,
  parameters: model.parameters.count,
  epochs: (steps * Number(values.batch)) / training.rows,
  validation: bestValidation,
  test: { mean, standardError: Math.sqrt(square / logProb.length) },
  cpuSeconds: { training: trained, evaluation: cpu() - trained },
};
console.log(JSON.stringify(found, null, 1));

async function images(/** @type {string} */ key, /** @type {number} */ by) {
  const { data, shape } = await files.decodeNpz(bytes, key, values.data);
  const grey = Float64Array.from(data, (level) => Number(level) / 255);
  return library.binarise({ data: grey, rows: Number(shape[0]), cols: 784 }, { seed: by });
}

function cpu() {
  const { user, system } = process.cpuUsage();
  return Math.round((user + system) / 1e6);
}
