// node --expose-gc test/engine/leak.mjs ENGINE MODEL STEPS: trains, and prints the MiB that the process has after each tenth.
/** @import { EngineName } from 'liouville/engine' */
import { ffjord, fit, realNVP } from 'liouville';

const [engine = 'native', model = 'ffjord', steps = '1000'] = process.argv.slice(2);
const flow =
  model === 'ffjord' ? ffjord({ dim: 2, hidden: [16, 16] }) : realNVP({ dim: 2, layers: 2, hidden: [16] });
const rows = { data: Float64Array.from({ length: 1000 }, (_, i) => Math.sin(i)), rows: 500, cols: 2 };
const tenth = Math.round(Number(steps) / 10);
/** @type {number[]} */
const resident = [];
/** @param {{ step: number }} event */
const onStep = ({ step }) => {
  if (step % tenth > 0) return;
  globalThis.gc?.();
  resident.push(process.memoryUsage.rss() / 2 ** 20);
};
const { engine: used } = await fit(flow, rows, {
  steps: Number(steps),
  batchSize: 128,
  rtol: 1e-3,
  atol: 1e-3,
  threads: 2,
  engine: /** @type {EngineName} */ (engine),
  onStep,
});
console.log(JSON.stringify({ engine: used, model, resident: resident.map(Math.round) }));
