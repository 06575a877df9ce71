import type { Tensor, Tf } from './tensors.ts';

/**
 * Rows under each other as [count, rows n], so that a weighted sum of all of them is one product: one kernel, where the
 * terms one by one would be two for each.
 */
export function stack(tf: Tf, before: Tensor | null, rows: Tensor): Tensor {
  const line = tf.reshape(rows, [1, rows.size]);
  return before === null ? line : tf.concat([before, line], 0);
}

/** The weighted sum of what is stacked, in the shape of one of them. Zero weights take part: no NaN is lost. */
export function combined(tf: Tf, weights: ArrayLike<number>, stacked: Tensor, like: Tensor): Tensor {
  const row = tf.tensor2d(Float32Array.from(weights), [1, stacked.shape[0]]);
  return tf.reshape(tf.matMul(row, stacked as never), like.shape);
}
