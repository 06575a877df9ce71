import type { Layout, Operand } from './layout.ts';
import type { Tensor } from './tensors.ts';

/**
 * [A^-1, log|det A| / n] of the matrix of each row, by Gauss-Jordan elimination of [A, 1]. The pivot of a column is the
 * largest entry among the lines that have not been one; lines are not swapped but picked, by a product with a row that
 * is 1 at the pivot, and put into order in the end.
 */
export function inverseLogDet(layout: Layout, A: Operand): Tensor {
  const { tf, rows } = layout;
  const { n } = A.value;
  let lines = tf.concat([layout.cube(A), tf.tile(tf.reshape(tf.eye(n), [1, n, n]), [rows, 1, 1])], 2);
  let free: Tensor = tf.ones([rows, n]);
  let logDet: Tensor = tf.zeros([rows, 1]);
  const order: Tensor[] = [];
  for (let p = 0; p < n; p++) {
    const column = tf.slice(lines, [0, 0, p], [rows, n, 1]);
    // Below zero where a line has been a pivot, so that a column of zeros finds another one.
    const sizes = tf.where(tf.notEqual(free, 0), tf.abs(tf.reshape(column, [rows, n])), tf.sub(free, 1));
    const place = tf.reshape(tf.argMax(sizes, 1), [rows, 1]);
    const picked = tf.cast(tf.equal(tf.range(0, n, 1, 'int32'), place), 'float32');
    const pivotLine = tf.matMul(tf.reshape(picked, [rows, 1, n]), lines);
    const pivot = tf.slice(pivotLine, [0, 0, p], [rows, 1, 1]);
    logDet = tf.add(logDet, tf.log(tf.abs(tf.reshape(pivot, [rows, 1]))));
    const scaled = tf.div(pivotLine, pivot);
    // The line of the pivot itself becomes the scaled one: it loses (pivot - 1) times that.
    const factors = tf.sub(column, tf.reshape(picked, [rows, n, 1]));
    lines = tf.sub(lines, tf.mul(factors, scaled));
    free = tf.mul(free, tf.sub(1, picked));
    order.push(tf.reshape(picked, [rows, 1, n]));
  }
  const inverse = tf.matMul(tf.concat(order, 1), tf.slice(lines, [0, 0, n], [rows, n, n]));
  const shares = tf.tile(tf.reshape(tf.div(logDet, n), [rows, 1, 1]), [1, n, 1]);
  return tf.concat([inverse, shares], 2);
}
