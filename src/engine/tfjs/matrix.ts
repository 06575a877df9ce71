import type { Shape, TriangularOptions } from '../../program/index.ts';
import type { Layout, Operand } from './layout.ts';
import { kernel } from './tensors.ts';
import type { Tensor } from './tensors.ts';

type Form = 'nt' | 'nn' | 'tn';

/** a b^T, a b or a^T b, row by row. */
export function matmul(layout: Layout, a: Operand, b: Operand, form: Form, out: Shape): Tensor {
  const { tf } = layout;
  if (b.value.level !== 'row') {
    const left = form === 'tn' ? transposed(layout, a) : layout.flat(a);
    const how = { transposeA: false, transposeB: form === 'nt' };
    return layout.shaped(kernel(tf, tf.BatchMatMul, { a: left, b: b.tensor }, how), out);
  }
  if (a.value.level !== 'row') {
    // (b^T a^T)^T, with the rows on the left.
    const left = form === 'nt' ? layout.flat(b) : transposed(layout, b);
    const product = tf.matMul(left, a.tensor, false, form !== 'tn');
    return layout.shaped(tf.transpose(tf.reshape(product, [layout.rows, out.n, out.k]), [0, 2, 1]), out);
  }
  if (form === 'nt' && a.value.k === 1 && b.value.k === 1)
    return tf.sum(tf.mul(a.tensor, b.tensor), -1, true);
  const [x, y] = [layout.cube(a), layout.cube(b)];
  return layout.shaped(tf.matMul(x, y, form === 'tn', form === 'nt'), out);
}

/** The rows' matrices transposed, one under the other: [R n, k]. */
function transposed(layout: Layout, x: Operand): Tensor {
  const { k, n } = x.value;
  if (k === 1) return layout.tf.reshape(x.tensor, [layout.rows * n, 1]);
  return layout.tf.reshape(layout.tf.transpose(x.tensor, [0, 2, 1]), [layout.rows * n, k]);
}

/** The sum over the rows, and over their k, of a^T b, for each pair. */
export function outerTotal(layout: Layout, inputs: readonly Operand[]): Tensor {
  const { tf } = layout;
  let sum: Tensor | null = null;
  for (let pair = 0; pair < inputs.length; pair += 2) {
    const [a, b] = [inputs[pair]!, inputs[pair + 1]!].map((x) =>
      tf.reshape(layout.widened(x, x.value), [layout.rows * x.value.k, x.value.n]),
    );
    // Backends have their fast product where neither side is transposed.
    const product = tf.matMul(tf.transpose(a!), b!);
    sum = sum === null ? product : tf.add(sum, product);
  }
  return sum!;
}

/** T z = x, unknown by unknown. */
export function triangularSolve(
  layout: Layout,
  T: Operand,
  x: Operand,
  { upper, transposed: flipped = false, unit = false }: TriangularOptions,
): Tensor {
  const { tf } = layout;
  const { n } = T.value;
  const { k } = x.value;
  const matrix = flipped ? tf.transpose(layout.cube(T), [0, 2, 1]) : layout.cube(T);
  const right = tf.reshape(layout.widened(x, x.value), [layout.rows, k, n]);
  const forward = upper === flipped;
  const known: Tensor[] = [];
  for (let step = 0; step < n; step++) {
    const i = forward ? step : n - 1 - step;
    let rest: Tensor = tf.slice(right, [0, 0, i], [layout.rows, k, 1]);
    if (step > 0) {
      const entries = tf.slice(matrix, [0, i, forward ? 0 : i + 1], [layout.rows, 1, step]);
      rest = tf.sub(rest, tf.sum(tf.mul(entries, tf.concat(known, 2)), 2, true));
    }
    const solved = unit ? rest : tf.div(rest, tf.slice(matrix, [0, i, i], [layout.rows, 1, 1]));
    if (forward) known.push(solved);
    else known.unshift(solved);
  }
  return layout.shaped(tf.concat(known, 2), x.value);
}
