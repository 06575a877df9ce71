// tfjs on its wasm backend: the network with the derivative that it has (vjp), and a step of training it.

import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-core/dist/register_all_gradients.js';
import { setWasmPaths } from '@tensorflow/tfjs-backend-wasm';
import { layers, medianOf, rows, wave } from './network.mjs';

/** @param {number} seconds @param {string} files where its binaries are */
export async function measure(seconds, files) {
  setWasmPaths(files);
  await tf.setBackend('wasm');
  await tf.ready();
  const x = tf.tensor2d(wave(2 * rows, 1), [rows, 2]);
  const v = tf.tensor2d(wave(2 * rows, 2), [rows, 2]);
  const weights = layers.flatMap(({ w, b, n, out }) => [tf.tensor2d(w, [out, n]), tf.tensor1d(b)]);
  /** @param {import('@tensorflow/tfjs-core').Tensor} input @param {import('@tensorflow/tfjs-core').Tensor[]} parameters */
  const network = (input, parameters) => {
    let h = input;
    for (let i = 0; i < parameters.length; i += 2) {
      h = tf.add(tf.matMul(h, parameters[i], false, true), parameters[i + 1]);
      if (i < parameters.length - 2) h = tf.tanh(h);
    }
    return h;
  };
  const times = {
    'f + vjp': await medianOf(() => {
      const { value, grad } = tf.valueAndGrad((input) => network(input, weights))(x, v);
      value.dataSync();
      grad.dataSync();
      tf.dispose([value, grad]);
    }, seconds),
    'network step': await medianOf(() => {
      const loss = (/** @type {import('@tensorflow/tfjs-core').Tensor[]} */ ...p) =>
        tf.sum(tf.mul(tf.square(network(x, p)), 1 / rows));
      const { value, grads } = tf.valueAndGrads(loss)(weights);
      value.dataSync();
      for (const grad of grads) grad.dataSync();
      tf.dispose([value, ...grads]);
    }, seconds),
  };
  return times;
}
