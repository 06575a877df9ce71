import type { Tensor } from '@tensorflow/tfjs-core';
import type { Tf } from '../engine/tfjs/tensors.ts';
import { LiouvilleError } from '../errors.ts';
import { callable } from './model.ts';
import type { TensorModel } from './model.ts';
import type { TensorTransform } from './flow.ts';

/** Options of `tensorCoupling`. */
export interface TensorCouplingOptions {
  /** Number of features of a row. */
  readonly dim: number;
  /** Of the kept features, [rows, kept], the logarithms of scales and the shifts: [rows, 2 (dim - kept)], scales first. */
  readonly conditioner: TensorModel;
  /** How many features are kept; half of them, rounded down, unless given. */
  readonly kept?: number;
  /** Are the last features kept, and not the first? Default false. Couplings that follow each other take turns. */
  readonly reversed?: boolean;
}

/**
 * An affine coupling whose conditioner is a model or function of tfjs: z_kept = x_kept and
 * z_rest = x_rest exp(s(x_kept)) + t(x_kept), with logDet = sum s (Dinh, Sohl-Dickstein, Bengio: Density estimation
 * using Real NVP, 2017, equations 7 and 8).
 */
export function tensorCoupling(tf: Tf, options: TensorCouplingOptions): TensorTransform {
  const { dim, kept = Math.floor(dim / 2), reversed = false } = options;
  if (!Number.isInteger(kept) || kept < 1 || kept >= dim) {
    throw new LiouvilleError(
      'invalid-argument',
      `kept: expected a whole number from 1 to ${dim - 1}, features that condition the others; got ${kept}.`,
    );
  }
  const conditioner = callable(options.conditioner, 'conditioner');
  const moved = dim - kept;
  const part = (x: Tensor, from: number, count: number): Tensor =>
    tf.slice(x, [0, from], [x.shape[0], count]);
  const split = (x: Tensor): { a: Tensor; b: Tensor; scale: Tensor; shift: Tensor } => {
    const a = part(x, reversed ? moved : 0, kept);
    const both = conditioner(a);
    if (both.shape[1] !== 2 * moved) {
      throw new LiouvilleError(
        'shape-mismatch',
        `conditioner: expected [rows, ${2 * moved}], scales and shifts of ${moved} features; got [${both.shape.join(', ')}].`,
      );
    }
    return {
      a,
      b: part(x, reversed ? 0 : kept, moved),
      scale: part(both, 0, moved),
      shift: part(both, moved, moved),
    };
  };
  const joined = (a: Tensor, b: Tensor): Tensor => tf.concat(reversed ? [b, a] : [a, b], 1);
  return {
    dim,
    forward(x) {
      const { a, b, scale, shift } = split(x);
      return { z: joined(a, tf.add(tf.mul(b, tf.exp(scale)), shift)), logDet: tf.sum(scale, 1, true) };
    },
    inverse(z) {
      const { a, b, scale, shift } = split(z);
      const x = joined(a, tf.mul(tf.sub(b, shift), tf.exp(tf.neg(scale))));
      return { x, logDet: tf.neg(tf.sum(scale, 1, true)) };
    },
  };
}
