// Ensembles of several fields and sizes on the native engine, beside `solve` row by row.
//
//   npm run build && node bench/ode/ensembles.mjs [--threads N] [--precision float64] [--write]

import { readFileSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { library } from '../library.mjs';
import { fill, short, table } from '../markdown.mjs';

const { solve, solveEnsemble, textField } = library;
const { values } = parseArgs({
  options: {
    threads: { type: 'string' },
    precision: { type: 'string', default: 'float64' },
    write: { type: 'boolean', default: false },
  },
});
const threads = values.threads === undefined ? undefined : Number(values.threads);
const precision = /** @type {'float32' | 'float64'} */ (values.precision);

const neighbours = (/** @type {number} */ i) =>
  `sin(y[${(i + 1) % 20}]-y[${i}])+sin(y[${(i + 19) % 20}]-y[${i}])`;

/**
 * The field as text, and by hand for `solve`.
 *
 * @typedef {object} Case
 * @property {string} name
 * @property {string} text
 * @property {import('../../src/ode/index.ts').OdeField} plain
 * @property {number} to
 */
/** @type {readonly Case[]} */
const cases = [
  {
    name: 'Lorenz',
    text: '[10*(y[1]-y[0]), y[0]*(28-y[2])-y[1], y[0]*y[1]-8/3*y[2]]',
    plain: (_t, y, dydt) => {
      const [a, b, c] = [Number(y[0]), Number(y[1]), Number(y[2])];
      dydt[0] = 10 * (b - a);
      dydt[1] = a * (28 - c) - b;
      dydt[2] = a * b - (8 / 3) * c;
    },
    to: 1,
  },
  {
    name: 'Van der Pol, mu = 1',
    text: '[y[1], (1-y[0]^2)*y[1]-y[0]]',
    plain: (_t, y, dydt) => {
      const [a, b] = [Number(y[0]), Number(y[1])];
      dydt[0] = b;
      dydt[1] = (1 - a * a) * b - a;
    },
    to: 10,
  },
  {
    name: 'Brusselator',
    text: '[1+y[0]^2*y[1]-4*y[0], 3*y[0]-y[0]^2*y[1]]',
    plain: (_t, y, dydt) => {
      const [a, b] = [Number(y[0]), Number(y[1])];
      dydt[0] = 1 + a * a * b - 4 * a;
      dydt[1] = 3 * a - a * a * b;
    },
    to: 10,
  },
  {
    name: 'ring of 20 phases',
    text: `[${Array.from({ length: 20 }, (_, i) => neighbours(i)).join()}]`,
    plain: (_t, y, dydt) => {
      for (let i = 0; i < 20; i++) {
        const at = Number(y[i]);
        dydt[i] = Math.sin(Number(y[(i + 1) % 20]) - at) + Math.sin(Number(y[(i + 19) % 20]) - at);
      }
    },
    to: 5,
  },
];

const tolerances = { solver: 'dopri5', rtol: 1e-6, atol: 1e-6 };

/**
 * The median of the milliseconds of a few runs, of which the first is not counted.
 *
 * @param {() => unknown} run
 */
async function millisecondsOf(run) {
  const times = [];
  const until = performance.now() + 1000;
  for (let i = 0; i < 4 || (i < 100 && performance.now() < until); i++) {
    const began = performance.now();
    await run();
    times.push(performance.now() - began);
  }
  times.shift();
  return Number(times.toSorted((p, q) => p - q)[times.length >> 1]);
}

const lines = [];
for (const { name, text, plain, to } of cases) {
  const system = await textField(text);
  const startsOf = (/** @type {number} */ rows) =>
    Float64Array.from({ length: system.dim * rows }, (_, i) => 1 + 0.5 * Math.sin(i));
  const some = startsOf(1000);
  const alone = await millisecondsOf(() => {
    for (let row = 0; row < 1000; row++) {
      solve(plain, some.subarray(row * system.dim, (row + 1) * system.dim), 0, to, tolerances);
    }
  });
  const cells = [name, short(alone)];
  for (const rows of [10, 1000, 100_000]) {
    const starts = startsOf(rows);
    const options = /** @type {const} */ ({ ...tolerances, engine: 'native', precision, threads });
    const took = await millisecondsOf(() => solveEnsemble(system, starts, 0, to, options));
    const perRow = (took / rows) * 1000;
    cells.push(`${short(perRow)} (${short(alone / perRow)}x)`);
  }
  lines.push(cells);
}
const head = ['field', '`solve`, µs a row', '10 rows, µs a row', '1,000 rows', '100,000 rows'];
const text = table(head, lines);
console.log(text);
if (values.write) {
  const document = new URL('../../docs/ode.md', import.meta.url);
  writeFileSync(document, fill(readFileSync(document, 'utf8'), { ensembles: text }));
}
