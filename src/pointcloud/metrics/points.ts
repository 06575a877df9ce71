import { LiouvilleError } from '../../errors.ts';
import { hashName, permutation } from '../../random/index.ts';
import { cloudAt, cloudCount, cloudsOf, pointCount } from '../clouds.ts';
import type { Clouds, CloudsLike } from '../clouds.ts';
import { wholeFrom } from './options.ts';

/**
 * `count` points of each cloud, drawn without putting back: clouds of one size, as an earth mover's distance needs them, or
 * smaller ones, for speed. A cloud's draw depends on the seed and its number only. Throws 'shape-mismatch' for a cloud that
 * has fewer, 'invalid-argument' for a count or a seed that is no whole number, and what `cloudsOf` throws.
 */
export function drawPoints(
  clouds: CloudsLike,
  count: number,
  options: { readonly seed?: number } = {},
): Clouds {
  const all = cloudsOf(clouds, 'clouds');
  const size = wholeFrom('count', count, 1, 1);
  const seed = wholeFrom('seed', options.seed, 0, 0);
  const { dim } = all;
  const length = cloudCount(all) * size * dim;
  const data = all.data instanceof Float32Array ? new Float32Array(length) : new Float64Array(length);
  const offsets = Uint32Array.from({ length: cloudCount(all) + 1 }, (_, i) => i * size);
  const stream = hashName('points of a cloud');
  for (let i = 0; i < cloudCount(all); i++) {
    if (pointCount(all, i) < size) {
      throw new LiouvilleError(
        'shape-mismatch',
        `clouds: expected at least ${size} points each; cloud ${i} has ${pointCount(all, i)}.`,
      );
    }
    const { data: points, rows } = cloudAt(all, i);
    const order = permutation(rows, seed, stream + i * 2 ** 32);
    for (let k = 0; k < size; k++) {
      const from = order[k]! * dim;
      data.set(points.subarray(from, from + dim), (i * size + k) * dim);
    }
  }
  return { data, dim, offsets };
}
