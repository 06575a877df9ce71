// node bench/pointcloud/evaluate.mjs --data chairs.npz [--clouds 400] [--engine E] [--threads N] [--pairs N] [--json FILE]: MMD, COV
// and 1-NNA under the exact earth mover's distance, of the first so many clouds against the next so many; and what all
// distances would take, from so many pairs of them. CPU seconds are those of all threads: they hold on a busy machine.

import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { evaluateClouds, pairwiseDistances, selectClouds } from '../../dist/pointcloud/index.js';
import { cpuSeconds, readSet } from './common.mjs';

const { values } = parseArgs({
  options: {
    data: { type: 'string' },
    clouds: { type: 'string', default: '400' },
    engine: { type: 'string', default: 'auto' },
    threads: { type: 'string' },
    pairs: { type: 'string', default: '64' },
    json: { type: 'string' },
  },
});
if (values.data === undefined) throw new Error('--data: expected a file of clouds.');
const count = Number(values.clouds);
const set = await readSet(values.data);
if (set.count < 2 * count) throw new Error(`--clouds: expected up to ${Math.floor(set.count / 2)}.`);

const all = {
  data: set.data,
  dim: 3,
  offsets: Uint32Array.from({ length: set.count + 1 }, (_, i) => i * set.points),
};
/** @param {number} first */
const from = (first) =>
  selectClouds(
    all,
    Array.from({ length: count }, (_, i) => first + i),
  );
const [samples, reference] = [from(0), from(count)];
const engine = /** @type {'auto'} */ (values.engine);
const threads = values.threads === undefined ? undefined : Number(values.threads);

/**
 * @template T
 * @param {() => Promise<T>} body
 */
async function timed(body) {
  const [start, cpu] = [performance.now(), cpuSeconds()];
  const result = await body();
  return { result, wallSeconds: (performance.now() - start) / 1000, cpuSeconds: cpuSeconds() - cpu };
}

// Pairs from everywhere, so that they are as near and far as all are.
const side = Math.max(1, Math.round(Math.sqrt(Number(values.pairs))));
const some = Array.from({ length: side }, (_, i) => Math.floor(((i + 0.5) * count) / side));
const [left, right] = [selectClouds(samples, some), selectClouds(reference, some)];
const distance = 'earth-mover';
const sample = await timed(() => pairwiseDistances(left, right, { distance, engine, threads }));
const perPair = sample.cpuSeconds / side ** 2;

let last = performance.now();
const search = await timed(() =>
  evaluateClouds(samples, reference, {
    distances: [distance],
    engine,
    threads,
    onProgress: (done, total) => {
      if (performance.now() - last < 10_000) return;
      last = performance.now();
      console.error(`${done} of ${total} pairs`);
    },
  }),
);
const { pairs, ...scores } = /** @type {import('../../src/pointcloud/index.ts').SetDistances} */ (
  search.result.distances[distance]
);
const report = {
  clouds: count,
  points: set.points,
  pairs,
  cpuMillisecondsPerPair: 1000 * perPair,
  cpuMinutesForAll: (perPair * pairs.all) / 60,
  cpuMinutes: search.cpuSeconds / 60,
  wallMinutes: search.wallSeconds / 60,
  scores,
};
console.log(JSON.stringify(report, null, 2));
if (values.json !== undefined) writeFileSync(values.json, `${JSON.stringify(report, null, 2)}\n`);
