// The discrete gradient beside the continuous adjoint: accuracy, time and memory, as a table for docs/continuous.md.
//
//   node --expose-gc bench/continuous/backsolve.mjs [--rows 512] [--repeats 5]

import { parseArgs } from 'node:util';

const built = (/** @type {string} */ path) => import(new URL(`../../dist/${path}`, import.meta.url).href);
const { ffjord, toy } = /** @type {typeof import('../../src/index.ts')} */ (await built('index.js'));
const { values } = parseArgs({
  options: { rows: { type: 'string', default: '512' }, repeats: { type: 'string', default: '5' } },
});
const flow = ffjord({ dim: 2, hidden: [64, 64, 64], seed: 1 });
flow.parameters.flat.forEach((value, i, flat) => (flat[i] = 1.5 * value));
const draw = toy['moons'];
if (draw === undefined) throw new Error('the toy moons is gone');
const x = draw(Number(values.rows), { seed: 1 });
const exact = { precision: /** @type {const} */ ('float64'), trace: /** @type {const} */ ('exact') };
const truth = (await flow.lossAndGradient(x, { ...exact, rtol: 1e-11, atol: 1e-11 })).flat;
const largest = truth.reduce((most, value) => Math.max(most, Math.abs(value)), 0);

console.log('| tolerance | gradient | error of the largest entry | seconds | resident memory, MiB |');
console.log('| --- | --- | --- | --- | --- |');
for (const tolerance of [1e-3, 1e-5, 1e-7]) {
  for (const gradient of /** @type {const} */ (['discrete', 'backsolve'])) {
    const options = { ...exact, rtol: tolerance, atol: tolerance, gradient };
    const times = [];
    let flat = truth;
    let memory = 0;
    for (let i = 0; i < Number(values.repeats); i++) {
      globalThis.gc?.();
      const before = process.memoryUsage().rss;
      const began = performance.now();
      flat = (await flow.lossAndGradient(x, options)).flat;
      times.push((performance.now() - began) / 1000);
      memory = Math.max(memory, process.memoryUsage().rss - before);
    }
    const error =
      flat.reduce((most, value, i) => Math.max(most, Math.abs(value - Number(truth[i]))), 0) / largest;
    const seconds = Number(times.toSorted((a, b) => a - b)[Math.floor(times.length / 2)]);
    console.log(
      `| ${tolerance} | ${gradient} | ${error.toExponential(1)} | ${seconds.toPrecision(3)} | ${(memory / 2 ** 20).toFixed(1)} |`,
    );
  }
}
