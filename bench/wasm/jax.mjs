// jax-js on its WebAssembly backend, jitted: the network with a directional derivative, and a step of training it.

import { defaultDevice, init, jit, jvp, numpy as np, valueAndGrad } from '@jax-js/jax';
import { layers, medianOf, rows, wave } from './network.mjs';

/** @param {number} seconds */
export async function measure(seconds) {
  await init('wasm');
  defaultDevice('wasm');
  const array = (data, shape) => np.array(data).reshape(shape);
  const x = array(wave(2 * rows, 1), [rows, 2]);
  const v = array(wave(2 * rows, 2), [rows, 2]);
  const weights = layers.map(({ w, b, n, out }) => [array(w, [out, n]), array(b, [out])]);
  const network = (input, parameters) =>
    parameters.reduce((h, [w, b], i) => {
      const y = np.matmul(h, w.transpose()).add(b);
      return i < parameters.length - 1 ? np.tanh(y) : y;
    }, input);
  const held = () => weights.map(([w, b]) => [w.ref, b.ref]);
  const derivative = jit((input, tangent, parameters) =>
    jvp((u) => network(u, parameters), [input], [tangent]),
  );
  const step = jit(
    valueAndGrad((parameters, input) => {
      const y = network(input, parameters);
      return np.sum(y.ref.mul(y)).mul(1 / rows);
    }),
  );
  return {
    'f + jvp': await medianOf(async () => {
      const [y, dy] = derivative(x.ref, v.ref, held());
      await y.data();
      await dy.data();
    }, seconds),
    'network step': await medianOf(async () => {
      const [value, gradient] = step(held(), x.ref);
      await value.data();
      for (const [w, b] of gradient) {
        await w.data();
        await b.data();
      }
    }, seconds),
  };
}
