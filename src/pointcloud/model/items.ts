import { LiouvilleError } from '../../errors.ts';
import type { Matrix } from '../../matrix.ts';
import { integerBelow, namedStream, permutation } from '../../random/index.ts';
import { cloudAt, cloudCount, pointCount } from '../clouds.ts';
import type { Clouds } from '../clouds.ts';

/**
 * Clouds as the rows that `fit` draws from: the number of points, the points, and zeros up to the largest cloud. The
 * model that is trained undoes it.
 */
export function itemsOf(clouds: Clouds): Matrix {
  const count = cloudCount(clouds);
  const most = Array.from({ length: count }, (_, i) => pointCount(clouds, i)).reduce((a, b) =>
    Math.max(a, b),
  );
  const cols = 1 + most * clouds.dim;
  const data = new Float64Array(count * cols);
  for (let i = 0; i < count; i++) {
    data[i * cols] = pointCount(clouds, i);
    data.set(cloudAt(clouds, i).data, i * cols + 1);
  }
  return { data, rows: count, cols };
}

/** The clouds again. */
export function cloudsOfItems({ data, rows, cols }: Matrix, dim: number): Clouds {
  const offsets = new Uint32Array(rows + 1);
  for (let i = 0; i < rows; i++) offsets[i + 1] = offsets[i]! + data[i * cols]!;
  const points = new Float64Array(offsets[rows]! * dim);
  for (let i = 0; i < rows; i++) {
    const begin = i * cols + 1;
    points.set(data.subarray(begin, begin + data[i * cols]! * dim), offsets[i]! * dim);
  }
  return { data: points, dim, offsets };
}

/** The same number of points of every cloud: without repetition where it has enough of them. */
export function drawPoints(clouds: Clouds, points: number, seed: number): Clouds {
  const { dim } = clouds;
  const count = cloudCount(clouds);
  const data = new Float64Array(count * points * dim);
  for (let i = 0; i < count; i++) {
    const cloud = cloudAt(clouds, i);
    const stream = namedStream('points of a cloud', i);
    const order = cloud.rows >= points ? permutation(cloud.rows, seed, stream) : null;
    for (let j = 0; j < points; j++) {
      const point = order === null ? integerBelow(cloud.rows, seed, stream, j) : order[j]!;
      data.set(cloud.data.subarray(point * dim, (point + 1) * dim), (i * points + j) * dim);
    }
  }
  return { data, dim, offsets: Uint32Array.from({ length: count + 1 }, (_, i) => i * points) };
}

/** Throws 'shape-mismatch' for clouds of another space. */
export function checkDim({ dim }: Clouds, expected: number, what: string): void {
  if (dim === expected) return;
  throw new LiouvilleError(
    'shape-mismatch',
    `${what}: expected points of ${expected} coordinates, as the model has; got ${dim}.`,
  );
}
