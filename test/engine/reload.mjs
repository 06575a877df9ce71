// node --expose-gc test/engine/reload.mjs ENGINE: in each of ten rounds four worker threads load the engine at the same time and
// make calls of all kinds beside each other; two end by themselves, two are ended in the middle. Prints how many
// results had other bits than those of this thread, and the MiB that the process has after each round.
import { Worker, isMainThread, parentPort, workerData } from 'node:worker_threads';
import { ffjord } from 'liouville';

/** @import { EngineName } from 'liouville/engine' */

const given = /** @type {{ engine: EngineName, endless: boolean }} */ (
  isMainThread ? { engine: process.argv[2], endless: false } : workerData
);
const { engine, endless } = given;
const flow = ffjord({ dim: 2, hidden: [16, 16], seed: 1 });
const x = { data: Float64Array.from({ length: 400 }, (_, i) => Math.sin(i)), rows: 200, cols: 2 };

/** The bits of six calls that run beside each other. */
async function bits() {
  const calls = [1, 2, 3].flatMap((threads) => [
    flow.logProb(x, { engine, threads }),
    flow.lossAndGradient(x, { engine, threads }).then(({ flat }) => flat),
  ]);
  const results = await Promise.all(calls);
  return results.map((numbers) => Buffer.from(numbers.slice().buffer).toString('base64')).join();
}

/** @param {string} expected */
async function round(expected) {
  const workers = [false, false, true, true].map((isEnded) => ({
    isEnded,
    worker: new Worker(new URL(import.meta.url), { workerData: { engine, endless: isEnded } }),
  }));
  const results = await Promise.all(
    workers.map(async ({ worker, isEnded }) => {
      const ended = new Promise((resolve) => worker.once('exit', resolve));
      /** @type {string} */
      const result = await new Promise((resolve, reject) => {
        worker.once('message', resolve).once('error', reject);
      });
      if (isEnded) await worker.terminate();
      await ended;
      return result;
    }),
  );
  return results.filter((result) => result !== expected).length;
}

if (isMainThread) {
  const expected = await bits();
  let wrong = 0;
  const resident = [];
  for (let i = 0; i < 10; i++) {
    wrong += await round(expected);
    globalThis.gc?.();
    resident.push(Math.round(process.memoryUsage.rss() / 2 ** 20));
  }
  console.log(JSON.stringify({ engine, wrong, resident }));
} else {
  for (;;) {
    parentPort?.postMessage(await bits());
    if (!endless) break;
  }
}
