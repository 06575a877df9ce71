import type { Scalar, Tensor, Tensor2D } from '@tensorflow/tfjs-core';
import { reference } from '../engine/index.ts';
import type { Tf } from '../engine/tfjs/tensors.ts';
import { LiouvilleError } from '../errors.ts';
import { namedStream } from '../random/index.ts';

/** A bijection of rows as tensors [rows, dim]; `logDet` is log|det| of the Jacobian of that direction, [rows, 1]. */
export interface TensorTransform {
  readonly dim: number;
  /** From data to latent rows. */
  forward(x: Tensor): { readonly z: Tensor; readonly logDet: Tensor };
  /** From latent rows to data. */
  inverse(z: Tensor): { readonly x: Tensor; readonly logDet: Tensor };
}

/**
 * A flow whose parts are tfjs's own: fields and conditioners that are models or functions of it. All is ordinary tensor
 * ops, synchronous and in single precision: wrap calls in `tf.tidy`, and train with an optimiser of tfjs,
 * `optimizer.minimize(() => flow.loss(x))`.
 */
export interface TensorFlow extends TensorTransform {
  /** log p(x) in nats, [rows, 1]. */
  logProb(x: Tensor): Tensor;
  /** Draws, [count, dim]; the seed, from 0, fixes them. Default 0. */
  sample(count: number, seed?: number): Tensor;
  /** The mean of -log p(x) over the rows. */
  loss(x: Tensor): Scalar;
}

/**
 * A flow with a standard normal base of one transform after the other, the first next to the data.
 *
 *     const flow = tensorFlow(tf, [tensorCoupling(tf, { dim: 2, conditioner })]);
 *     const optimizer = tf.train.adam(1e-3);
 *     optimizer.minimize(() => flow.loss(x));
 *
 * @param tf the module @tensorflow/tfjs-core, or @tensorflow/tfjs.
 */
export function tensorFlow(tf: Tf, transforms: readonly TensorTransform[]): TensorFlow {
  const [first] = transforms;
  if (first === undefined || transforms.some(({ dim }) => dim !== first.dim)) {
    const came = transforms.map(({ dim }) => dim).join(', ');
    throw new LiouvilleError(
      'invalid-argument',
      `transforms: expected at least one, all of one dim; got ${came === '' ? 'none' : came}.`,
    );
  }
  const { dim } = first;
  const flow: TensorFlow = {
    dim,
    forward(x) {
      let z = x;
      let logDet: Tensor = tf.zeros([x.shape[0], 1]);
      for (const transform of transforms) {
        const part = transform.forward(z);
        z = part.z;
        logDet = tf.add(logDet, part.logDet);
      }
      return { z, logDet };
    },
    inverse(z) {
      let x = z;
      let logDet: Tensor = tf.zeros([z.shape[0], 1]);
      for (const transform of transforms.toReversed()) {
        const part = transform.inverse(x);
        x = part.x;
        logDet = tf.add(logDet, part.logDet);
      }
      return { x, logDet };
    },
    logProb(x) {
      const { z, logDet } = flow.forward(x);
      const square = tf.sum(tf.square(z), 1, true);
      return tf.sub(logDet, tf.add(tf.mul(square, 0.5), (dim / 2) * Math.log(2 * Math.PI)));
    },
    sample: (count, seed = 0) => flow.inverse(normalRows(tf, count, dim, seed, 'base')).x,
    loss: (x) => tf.neg(tf.mean(flow.logProb(x))),
  };
  return flow;
}

/** Normal draws, the same as all engines make of that seed and stream, rounded. */
export function normalRows(tf: Tf, rows: number, dim: number, seed: number, stream: string): Tensor2D {
  const draws = new Float64Array(rows * dim);
  reference.fill('normal', draws, seed, namedStream(stream));
  return tf.tensor2d(new Float32Array(draws), [rows, dim]);
}
