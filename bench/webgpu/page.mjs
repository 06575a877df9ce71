// Trains FFJORD on moons in the page, on WebGPU and on WebAssembly, and shows both times: a script for any page that a
// bundler has put this package into. `<meta name="steps" content="50">` asks for more steps.

import { ffjord, fit, inspectEngines, toy } from 'liouville';

/** @typedef {{ engine: string, seconds: number, loss: number } | { engine: string, reason: string }} Line */

const steps = Number(document.querySelector('meta[name=steps]')?.getAttribute('content') ?? 20);

/**
 * @param {'webgpu' | 'wasm'} engine
 * @returns {Promise<Line>}
 */
async function train(engine) {
  const { engines } = await inspectEngines();
  const here = engines.find(({ name }) => name === engine);
  if (here?.available !== true) return { engine, reason: `${here?.reason} ${here?.remedy}` };
  const flow = ffjord({ dim: 2, hidden: [16, 16], seed: 1 });
  const x = toy.moons(1000, { seed: 1 });
  const options = { engine, batchSize: 128, seed: 1 };
  // The first step compiles; it is not part of the time.
  await fit(flow, x, { ...options, steps: 1 });
  const begin = performance.now();
  const { history } = await fit(flow, x, { ...options, steps });
  return { engine, seconds: (performance.now() - begin) / 1000, loss: Number(history.at(-1)?.loss) };
}

/** @type {Line[]} */
const lines = [];
for (const engine of /** @type {const} */ (['webgpu', 'wasm'])) {
  const line = await train(engine);
  lines.push(line);
  const row = document.createElement('p');
  row.textContent =
    'reason' in line
      ? `${line.engine}: ${line.reason}`
      : `${line.engine}: ${steps} steps in ${line.seconds.toFixed(2)} s, loss ${line.loss.toFixed(4)}`;
  document.body.append(row);
}
/** @type {{ lines?: Line[] }} */ (globalThis).lines = lines;
