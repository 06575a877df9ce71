// The field written with tfjs operations, weights as tensors that stay on the device.

/** @typedef {import('./network.mjs').Tf} Tf */
/** @typedef {import('./network.mjs').Layer} Layer */
/** @typedef {import('./network.mjs').Result} Result */
/** @typedef {import('@tensorflow/tfjs-core').Tensor} Tensor */

/**
 * [n, out], as the backends like it.
 *
 * @param {Tf} tf
 * @param {Layer[]} network
 */
const tensorsOf = (tf, network) =>
  network.map(({ n, out, weight, bias }) => ({
    weight: tf.tidy(() => tf.keep(tf.transpose(tf.tensor2d(weight, [out, n])))),
    bias: tf.keep(tf.tensor1d(bias)),
  }));

/**
 * f(x) and v^T df/dx by the gradients of tfjs.
 *
 * @param {Tf} tf
 * @param {Layer[]} network
 * @param {number} rows
 * @param {Float32Array} x
 * @param {Float32Array} v
 * @returns {() => Promise<Result>}
 */
export function directField(tf, network, rows, x, v) {
  const tensors = tensorsOf(tf, network);
  /** @param {Tensor} input */
  const field = (input) =>
    tensors.reduce((h, { weight, bias }, i) => {
      const sum = tf.add(tf.matMul(h, weight), bias);
      return i < tensors.length - 1 ? tf.softplus(sum) : sum;
    }, input);
  const both = tf.valueAndGrad(field);
  return async () => {
    const { value, grad } = tf.tidy(() => both(tf.tensor2d(x, [rows, 2]), tf.tensor2d(v, [rows, 2])));
    return downloaded(tf, value, grad);
  };
}

/**
 * f(x) and df/dx v, the derivative written by hand: what tfjs has no function for.
 *
 * @param {Tf} tf
 * @param {Layer[]} network
 * @param {number} rows
 * @param {Float32Array} x
 * @param {Float32Array} v
 * @returns {() => Promise<Result>}
 */
export function forwardByHand(tf, network, rows, x, v) {
  const tensors = tensorsOf(tf, network);
  return async () => {
    const [value, along] = tf.tidy(() => {
      let [h, tangent] = [
        /** @type {Tensor} */ (tf.tensor2d(x, [rows, 2])),
        /** @type {Tensor} */ (tf.tensor2d(v, [rows, 2])),
      ];
      tensors.forEach(({ weight, bias }, i) => {
        const sum = tf.add(tf.matMul(h, weight), bias);
        const moved = tf.matMul(tangent, weight);
        const last = i === tensors.length - 1;
        h = last ? sum : tf.softplus(sum);
        tangent = last ? moved : tf.mul(moved, tf.sigmoid(sum));
      });
      return [h, tangent];
    });
    return downloaded(tf, value, along);
  };
}

/**
 * @param {Tf} tf
 * @param {Tensor} value
 * @param {Tensor} along
 * @returns {Promise<Result>}
 */
async function downloaded(tf, value, along) {
  const [first, second] = await Promise.all([value.data(), along.data()]);
  tf.dispose([value, along]);
  return { value: /** @type {Float32Array} */ (first), along: /** @type {Float32Array} */ (second) };
}
