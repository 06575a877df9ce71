// A masked autoregressive flow with five layers on BSDS300 or MNIST: the test log-likelihood beside the published one
// (Papamakarios, Pavlakou, Murray: Masked Autoregressive Flow for Density Estimation, NeurIPS 2017, tables 1 and 2).
//
//   python3 ../shared/data/bsds300/make_bsds300.py OUT
//   node bench/discrete/maf.mjs --bsds300 OUT
//   node bench/discrete/maf.mjs --mnist ../shared/data/mnist/mnist.npz
//
// The defaults are those of docs/results.md. Validation chooses the parameters; --steps is the budget.

import { parseArgs } from 'node:util';
import { library } from '../library.mjs';
import { bsds300, mnistLogits, rowsOf } from './data.mjs';

const { values } = parseArgs({
  options: {
    bsds300: { type: 'string' },
    mnist: { type: 'string' },
    layers: { type: 'string', default: '5' },
    hidden: { type: 'string' },
    steps: { type: 'string' },
    batch: { type: 'string' },
    rate: { type: 'string' },
    decay: { type: 'string' },
    ema: { type: 'string' },
    patience: { type: 'string' },
    'batch-norm': { type: 'boolean', default: false },
    threads: { type: 'string', default: '1' },
    save: { type: 'string' },
  },
});
const isMnist = values.mnist !== undefined;
if (isMnist === (values.bsds300 !== undefined)) throw new Error('one of --bsds300 and --mnist is needed');
const usual = isMnist
  ? {
      hidden: '512',
      steps: '600',
      batch: '500',
      rate: '2e-3',
      decay: '0',
      ema: undefined,
      published: -1300.5,
    }
  : {
      hidden: '512-512',
      steps: '2500',
      batch: '512',
      rate: '3e-3',
      decay: '0',
      ema: '0.995',
      published: 155.69,
    };
const { hidden, steps, batch, rate, decay, ema, published } = { ...usual, ...values };
const { train, validation, test, logDet } = isMnist
  ? await mnistLogits(String(values.mnist))
  : await bsds300(String(values.bsds300));

const flow = library.maf({
  dim: train.cols,
  layers: Number(values.layers),
  hidden: hidden.split('-').map(Number),
  batchNorm: values['batch-norm'],
  seed: 1,
});
const common = { threads: Number(values.threads), precision: /** @type {const} */ ('float32') };
const cpu = process.cpuUsage();
const result = await library.fit(flow, train, {
  ...common,
  steps: Number(steps),
  batchSize: Number(batch),
  learningRate: Number(rate),
  weightDecay: Number(decay),
  schedule: 'cosine',
  warmUp: Math.ceil(Number(steps) / 20),
  clipNorm: 10,
  ...(ema !== undefined && { ema: Number(ema) }),
  validation: rowsOf(validation, 0, Math.min(validation.rows, 5000)),
  logDet,
  seed: 1,
  ...(values.patience !== undefined && { patience: Number(values.patience) }),
  onStep({ step, loss }) {
    if (step % 100 === 0)
      console.error(`step ${step}: ${(-loss).toFixed(2)}, ${seconds()} s of processor time`);
  },
});
console.error(`best validation ${(-Number(result.bestValidation)).toFixed(3)} nats`);
if (values.save !== undefined) await library.save(flow, values.save);

let sum = 0;
let squares = 0;
for (let row = 0; row < test.rows; row += 10_000) {
  for (const value of await flow.logProb(rowsOf(test, row, Math.min(row + 10_000, test.rows)), common)) {
    sum += value + logDet;
    squares += (value + logDet) ** 2;
  }
}
const mean = sum / test.rows;
const spread = Math.sqrt((squares / test.rows - mean ** 2) / test.rows);
console.log(
  `test log-likelihood ${mean.toFixed(2)} +- ${(2 * spread).toFixed(2)} nats (two standard errors), published ${published}; ` +
    `${flow.parameters.flat.length} parameters, ${result.steps} steps of ${batch} rows, ${seconds()} s of processor time`,
);

function seconds() {
  const { user, system } = process.cpuUsage(cpu);
  return Math.round((user + system) / 1e6);
}
