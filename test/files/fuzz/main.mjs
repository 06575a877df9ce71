// node test/files/fuzz/main.mjs TARGET INPUTS SEED CORPUS FINDINGS: mutates the files of a corpus and gives them to what
// takes bytes or text (targets.mjs). Inputs that reach new code join the corpus and are kept in FINDINGS/new; the first that breaks a promise is made
// smaller, kept in FINDINGS and ends the run with status 1. The last line on stdout is a summary in JSON.

import { allocated } from './allocations.mjs';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { watchCoverage } from './coverage.mjs';
import { mutated } from './mutate.mjs';
import { makeRandom } from './random.mjs';

const { targets } = await import('./targets.mjs');

const BATCH = 200;
/** Counting blocks makes everything several times slower: it leads the first inputs, to which the others owe their corpus. */
const GUIDED = 20_000;
/** No input has more than 4 KiB, and no file may unpack to more than 64 MiB; a few such arrays may stand side by side. */
const MOST_ALLOCATED = 400 * 2 ** 20;
const SLOWEST_SECONDS = 10;
const MOST_RESIDENT = 1500 * 2 ** 20;

const [name = '', inputs = '1000', seed = '1', folder = '', findings = ''] = process.argv.slice(2);
const load = targets[name];
if (load === undefined) throw new Error(`no target ${name} among ${Object.keys(targets).join(', ')}`);

const { take, words = [] } = await load();
const below = makeRandom(Number(seed));
/** @type {Uint8Array[]} */
const corpus = readdirSync(folder)
  .toSorted()
  .map((file) => new Uint8Array(readFileSync(join(folder, file))));
/** Those that were read: from them the way into a reader is longer than from what is refused at once. @type {Uint8Array[]} */
const valid = [];
mkdirSync(join(findings, 'new'), { recursive: true });

const shared = new SharedArrayBuffer(8 + 4096);
const head = new Int32Array(shared, 0, 2);
const room = new Uint8Array(shared, 8);
const watchdog = new Worker(new URL('watchdog.mjs', import.meta.url), {
  workerData: {
    shared,
    path: join(findings, `${name}-ended`),
    seconds: SLOWEST_SECONDS,
    bytes: MOST_RESIDENT,
  },
});
const coverage = await watchCoverage();
const totals = { read: 0, refused: 0, slowest: 0, largest: 0 };

/**
 * What is wrong with how the reader takes an input; undefined where it keeps its promises.
 * @param {Uint8Array} input
 * @returns {Promise<string | undefined>}
 */
async function judge(input) {
  room.set(input);
  Atomics.store(head, 1, input.length);
  Atomics.add(head, 0, 1);
  allocated.bytes = 0;
  const start = performance.now();
  /** @type {string | undefined} */
  let wrong;
  try {
    await take(input);
    totals.read += 1;
  } catch (error) {
    totals.refused += 1;
    const { name: kind, code, stack } = /** @type {Error & { code?: unknown }} */ (error);
    if (kind !== 'LiouvilleError' || typeof code !== 'string') wrong = `throws ${stack}`;
  }
  totals.slowest = Math.max(totals.slowest, performance.now() - start);
  totals.largest = Math.max(totals.largest, allocated.bytes);
  if (allocated.bytes > MOST_ALLOCATED) wrong ??= `allocates ${allocated.bytes} bytes`;
  return wrong;
}

/**
 * Leaves out what is not needed for an input to go wrong.
 * @param {Uint8Array} input
 * @returns {Promise<Uint8Array>}
 */
async function minimised(input) {
  /** @type {Uint8Array} */
  let small = input;
  for (let size = input.length >> 1; size > 0; size >>= 1) {
    for (let at = 0; at < small.length;) {
      const shorter = Uint8Array.from([...small.subarray(0, at), ...small.subarray(at + size)]);
      if ((await judge(shorter)) === undefined) at += size;
      else small = shorter;
    }
  }
  return small;
}

/**
 * Ends the process when the reader breaks a promise; else whether it read the input.
 * @param {Uint8Array} input
 */
async function tried(input) {
  const { read } = totals;
  const wrong = await judge(input);
  if (wrong === undefined) return totals.read > read;
  const path = join(findings, `${name}-wrong`);
  writeFileSync(path, await minimised(input));
  console.error(`${name} ${wrong}\nkept as ${path}`);
  return process.exit(1);
}

/** @param {readonly Uint8Array[]} inputs */
function pick(inputs) {
  return inputs[below(inputs.length)] ?? new Uint8Array(0);
}

/** @type {Set<string>} */
const reached = new Set();

/** Adds the blocks that ran since the last call; whether any was new. */
async function reachesNew() {
  const before = reached.size;
  for (const block of await coverage.take()) reached.add(block);
  return reached.size > before;
}

for (const input of corpus) if (await tried(input)) valid.push(input);
await reachesNew();
let kept = 0;
let done = corpus.length;
while (done < Number(inputs)) {
  const batch = Array.from({ length: BATCH }, () =>
    mutated(pick(below(4) > 0 && valid.length > 0 ? valid : corpus), corpus, below, words),
  );
  for (const input of batch) await tried(input);
  done += BATCH;
  if (done > GUIDED) {
    await coverage.stop();
    continue;
  }
  const blocks = await coverage.take();
  if (blocks.every((block) => reached.has(block))) continue;
  // Each of them alone, to see which it was.
  for (const input of batch) {
    const isValid = await tried(input);
    if (!(await reachesNew())) continue;
    corpus.push(input);
    if (isValid) valid.push(input);
    writeFileSync(join(findings, 'new', `${name}-${String(kept++).padStart(3, '0')}`), input);
  }
  // What does not happen twice is not looked for again.
  for (const block of blocks) reached.add(block);
}

const { maxRSS } = process.resourceUsage();
console.log(
  JSON.stringify({
    target: name,
    seed: Number(seed),
    inputs: done,
    ...totals,
    slowest: `${Math.round(totals.slowest)} ms`,
    largest: `${(totals.largest / 2 ** 20).toFixed(1)} MiB`,
    resident: `${Math.round(maxRSS / 1024)} MiB`,
    blocks: reached.size,
    corpus: corpus.length,
  }),
);
await watchdog.terminate();
