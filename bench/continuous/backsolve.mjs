// The discrete gradient beside the continuous adjoints: accuracy, time and memory, as the table of docs/continuous.md.
//
//   node bench/continuous/backsolve.mjs [--rows 8192] [--repeats 3] [--write]
//
// One thread computes; seconds are those of the processor, the least of the repeats. Memory is the peak of a process that
// computes one gradient, beyond one that computes the density of the same rows.

import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { library } from '../library.mjs';
import { fill, short, table } from '../markdown.mjs';

const { ffjord, toy } = library;
const { values } = parseArgs({
  options: {
    rows: { type: 'string', default: '8192' },
    repeats: { type: 'string', default: '3' },
    write: { type: 'boolean', default: false },
    // What a process started by this script computes, and tells its peak memory.
    only: { type: 'string' },
    tolerance: { type: 'string', default: '1e-5' },
  },
});
const flow = ffjord({ dim: 2, hidden: [64, 64, 64], seed: 1 });
flow.parameters.flat.forEach((value, i, flat) => (flat[i] = 1.5 * value));
const draw = toy['moons'];
if (draw === undefined) throw new Error('the toy moons is gone');
const x = draw(Number(values.rows), { seed: 1 });
const common = /** @type {const} */ ({ precision: 'float64', trace: 'exact', threads: 1 });

/**
 * @param {string} kind density, discrete, backsolve or quadrature
 * @param {number} tolerance
 */
async function compute(kind, tolerance) {
  const options = { ...common, rtol: tolerance, atol: tolerance };
  if (kind === 'density') return flow.logProb(x, options);
  const gradient = kind === 'backsolve' || kind === 'quadrature' ? kind : 'discrete';
  return (await flow.lossAndGradient(x, { ...options, gradient })).flat;
}

if (values.only === undefined) await compareGradients();
else {
  await compute(values.only, Number(values.tolerance));
  console.log(process.resourceUsage().maxRSS);
}

async function compareGradients() {
  const truth = await compute('discrete', 1e-11);
  const largest = truth.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  const lines = [];
  for (const tolerance of [1e-3, 1e-5, 1e-7]) {
    const least = peak('density', tolerance);
    for (const gradient of ['discrete', 'backsolve', 'quadrature']) {
      let [seconds, flat] = [Infinity, truth];
      for (let i = 0; i < Number(values.repeats); i++) {
        const began = processorSeconds();
        flat = await compute(gradient, tolerance);
        seconds = Math.min(seconds, processorSeconds() - began);
      }
      const away = flat.reduce((most, value, i) => Math.max(most, Math.abs(value - Number(truth[i]))), 0);
      const memory = (peak(gradient, tolerance) - least) / 1024;
      lines.push([
        tolerance.toExponential(),
        gradient,
        (away / largest).toExponential(1),
        short(seconds),
        memory.toFixed(0),
      ]);
    }
  }
  const head = ['tolerance', 'gradient', 'error, of the largest entry', 'processor seconds', 'memory, MiB'];
  console.log(table(head, lines));
  if (!values.write) return;
  const document = new URL('../../docs/continuous.md', import.meta.url);
  writeFileSync(document, fill(readFileSync(document, 'utf8'), { gradients: table(head, lines) }));
}

/**
 * @param {string} only
 * @param {number} tolerance
 * @returns {number} KiB
 */
function peak(only, tolerance) {
  const here = fileURLToPath(import.meta.url);
  const given = ['--rows', values.rows, '--only', only, '--tolerance', String(tolerance)];
  return Number(execFileSync(process.execPath, [here, ...given], { encoding: 'utf8' }));
}

function processorSeconds() {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
}
