// Lorenz's system from 0 to 100 at 1e-8, one by one with every method, and 100,000 of them on the native engine.
//
//   npm run build && node bench/ode/lorenz.mjs [--ensemble] [--rows 100000] [--to 1] [--threads N]
//     [--precision float64] [--peak GFLOPS]
//
// --ensemble: only these. --peak: the multiply-add peak of the machine in double precision, as `npm run bench` measures it.

import { parseArgs } from 'node:util';
import { library } from '../library.mjs';

const { solve, solveEnsemble, textField } = library;
const { values } = parseArgs({
  options: {
    rows: { type: 'string', default: '100000' },
    to: { type: 'string', default: '1' },
    threads: { type: 'string' },
    precision: { type: 'string', default: 'float64' },
    ensemble: { type: 'boolean', default: false },
    peak: { type: 'string' },
  },
});
const median = (/** @type {number[]} */ numbers) =>
  Number(numbers.toSorted((p, q) => p - q)[numbers.length >> 1]);

/** @type {import('../../src/ode/index.ts').OdeField} */
const lorenz = (_t, y, dydt) => {
  const a = Number(y[0]);
  const b = Number(y[1]);
  const c = Number(y[2]);
  dydt[0] = 10 * (b - a);
  dydt[1] = a * (28 - c) - b;
  dydt[2] = a * b - (8 / 3) * c;
};
function single() {
  console.log('| solver | milliseconds, median of 15 | steps | evaluations |\n| --- | --- | --- | --- |');
  for (const solver of ['dopri5', 'tsit5', 'vern7', 'dop853', 'vern8', 'vern9', 'odex', 'adams']) {
    const options = { solver, rtol: 1e-8, atol: 1e-8, maxSteps: 1_000_000 };
    const times = [];
    let last = solve(lorenz, [1, 0, 0], 0, 100, options);
    for (let i = 0; i < 15; i++) {
      const began = performance.now();
      last = solve(lorenz, [1, 0, 0], 0, 100, options);
      times.push(performance.now() - began);
    }
    console.log(`| ${solver} | ${median(times).toFixed(2)} | ${last.steps} | ${last.nfe} |`);
  }
}
if (!values.ensemble) single();

const rows = Number(values.rows);
const system = await textField('[10*(y[1]-y[0]), y[0]*(28-y[2])-y[1], y[0]*y[1]-8/3*y[2]]');
const starts = Float64Array.from({ length: 3 * rows }, (_, i) => 1 + 1e-3 * Math.sin(i));
const options = {
  engine: /** @type {const} */ ('native'),
  solver: 'dopri5',
  rtol: 1e-6,
  atol: 1e-6,
  precision: /** @type {'float32' | 'float64'} */ (values.precision),
  threads: values.threads === undefined ? undefined : Number(values.threads),
};
await solveEnsemble(system, starts, 0, Number(values.to), options);
const times = [];
let evaluations = 0;
let attempts = 0;
for (let i = 0; i < 3; i++) {
  const began = performance.now();
  const { nfe, steps, rejected } = await solveEnsemble(system, starts, 0, Number(values.to), options);
  times.push((performance.now() - began) / 1000);
  evaluations = nfe.reduce((sum, count) => sum + count, 0);
  attempts = steps.reduce((sum, count, row) => sum + count + Number(rejected[row]), 0);
}
// A field: 8 operations. A step of dopri5: 21 + 7 coefficients, three components, one multiply-add each, and six for h.
const operations = 8 * evaluations + attempts * 3 * 2 * (28 + 6);
const rate = operations / median(times) / 1e9;
console.log(
  `\n${rows} systems to t = ${values.to} in ${median(times).toFixed(3)} s: ${rate.toFixed(1)} GFLOP/s, ` +
    `${attempts} attempted steps`,
);
if (values.peak !== undefined) {
  console.log(`${((100 * rate) / Number(values.peak)).toFixed(0)}% of the multiply-add peak`);
}
