// This project's engine `wasm`: the network with a directional derivative, a step of training it, and one of FFJORD.

import { chooseEngine } from 'liouville/engine';
import { ffjord, toy } from 'liouville';
import { Scope, jvp, modelTables, ops, trace } from 'liouville/program';
import { layers, medianOf, rows, wave } from './network.mjs';

/** @param {number} threads */
function tasks(threads) {
  const engine = chooseEngine('wasm');
  const tables = modelTables();
  const scope = new Scope(tables);
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
  const x = wave(2 * rows, 1);
  const both = { x, 'tangent/x': wave(2 * rows, 2) };
  const flow = ffjord({ dim: 2, hidden: [64, 64, 64] });
  const moons = toy.moons(rows, { seed: 1 });
  return {
    'f + jvp': () => engine.run(derivative, parameters, rows, both, { threads }),
    'network step': async () => {
      const { y } = await engine.run(network, parameters, rows, { x }, { threads });
      const cotangents = { y: /** @type {Float64Array} */ (y).map((value) => (2 * value) / rows) };
      await engine.pullback(network, parameters, rows, { x }, cotangents, { threads });
    },
    'FFJORD step': () => flow.lossAndGradient(moons, { engine: 'wasm', threads }),
  };
}

/** @param {number} seconds */
export async function measure(seconds) {
  /** @type {Record<string, number>} */
  const times = {};
  for (const threads of [1, 2]) {
    for (const [name, task] of Object.entries(tasks(threads))) {
      times[`${name}, ${threads} worker${threads > 1 ? 's' : ''}`] = await medianOf(task, seconds);
    }
  }
  chooseEngine('wasm').dispose();
  return times;
}
