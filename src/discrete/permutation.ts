import { bijection, wholeNumber } from '../flow/index.ts';
import type { Transform } from '../flow/index.ts';
import { ops, scalar } from '../program/index.ts';
import { namedStream, uniform } from '../random/index.ts';
import { checkPermutation, inverseOf } from './check.ts';

/**
 * z_i = x_indices[i]; logDet is 0.
 *
 * @throws LiouvilleError 'invalid-argument' when `indices` is no permutation.
 */
export function permutation(indices: readonly number[]): Transform {
  const dim = wholeNumber('indices.length', indices.length, 1);
  const order = checkPermutation('indices', indices, dim);
  const back = inverseOf(order);
  return bijection({
    dim,
    forward: (_scope, x) => ({ x: ops.take(x, order), logDet: scalar(0) }),
    inverse: (_scope, z) => ({ x: ops.take(z, back), logDet: scalar(0) }),
  });
}

/**
 * z_i = x_(dim + 1 - i), the features from last to first; logDet is 0. What stands between the layers of a MAF.
 *
 * @throws LiouvilleError 'invalid-argument', naming the argument.
 */
export function reversal(dim: number): Transform {
  return permutation(Array.from({ length: wholeNumber('dim', dim, 1) }, (_, i) => dim - 1 - i));
}

/** The numbers from 0 to n - 1 in an order that depends on n and the seed. */
export function randomPermutation(n: number, seed: number): number[] {
  const order = Array.from({ length: n }, (_, i) => i);
  const stream = namedStream('permutation');
  for (let i = n - 1; i > 0; i--) {
    const j = Math.floor(uniform(seed, stream, i) * (i + 1));
    [order[i], order[j]] = [order[j]!, order[i]!];
  }
  return order;
}
