import type { Tensor, Tensor2D } from '@tensorflow/tfjs-core';
import { runtime } from '../engine/tfjs/load.ts';
import { LiouvilleError } from '../errors.ts';
import type { Matrix } from '../matrix.ts';

/**
 * The rows of a tensor [rows, cols]. Where a backend can be read synchronously, the calls of a flow take the tensor as
 * it is; this waits for the others ('webgpu'), and blocks none.
 *
 * @throws LiouvilleError 'shape-mismatch' for a tensor of other than two axes.
 */
export async function rowsOf(tensor: Tensor): Promise<Matrix> {
  const { rank, shape } = tensor;
  if (rank !== 2) {
    throw new LiouvilleError(
      'shape-mismatch',
      `tensor: expected 2 axes, rows and columns; got the shape [${shape.join(', ')}].`,
    );
  }
  return { data: new Float64Array(await tensor.data()), rows: shape[0], cols: shape[1]! };
}

/** The rows as a tensor [rows, cols], in single precision, on the backend that is in use. It belongs to the caller. */
export async function tensorOf({ data, rows, cols }: Matrix): Promise<Tensor2D> {
  const { tf } = await runtime();
  return tf.tensor2d(Float32Array.from(data), [rows, cols]);
}
