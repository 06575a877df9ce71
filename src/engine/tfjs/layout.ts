import type { Shape, Value } from '../../program/index.ts';
import type { Tensor, Tf } from './tensors.ts';

/** A value and its tensor. */
export interface Operand {
  readonly value: Value;
  readonly tensor: Tensor;
}

/**
 * How values lie in tensors. A row value [k, n] of R rows is [R, n] where k is 1, and [R, k, n] otherwise; a value that
 * all rows share is [k, n], which tfjs widens to all rows by itself.
 */
export class Layout {
  readonly tf: Tf;
  readonly rows: number;

  constructor(tf: Tf, rows: number) {
    this.tf = tf;
    this.rows = rows;
  }

  /** Rows of this shape, from a tensor of the same numbers; that tensor itself where it has the shape. */
  shaped(tensor: Tensor, { k, n }: Shape): Tensor {
    const shape = k === 1 ? [this.rows, n] : [this.rows, k, n];
    const fits = tensor.rank === shape.length && tensor.shape.every((length, i) => length === shape[i]);
    return fits ? tensor : this.tf.reshape(tensor, shape);
  }

  /** [R, k, n], or [1, k, n] of what is shared. */
  cube({ value, tensor }: Operand): Tensor {
    return this.tf.reshape(tensor, [value.level === 'row' ? this.rows : 1, value.k, value.n]);
  }

  /** [R k, n]: each of the k by itself. */
  flat({ value, tensor }: Operand): Tensor {
    if (value.level !== 'row' || value.k === 1) return tensor;
    return this.tf.reshape(tensor, [this.rows * value.k, value.n]);
  }

  /** The tensors of operands that are widened to each other, entry by entry. */
  aligned(operands: readonly Operand[]): Tensor[] {
    const narrow = operands.every(({ value }) => value.k === 1);
    return operands.map((x) =>
      narrow || x.value.level !== 'row' || x.value.k > 1 ? x.tensor : this.cube(x),
    );
  }

  /** Rows of this shape: what is shared, or of length 1 along an axis, is repeated; the tensor itself where nothing is. */
  widened(x: Operand, { k, n }: Shape): Tensor {
    if (x.value.level === 'row' && x.value.k === k && x.value.n === n) return x.tensor;
    const cube = this.cube(x);
    const times = [this.rows / cube.shape[0], k / x.value.k, n / x.value.n];
    return this.shaped(times.every((count) => count === 1) ? cube : this.tf.tile(cube, times), { k, n });
  }
}
