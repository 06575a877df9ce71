// BSDS300 with a continuous flow: flow matching, then likelihood; the test log-likelihood by the exact trace, and by
// probes over more rows, beside the published 157.40 (FFJORD) and 155.69 (MAF).
//
//   python3 ../shared/data/bsds300/make_bsds300.py OUT
//   node bench/continuous/bsds300.mjs --data OUT [--matching 6000] [--likelihood 2400] [--folder RUN]
//
// A run that was stopped goes on where it was; --evaluate measures what there is. One thread computes, and seconds are
// those of the processor.

import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { files, library } from '../library.mjs';

const { cnfFm, estimateLogProb, fit, fitGaussian, flowMatching, gaussian, load } = library;

const { values } = parseArgs({
  options: {
    data: { type: 'string' },
    matching: { type: 'string', default: '6000' },
    likelihood: { type: 'string', default: '2400' },
    hidden: { type: 'string', default: '256-256' },
    folder: { type: 'string', default: 'liouville-out/bsds300' },
    rows: { type: 'string', default: '1000' },
    'probe-rows': { type: 'string', default: '20000' },
    evaluate: { type: 'boolean', default: false },
  },
});
const { data, folder } = values;
if (data === undefined) throw new Error('--data is needed: the folder that make_bsds300.py wrote');
const threads = 1;
/** As many as two epochs of either stage see; more cost memory only. */
const trainingRows = 500_000;

const train = await table('train', trainingRows);
// Patches are as good as normal in most directions, with variances a thousandfold apart. The Gaussian of greatest
// likelihood takes that away, so that the flow begins with what no affine map can do.
const whitening = gaussian({ dim: train.cols });
fitGaussian(whitening, train);

const matching = join(folder, 'matching');
const likelihood = join(folder, 'likelihood');
if (!values.evaluate) {
  const { z } = await whitening.transform(train, { precision: 'float64', threads });
  const hidden = values.hidden.split('-').map(Number);
  const flow = cnfFm({ dim: train.cols, hidden, activation: 'swish', timeFrequencies: 2, seed: 1 });
  await stage(matching, flow, z, {
    objective: flowMatching({ coupling: 'independent' }),
    steps: Number(values.matching),
    learningRate: 2e-3,
    batchSize: 512,
  });
  await stage(likelihood, flow, z, {
    steps: Number(values.likelihood),
    learningRate: 1e-3,
    batchSize: 256,
    // One probe is noisier than the solver: looser steps train as well, in half the time.
    rtol: 1e-3,
    atol: 1e-3,
    ema: 0.998,
  });
}
await evaluate();

/**
 * @param {string} run
 * @param {import('../../src/flow/index.ts').Flow} flow is changed
 * @param {import('../../src/matrix.ts').Matrix} x
 * @param {import('../../src/train/index.ts').FitOptions} options
 */
async function stage(run, flow, x, options) {
  const finished = join(run, 'model.safetensors');
  if (existsSync(finished)) {
    flow.parameters.flat.set((await load(finished)).parameters.flat);
    return;
  }
  const began = processorSeconds();
  await fit(flow, x, {
    ...options,
    schedule: 'cosine',
    clipNorm: 10,
    threads,
    seed: 1,
    checkpoint: run,
    checkpointEvery: 100,
    resume: existsSync(join(run, 'checkpoint.safetensors')),
    onStep({ step, loss }) {
      if (step % 100 !== 0) return;
      console.error(`${run} ${step}: ${loss.toFixed(2)}, ${(processorSeconds() - began).toFixed(0)} s`);
    },
  });
}

async function evaluate() {
  const flow = await load(join(likelihood, 'model.safetensors'));
  const [exactRows, probeRows] = [Number(values.rows), Number(values['probe-rows'])];
  const test = await table('test', Math.max(exactRows, probeRows));
  const { z, logDet } = await whitening.transform(test, { precision: 'float64', threads });
  const baseline = await whitening.logProb(test, { precision: 'float64', threads });
  report('a Gaussian', [...baseline]);
  const exact = await flow.logProb(first(z, exactRows), { trace: 'exact', threads });
  report(
    'exact trace',
    Array.from(exact, (value, i) => value + Number(logDet[i])),
  );
  const part = first(z, probeRows);
  const found = await estimateLogProb(flow, part, { repeats: 2, probes: 2, threads });
  const ofTrace = Math.sqrt(found.standardError.reduce((sum, value) => sum + value * value, 0)) / probeRows;
  report(
    `two times two probes, which add ${ofTrace.toFixed(3)} to the error`,
    Array.from(found.logProb, (value, i) => value + Number(logDet[i])),
  );
}

/**
 * @param {string} what
 * @param {readonly number[]} logProb
 */
function report(what, logProb) {
  const mean = logProb.reduce((a, b) => a + b) / logProb.length;
  const error = Math.sqrt(logProb.reduce((sum, value) => sum + (value - mean) ** 2, 0)) / logProb.length;
  console.log(`${what}: ${mean.toFixed(2)} nats, standard error ${error.toFixed(2)}, ${logProb.length} rows`);
}

/**
 * @param {'train' | 'test'} name
 * @param {number} rows
 */
async function table(name, rows) {
  const { matrix } = await files.readTable(join(String(data), `${name}.npy`));
  return first(matrix, rows);
}

/**
 * @param {import('../../src/matrix.ts').Matrix} matrix
 * @param {number} most
 */
function first({ data: all, rows, cols }, most) {
  const kept = Math.min(rows, most);
  return { data: all.slice(0, kept * cols), rows: kept, cols };
}

function processorSeconds() {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
}
