import { writeFileSync, writeSync } from 'node:fs';
import { workerData } from 'node:worker_threads';

// Beside the thread that fuzzes: ends the process when one input takes too long or too much, and keeps the input.
const { shared, path, seconds, bytes } =
  /** @type {{ shared: SharedArrayBuffer, path: string, seconds: number, bytes: number }} */ (workerData);
const head = new Int32Array(shared, 0, 2);
let last = -1;
let since = Date.now();
setInterval(() => {
  const now = Atomics.load(head, 0);
  if (now !== last) {
    last = now;
    since = Date.now();
  }
  const slow = Date.now() - since > 1000 * seconds;
  const rss = process.memoryUsage.rss();
  if (!slow && rss < bytes) return;
  writeFileSync(path, new Uint8Array(shared, 8, Atomics.load(head, 1)));
  // Not by console.error, which needs the thread that hangs.
  writeSync(2, `${slow ? 'hangs' : `takes ${Math.round(rss / 2 ** 20)} MiB`}: ${path}\n`);
  process.kill(process.pid, 'SIGKILL');
}, 100);
