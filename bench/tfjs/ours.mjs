// The field as a row program on the engine 'tfjs'.

import { chooseEngine } from 'liouville';
import { affine, jvp, modelTables, ops, Scope, trace } from 'liouville/program';

/**
 * @param {import('./network.mjs').Layer[]} network
 * @param {number} rows
 * @param {Float32Array} x
 * @param {Float32Array} v
 * @returns {() => Promise<import('./network.mjs').Result>}
 */
export function ours(network, rows, x, v) {
  const engine = chooseEngine('tfjs');
  const tables = modelTables();
  const scope = new Scope(tables);
  const field = trace('field', { x: 2 }, (inputs) => {
    let h = inputs.x;
    network.forEach(({ n, out, weight, bias }, i) => {
      const layer = scope.at(`layer${i}`);
      const w = layer.parameter('weight', { k: out, n }, () => weight);
      const sum = affine(
        h,
        w,
        layer.parameter('bias', { k: 1, n: out }, () => bias),
      );
      h = i < network.length - 1 ? ops.softplus(sum) : sum;
    });
    return { y: h };
  });
  const both = jvp(field, ['x']);
  const parameters = { trained: tables.trained.initial(0), state: tables.state.initial(0) };
  return async () => {
    const outputs = await engine.run(both, parameters, rows, { x, 'tangent/x': v });
    const { y, 'tangent/y': along } = /** @type {Record<'y' | 'tangent/y', Float64Array>} */ (outputs);
    return { value: y, along };
  };
}
