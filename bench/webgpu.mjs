// npm run bench -- --webgpu: the engine `webgpu` beside native and wasm, in Node: a network with a directional derivative,
// and steps of FFJORD and RealNVP. The adapter is printed, since a time means nothing without it.

import { ffjord, inspectEngines, realNVP, toy } from 'liouville';
import { chooseEngine } from 'liouville/engine';
import { Scope, jvp, modelTables, ops, trace } from 'liouville/program';
import { layers, medianOf, rows, wave } from './wasm/network.mjs';

/** @typedef {'native' | 'wasm' | 'webgpu'} Name */

/** @type {readonly Name[]} */
const names = ['native', 'wasm', 'webgpu'];

/** @param {Name} engine */
function tasks(engine) {
  const scope = new Scope(modelTables());
  const network = trace('network', { x: 2 }, ({ x }) => {
    let h = x;
    layers.forEach(({ n, out, w, b }, i) => {
      const weight = scope.parameter(`w${i}`, { k: out, n }, () => Float64Array.from(w));
      const bias = scope.parameter(`b${i}`, { k: 1, n: out }, () => Float64Array.from(b));
      h = ops.add(ops.matmul(h, weight, 'nt'), bias);
      if (i < layers.length - 1) h = ops.tanh(h);
    });
    return { y: h };
  });
  const derivative = jvp(network, ['x']);
  const flat = Float64Array.from(layers.flatMap(({ w, b }) => [...w, ...b]));
  const parameters = { trained: flat, state: new Float64Array(0) };
  const both = { x: wave(2 * rows, 1), 'tangent/x': wave(2 * rows, 2) };
  const moons = /** @type {(typeof toy)[string]} */ (toy['moons'])(rows, { seed: 1 });
  const continuous = ffjord({ dim: 2, hidden: [64, 64, 64] });
  const coupling = realNVP({ dim: 2 });
  return {
    'f + jvp': () => chooseEngine(engine).run(derivative, parameters, rows, both),
    'FFJORD step': () => continuous.lossAndGradient(moons, { engine }),
    'RealNVP step': () => coupling.lossAndGradient(moons, { engine }),
  };
}

/**
 * @param {{ rounds: number, seconds: number, say: (text: string) => void }} options
 * @returns {Promise<{ adapter: string, times: Record<string, Record<string, number>> }>} milliseconds by engine and task
 */
export async function measureWebGpu({ rounds, seconds, say }) {
  const { engines } = await inspectEngines();
  const reports = names.map((name) => engines.find((report) => report.name === name));
  const webgpu = reports.at(-1);
  if (webgpu?.available !== true) throw new Error(`webgpu: ${webgpu?.reason} ${webgpu?.remedy}`);
  /** @type {Record<string, Record<string, number>>} */
  const times = {};
  for (let round = 0; round < rounds; round++) {
    for (const name of names.filter((_, i) => reports[i]?.available === true)) {
      say(`round ${round + 1}: ${name}`);
      const known = (times[name] ??= {});
      for (const [task, run] of Object.entries(tasks(name))) {
        known[task] = Math.min(await medianOf(run, seconds), known[task] ?? Infinity);
      }
    }
  }
  chooseEngine('webgpu').dispose();
  const { adapter } = /** @type {{ adapter: string }} */ (/** @type {unknown} */ (webgpu.details));
  return { adapter, times };
}

/**
 * @param {Awaited<ReturnType<typeof measureWebGpu>>} measured
 * @returns {Record<string, string>}
 */
export function webGpuSections({ adapter, times }) {
  const lines = Object.entries(times).flatMap(([engine, tasks]) =>
    Object.entries(tasks).map(([task, ms]) => `| ${engine} | ${task} | ${ms.toFixed(2)} |`),
  );
  const head = ['| engine | task | ms |', '| --- | --- | ---: |'];
  return {
    webgpu: [`WebGPU on ${adapter}; ${rows} rows, float32:`, '', ...head, ...lines].join('\n'),
  };
}
