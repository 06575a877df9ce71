// npm run bench -- --tfjs: the engine `tfjs` beside the same field written directly with tfjs operations, on the same backend.
//
// All compute a 2-64-64-64-2 network with softplus (which tfjs can differentiate twice) and one directional derivative,
// from arrays to arrays, in turn. `npm install` brings the backends wasm and cpu; for 'tensorflow', install
// @tensorflow/tfjs-node or @tensorflow/tfjs-node-gpu beside them.

import { createRequire } from 'node:module';
import { directField, forwardByHand } from './tfjs/direct.mjs';
import { registerGradients } from './tfjs/gradients.mjs';
import { ours } from './tfjs/ours.mjs';
import { draws, layers } from './tfjs/network.mjs';

/** @typedef {{ name: string, call: () => Promise<import('./tfjs/network.mjs').Result>, times: number[] }} Contestant */
/** @typedef {{ rows: number, quartiles: Record<string, number[]> }} Measured milliseconds */

const sizes = [100, 1000, 10_000];

/**
 * @param {{ backend: string, seconds: number, say: (text: string) => void }} options seconds: for each contestant and size
 * @returns {Promise<{ backend: string, results: Measured[] }>}
 */
export async function measureTfjs({ backend, seconds, say }) {
  const require = createRequire(import.meta.url);
  const tf = /** @type {import('./tfjs/network.mjs').Tf} */ (require('@tensorflow/tfjs-core'));
  require(backend === 'tensorflow' ? '@tensorflow/tfjs-node' : `@tensorflow/tfjs-backend-${backend}`);
  await tf.setBackend(backend);
  await tf.ready();
  await registerGradients();
  const results = [];
  for (const rows of sizes) {
    say(`tfjs, ${backend}: ${rows} rows`);
    results.push(await contest(tf, rows, seconds));
  }
  return { backend: tf.getBackend(), results };
}

/**
 * @param {Awaited<ReturnType<typeof measureTfjs>>} measured
 * @returns {Record<string, string>}
 */
export function tfjsSections({ backend, results }) {
  const names = Object.keys(results[0]?.quartiles ?? {});
  const lines = results.map(({ rows, quartiles }) => {
    const cells = names.map((name) => {
      const [low, middle, high] = (quartiles[name] ?? []).map((ms) => ms.toPrecision(3));
      return `${middle} (${low} to ${high})`;
    });
    return `| ${[rows.toLocaleString('en'), ...cells].join(' | ')} |`;
  });
  const head = [
    `| ${['rows', ...names].join(' | ')} |`,
    `| ${['rows', ...names].map(() => '---').join(' | ')} |`,
  ];
  return {
    tfjs: [`tfjs on the backend ${backend}; ms, median and quartiles:`, '', ...head, ...lines].join('\n'),
  };
}

/**
 * @param {import('./tfjs/network.mjs').Tf} tf
 * @param {number} rows
 * @param {number} seconds
 * @returns {Promise<Measured>}
 */
async function contest(tf, rows, seconds) {
  const network = layers();
  const x = draws(2 * rows, 1);
  const v = draws(2 * rows, 2);
  /** @type {Contestant[]} */
  const contestants = [
    { name: 'engine `tfjs`', call: ours(network, rows, x, v), times: [] },
    { name: 'tfjs ops, the derivative by hand', call: forwardByHand(tf, network, rows, x, v), times: [] },
    { name: 'tfjs ops with tf.vjp', call: directField(tf, network, rows, x, v), times: [] },
  ];
  const [first, ...others] = await Promise.all(contestants.map(({ call }) => call()));
  for (const other of others) expectSame(first?.value, other.value);
  expectSame(first?.along, others[0]?.along);

  const end = performance.now() + 1000 * seconds * contestants.length;
  for (let round = 0; round < 5 || performance.now() < end; round++) {
    // Whoever follows the one that needs the most memory finds the caches cold: so in any order.
    for (const { call, times } of shuffled(contestants)) {
      const begin = performance.now();
      await call();
      if (round >= 3) times.push(performance.now() - begin);
    }
  }
  return {
    rows,
    quartiles: Object.fromEntries(contestants.map(({ name, times }) => [name, quartiles(times)])),
  };
}

/** @param {number[]} times */
function quartiles(times) {
  const sorted = times.toSorted((a, b) => a - b);
  return [1, 2, 3].map((part) => sorted[(sorted.length * part) >> 2] ?? NaN);
}

/**
 * @template T
 * @param {readonly T[]} list
 * @returns {T[]}
 */
function shuffled(list) {
  return list
    .map((item) => ({ item, key: Math.random() }))
    .toSorted((a, b) => a.key - b.key)
    .map(({ item }) => item);
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
