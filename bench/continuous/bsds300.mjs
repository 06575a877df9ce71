// BSDS300 with a continuous flow: at most `--seconds` of training, then the test log-likelihood with many probes and its
// standard error, beside the published 157.40 (FFJORD) and 155.69 (MAF).
//
//   python3 ../shared/data/bsds300/make_bsds300.py OUT
//   node bench/continuous/bsds300.mjs --train OUT/train.npy --test OUT/test.npy [--seconds 3600] [--rows 2000] [--save FILE]

import { parseArgs } from 'node:util';

const built = (/** @type {string} */ path) => import(new URL(`../../dist/${path}`, import.meta.url).href);
const library = /** @type {typeof import('../../src/index.ts')} */ (await built('index.js'));
const { readTable } = /** @type {typeof import('../../src/files/index.ts')} */ (
  await built('files/index.js')
);
const { cnfFm, estimateLogProb, fit, flowMatching, regularised, save, standardiser } = library;

const { values } = parseArgs({
  options: {
    train: { type: 'string' },
    test: { type: 'string' },
    seconds: { type: 'string', default: '3600' },
    rows: { type: 'string', default: '2000' },
    hidden: { type: 'string', default: '512-512' },
    save: { type: 'string' },
  },
});
if (values.train === undefined || values.test === undefined) throw new Error('--train and --test are needed');
const table = await readTable(values.train);
const test = (await readTable(values.test)).matrix;
const scale = standardiser(table);
const x = scale.apply(table.matrix);
const flow = cnfFm({
  dim: x.cols,
  hidden: values.hidden.split('-').map(Number),
  activation: 'softplus',
  seed: 1,
});

// Two thirds by flow matching, which is simulation-free; the last by likelihood with kinetic and Jacobian penalties.
await stage(
  { objective: flowMatching(), learningRate: 1e-3, batchSize: 512 },
  (2 / 3) * Number(values.seconds),
);
await stage(
  { objective: regularised({ kinetic: 0.01, jacobian: 0.01 }), learningRate: 2e-4, batchSize: 512 },
  Number(values.seconds) / 3,
);
if (values.save !== undefined) await save(flow, values.save);

const rows = Math.min(Number(values.rows), test.rows);
const part = { data: scale.apply(test).data.subarray(0, rows * test.cols), rows, cols: test.cols };
const { logProb, standardError } = await estimateLogProb(flow, part, { repeats: 16, probes: 4 });
const inUnits = logProb.map((value) => value + scale.logDet);
const mean = inUnits.reduce((a, b) => a + b) / rows;
const spread = Math.sqrt(inUnits.reduce((sum, value) => sum + (value - mean) ** 2, 0)) / rows;
const ofTrace = Math.sqrt(standardError.reduce((sum, value) => sum + value * value, 0)) / rows;
console.log(`test log-likelihood ${mean.toFixed(2)} nats, standard error ${spread.toFixed(2)}`);
console.log(
  `of ${rows} rows; of it from the estimate of the trace ${ofTrace.toFixed(3)}; published: FFJORD 157.40, MAF 155.69`,
);

/**
 * @param {{ objective: import('../../src/flow/index.ts').Objective, learningRate: number, batchSize: number }} options
 * @param {number} seconds
 */
async function stage(options, seconds) {
  const probe = 5;
  const began = performance.now();
  await fit(flow, x, { ...options, clipNorm: 10, steps: probe });
  const each = (performance.now() - began) / 1000 / probe;
  const steps = Math.max(probe, Math.floor((seconds - probe * each) / each));
  const { loss } = await fit(flow, x, { ...options, clipNorm: 10, steps, schedule: 'cosine', seed: 1 });
  console.error(`${options.objective.name}: ${steps} steps of ${each.toFixed(3)} s, loss ${loss.toFixed(3)}`);
}
