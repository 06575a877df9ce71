// The density of 100 rows of a continuous flow by each solver: what those cost that run row by row, beside the engine.
//
//   npm run build && node bench/ode/flow-solvers.mjs [--rows 100] [--tolerance 1e-5]

import { parseArgs } from 'node:util';
import { library } from '../library.mjs';

const { ffjord, toy } = library;
const { values } = parseArgs({
  options: { rows: { type: 'string', default: '100' }, tolerance: { type: 'string', default: '1e-5' } },
});
const rows = toy['moons']?.(Number(values.rows), { seed: 1 });
if (rows === undefined) throw new Error('There are no moons.');
const [rtol, atol] = [Number(values.tolerance), Number(values.tolerance)];
const flow = ffjord({ dim: 2, hidden: [64, 64, 64], seed: 1 });

/** @type {Record<string, { milliseconds: string, mean: string }>} */
const table = {};
for (const solver of /** @type {const} */ (['dopri5', 'adams', 'odex', 'rodas5p', 'kvaerno5'])) {
  /** @type {import('../../src/index.ts').EvaluateOptions} */
  const how = { solver, rtol, atol, trace: 'exact', precision: 'float64', threads: 1 };
  /** @type {number[]} */
  const times = [];
  let mean = 0;
  for (let round = 0; round < 4; round++) {
    const began = performance.now();
    const density = await flow.logProb(rows, how);
    times.push(performance.now() - began);
    mean = density.reduce((sum, value) => sum + value, 0) / density.length;
  }
  // The first round traces and compiles.
  table[solver] = { milliseconds: Math.min(...times.slice(1)).toPrecision(3), mean: mean.toFixed(6) };
}
console.table(table);
