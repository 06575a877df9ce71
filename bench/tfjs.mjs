// The engine 'tfjs' beside the same field written directly with tfjs operations, on the same backend:
//
//   node bench/tfjs.mjs [--backend wasm|cpu|tensorflow] [--rows 1000] [--seconds 2]
//
// Both compute a 2-64-64-64-2 network with softplus (which tfjs can differentiate twice) and one directional derivative,
// from arrays to arrays, in turn. `npm install` brings the backends wasm and cpu; for 'tensorflow', install
// @tensorflow/tfjs-node or @tensorflow/tfjs-node-gpu beside them.

import { createRequire } from 'node:module';
import { parseArgs } from 'node:util';
import { directField, forwardByHand } from './tfjs/direct.mjs';
import { registerGradients } from './tfjs/gradients.mjs';
import { ours } from './tfjs/ours.mjs';
import { draws, layers } from './tfjs/network.mjs';

const { values } = parseArgs({
  options: {
    backend: { type: 'string', default: 'wasm' },
    rows: { type: 'string', default: '1000' },
    seconds: { type: 'string', default: '2' },
  },
});
const rows = Number(values.rows);
const require = createRequire(import.meta.url);
const tf = /** @type {import('./tfjs/network.mjs').Tf} */ (require('@tensorflow/tfjs-core'));
require(
  values.backend === 'tensorflow' ? '@tensorflow/tfjs-node' : `@tensorflow/tfjs-backend-${values.backend}`,
);
await tf.setBackend(values.backend);
await tf.ready();
await registerGradients();

const network = layers();
const x = draws(2 * rows, 1);
const v = draws(2 * rows, 2);

/** @typedef {{ name: string, call: () => Promise<import('./tfjs/network.mjs').Result>, times: number[] }} Contestant */

/** @type {Contestant[]} */
const contestants = [
  {
    name: 'the engine tfjs: f and its directional derivative',
    call: ours(network, rows, x, v),
    times: [],
  },
  {
    name: 'tfjs operations: f, and the derivative written by hand',
    call: forwardByHand(tf, network, rows, x, v),
    times: [],
  },
  { name: 'tfjs operations: f and tf.vjp', call: directField(tf, network, rows, x, v), times: [] },
];

const [first, ...others] = await Promise.all(contestants.map(({ call }) => call()));
for (const other of others) expectSame(first?.value, other.value);
expectSame(first?.along, others[0]?.along);

const end = performance.now() + 1000 * Number(values.seconds) * contestants.length;
for (let round = 0; round < 5 || performance.now() < end; round++) {
  for (const { call, times } of contestants) {
    const begin = performance.now();
    await call();
    if (round >= 3) times.push(performance.now() - begin);
  }
}
console.log(`backend ${tf.getBackend()}, ${rows} rows, median and quartiles of runs in turn`);
for (const { name, times } of contestants) {
  const sorted = times.toSorted((a, b) => a - b);
  const [low, middle, high] = [1, 2, 3].map((part) =>
    (sorted[(sorted.length * part) >> 2] ?? NaN).toFixed(2),
  );
  console.log(`${String(middle).padStart(9)} ms (${low} to ${high})  ${name}`);
}

/** @typedef {Float32Array | Float64Array | undefined} Numbers */

/**
 * @param {Numbers} found
 * @param {Numbers} expected
 */
function expectSame(found, expected) {
  const [a, b] = [Array.from(found ?? []), Array.from(expected ?? [])];
  const largest = b.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  const wrong = b.findIndex((value, i) => !(Math.abs(value - (a[i] ?? NaN)) <= 1e-4 * largest));
  if (wrong >= 0) throw new Error(`The results differ: ${a[wrong]} and ${b[wrong]} at ${wrong}.`);
}
