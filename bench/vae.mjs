// A variational autoencoder of binary MNIST with one posterior: training, then bounds of log p(x) of the test images, beside
// the published 86.55 (no flow) and 82.82 (FFJORD).
//
//   node bench/vae.mjs --data ../shared/data/mnist/mnist.npz --posterior none|planar|sylvester|iaf|cnf [--epochs 10]
//     [--threads 1] [--seed 1] [--rows 300] [--samples 100] [--run FOLDER] [--out FILE.json]
//
// The grey levels are binarised once, by a seed, as the papers' file was. The first 50,000 images train, the other 10,000
// choose the epoch that is kept, the test images are only looked at in the end: all 10,000 for the evidence lower bound, the
// first --rows for the importance-weighted bound with --samples draws. Seconds of the processor are printed, since
// other things may go on beside it.

import { readFileSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';

const built = (/** @type {string} */ path) => import(new URL(`../dist/${path}`, import.meta.url).href);
const library = /** @type {typeof import('../src/index.ts')} */ (await built('index.js'));
const { decodeNpz } = /** @type {typeof import('../src/files/index.ts')} */ (await built('files/index.js'));
const { networkField } = library;
const {
  autoregressive,
  binarise,
  chain,
  constant,
  continuous,
  fit,
  invert,
  planar,
  sylvester,
  univariates,
  vae,
} = library;

const { values } = parseArgs({
  options: {
    data: { type: 'string', default: '../shared/data/mnist/mnist.npz' },
    posterior: { type: 'string', default: 'none' },
    epochs: { type: 'string', default: '10' },
    batch: { type: 'string', default: '128' },
    steps: { type: 'string' },
    threads: { type: 'string', default: '1' },
    seed: { type: 'string', default: '1' },
    rows: { type: 'string', default: '300' },
    samples: { type: 'string', default: '100' },
    run: { type: 'string' },
    out: { type: 'string' },
  },
});

const [latentDim, contextDim] = [32, 128];
const of = { dim: latentDim, contextDim };
const several = (/** @type {number} */ count) => Array.from({ length: count }, (_, i) => i);
const forwards = several(latentDim);
/** @type {Record<string, () => import('../src/index.ts').Transform | undefined>} */
const posteriors = {
  none: () => undefined,
  planar: () => chain(several(16).map(() => invert(planar(of)))),
  sylvester: () =>
    chain(several(4).map(() => invert(sylvester({ ...of, form: 'householder', reflections: 8 })))),
  iaf: () =>
    chain(
      several(4).map((i) => {
        const order = i % 2 === 0 ? forwards : forwards.toReversed();
        return invert(autoregressive({ ...of, order, univariate: univariates.affine(2), hidden: [128] }));
      }),
    ),
  cnf: () =>
    continuous({
      ...of,
      field: networkField({ hidden: [64, 64], layer: 'concatsquash', activation: 'tanh' }),
      fieldPath: 'field',
      endTime: () => constant([1], { k: 1, n: 1 }),
    }),
};
const make = posteriors[values.posterior];
if (make === undefined) throw new Error(`--posterior: one of ${Object.keys(posteriors).join(', ')}`);

const bytes = readFileSync(values.data);
const train = await images('x_train');
const [training, validation] = [rowsOf(train, 0, 50_000), rowsOf(train, 50_000, 60_000)];
const test = await images('x_test');

const seed = Number(values.seed);
const posterior = make();
const model = vae({
  dim: 784,
  latentDim,
  contextDim,
  hidden: [300],
  ...(posterior && { posterior }),
  seed,
});
const batchSize = Number(values.batch);
const perEpoch = Math.floor(training.rows / batchSize);
const steps = Number(values.steps ?? Number(values.epochs) * perEpoch);
const threads = Number(values.threads);
// Tight enough that a bound is not moved by the solver in the digits that are given.
const solver = { rtol: 1e-3, atol: 1e-3 };
const result = await fit(model, training, {
  steps,
  batchSize,
  learningRate: 1e-3,
  schedule: 'cosine',
  validation,
  validateEvery: Math.min(steps, perEpoch),
  seed,
  threads,
  ...solver,
  ...(values.run !== undefined && { checkpoint: values.run, resume: false }),
  onStep({ step, loss, validation: found, nfe }) {
    if (found === undefined && step % 500 !== 0) return;
    console.log(step, loss.toFixed(2), found?.toFixed(2) ?? '', nfe?.toFixed(1) ?? '', `${cpu()} s`);
  },
});
const trained = cpu();

/** @type {import('../src/index.ts').BoundOptions} */
const evaluated = { threads, trace: 'exact', rtol: 1e-4, atol: 1e-4, seed: 7 };
const elbo = await model.bound(test, evaluated);
const samples = Number(values.samples);
const some = rowsOf(test, 0, Number(values.rows));
const weighted = await model.bound(some, { ...evaluated, samples });
const found = {
  posterior: values.posterior,
  parameters: model.parameters.count,
  epochs: steps / perEpoch,
  validation: result.bestValidation,
  negativeElbo: summary(elbo.map((value) => -value)),
  // The difference of the two bounds on the same rows is known far better than the bound on those few.
  weightedLess: {
    ...summary(weighted.map((value, row) => value - Number(elbo[row]))),
    samples,
    rows: some.rows,
  },
  cpuSeconds: { training: trained, evaluation: cpu() - trained },
};
console.log(JSON.stringify(found, null, 1));
if (values.out !== undefined) writeFileSync(values.out, `${JSON.stringify(found)}\n`);

async function images(/** @type {string} */ key) {
  const { data, shape } = await decodeNpz(bytes, key, values.data);
  const rows = Number(shape[0]);
  const grey = new Float64Array(data);
  for (let i = 0; i < grey.length; i++) grey[i] = Number(grey[i]) / 255;
  return binarise({ data: grey, rows, cols: 784 }, { seed: key === 'x_train' ? 11 : 12 });
}

/** @param {import('../src/index.ts').Matrix} x @param {number} from @param {number} to */
function rowsOf({ data, cols }, from, to) {
  return { data: data.subarray(from * cols, to * cols), rows: to - from, cols };
}

function summary(/** @type {Float64Array} */ all) {
  const mean = all.reduce((a, b) => a + b, 0) / all.length;
  const square = all.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (all.length - 1);
  return { mean, standardError: Math.sqrt(square / all.length) };
}

function cpu() {
  const { user, system } = process.cpuUsage();
  return Math.round((user + system) / 1e6);
}
