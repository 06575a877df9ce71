import { LiouvilleError } from '../errors.ts';
import type { BatchLike, Matrix } from '../matrix.ts';

/** One cloud: a point is a row, so that rows are points and cols is the dimension of space. */
export type PointCloud = Matrix;

/**
 * Clouds of any sizes, one after another: coordinate j of point p is data[p * dim + j], and cloud i has the points
 * offsets[i], ..., offsets[i + 1] - 1. There is one offset more than clouds; the first is 0.
 */
export interface Clouds {
  readonly data: Float32Array | Float64Array;
  readonly dim: number;
  readonly offsets: Uint32Array;
}

/** What is taken as clouds: `Clouds`, a list with the points of each, or an array of the shape [clouds, points, dim]. */
export type CloudsLike =
  | Clouds
  | readonly BatchLike[]
  | { readonly shape: readonly number[]; readonly data: Float32Array | Float64Array };

/**
 * A checked copy of clouds, in single precision where all that came was. `what` names the argument in messages. Throws
 * 'invalid-argument' for something else, 'shape-mismatch' for sizes that contradict each other, and 'invalid-data' where
 * there is no cloud, a cloud without points, or a coordinate that is not finite: the message says which.
 */
export function cloudsOf(x: CloudsLike, what = 'clouds'): Clouds {
  const clouds = assemble(x, what);
  checkSizes(clouds, what);
  checkFinite(clouds, what);
  return clouds;
}

/** A checked copy of one cloud: the rows of x are its points. It throws as `cloudsOf` does. */
export function pointCloudOf(x: BatchLike, what = 'cloud'): PointCloud {
  const { data, dim, offsets } = cloudsOf([x], what);
  return { data, rows: offsets[1]!, cols: dim };
}

/** How many clouds there are: one less than there are offsets. */
export function cloudCount({ offsets }: Clouds): number {
  return offsets.length - 1;
}

/** How many points cloud i has: offsets[i + 1] - offsets[i]. */
export function pointCount({ offsets }: Clouds, i: number): number {
  return offsets[i + 1]! - offsets[i]!;
}

/** Cloud i, as a view: what is written to it is written to the clouds. Throws 'invalid-argument' for one that is not there. */
export function cloudAt(clouds: Clouds, i: number): PointCloud {
  const { data, dim, offsets } = clouds;
  if (!Number.isInteger(i) || i < 0 || i >= cloudCount(clouds)) {
    throw new LiouvilleError(
      'invalid-argument',
      `cloud: expected a whole number from 0 to ${cloudCount(clouds) - 1}; got ${String(i)}.`,
    );
  }
  const start = offsets[i]!;
  const end = offsets[i + 1]!;
  return { data: data.subarray(start * dim, end * dim), rows: end - start, cols: dim };
}

/** The clouds of these numbers, in their order; a number may come twice. Throws like `cloudAt`. */
export function selectClouds(clouds: Clouds, numbers: ArrayLike<number>): Clouds {
  return concatenate(
    Array.from(numbers, (i) => cloudAt(clouds, i)),
    clouds.dim,
  );
}

function assemble(x: CloudsLike, what: string): Clouds {
  if (Array.isArray(x)) {
    const parts = (x as readonly BatchLike[]).map((cloud, i) => pointsOf(cloud, `${what}, cloud ${i}`));
    const dim = parts[0]?.cols ?? 0;
    const other = parts.findIndex((part) => part.cols !== dim);
    if (other >= 0) {
      throw new LiouvilleError(
        'shape-mismatch',
        `${what}: expected points of ${dim} coordinates, as in cloud 0; cloud ${other} has ${parts[other]!.cols}.`,
      );
    }
    return concatenate(parts, dim);
  }
  if (typeof x === 'object' && x !== null && isNumbers((x as Clouds).data)) {
    const { data } = x as Clouds;
    if ('offsets' in x && x.offsets instanceof Uint32Array) {
      return { data: data.slice(), dim: x.dim, offsets: x.offsets.slice() };
    }
    if ('shape' in x && Array.isArray(x.shape)) return fromShape(x.shape as readonly number[], data, what);
  }
  throw new LiouvilleError(
    'invalid-argument',
    `${what}: expected clouds {data, dim, offsets}, an array of point clouds, or {shape: [clouds, points, dim], data}; got ${describe(x)}.`,
  );
}

function fromShape(shape: readonly number[], data: Clouds['data'], what: string): Clouds {
  const [count, points, dim] = shape;
  if (shape.length !== 3 || !isCount(count) || !isCount(points) || !isCount(dim)) {
    throw new LiouvilleError(
      'shape-mismatch',
      `${what}: expected the shape [clouds, points, dim]; got [${shape.join(', ')}].`,
    );
  }
  return {
    data: data.slice(),
    dim,
    offsets: Uint32Array.from({ length: count + 1 }, (_, i) => i * points),
  };
}

/** The points of one cloud, not copied where they are in a typed array. */
function pointsOf(x: BatchLike, what: string): Matrix {
  if (typeof x === 'object' && x !== null) {
    if (Array.isArray(x)) return nested(x as readonly (readonly number[])[], what);
    if ('dataSync' in x && typeof x.dataSync === 'function' && Array.isArray(x.shape)) {
      const [rows, cols] = x.shape as readonly number[];
      if (x.shape.length === 2 && isCount(rows) && isCount(cols)) {
        const data = x.dataSync();
        return { data: data instanceof Float32Array ? data : Float64Array.from(data), rows, cols };
      }
    }
    const { data, rows, cols } = x as Partial<Matrix>;
    if (isNumbers(data) && isCount(rows) && isCount(cols)) return { data, rows, cols };
  }
  throw new LiouvilleError(
    'invalid-argument',
    `${what}: expected points as {data, rows, cols}, an array of rows, or a tensor of 2 axes; got ${describe(x)}.`,
  );
}

function nested(rows: readonly (readonly number[])[], what: string): Matrix {
  const cols = rows[0]?.length ?? 0;
  const data = new Float64Array(rows.length * cols);
  rows.forEach((row, i) => {
    if (!Array.isArray(row) || row.length !== cols) {
      const came = Array.isArray(row) ? `${row.length}` : describe(row);
      throw new LiouvilleError(
        'shape-mismatch',
        `${what}: point 0 has ${cols} coordinates; point ${i} has ${came}.`,
      );
    }
    row.forEach((value: unknown, j) => {
      // Anything that is no number becomes NaN, which is refused below: null would be 0.
      data[i * cols + j] = typeof value === 'number' ? value : Number.NaN;
    });
  });
  return { data, rows: rows.length, cols };
}

function concatenate(parts: readonly Matrix[], dim: number): Clouds {
  const length = parts.reduce((sum, { data }) => sum + data.length, 0);
  const single = parts.every(({ data }) => data instanceof Float32Array);
  const data = single ? new Float32Array(length) : new Float64Array(length);
  const offsets = new Uint32Array(parts.length + 1);
  let at = 0;
  parts.forEach((part, i) => {
    data.set(part.data, at);
    at += part.data.length;
    offsets[i + 1] = offsets[i]! + part.rows;
  });
  return { data, dim, offsets };
}

function checkSizes({ data, dim, offsets }: Clouds, what: string): void {
  if (offsets.length < 2) {
    throw new LiouvilleError('invalid-data', `${what}: expected at least one cloud; got none.`);
  }
  for (let i = 0; i + 1 < offsets.length; i++) {
    const points = offsets[i + 1]! - offsets[i]!;
    if (points === 0) throw new LiouvilleError('invalid-data', `${what}: cloud ${i} has no points.`);
    if (points < 0 || offsets[0] !== 0) {
      throw new LiouvilleError(
        'shape-mismatch',
        `${what}: offsets must begin with 0 and increase; offset ${points < 0 ? i + 1 : 0} is ${offsets[points < 0 ? i + 1 : 0]}.`,
      );
    }
  }
  const points = offsets.at(-1)!;
  if (!isCount(dim) || dim === 0 || data.length !== points * dim) {
    throw new LiouvilleError(
      'shape-mismatch',
      `${what}: ${points} points of ${String(dim)} coordinates must be as many numbers, at least one a point; got ${data.length}.`,
    );
  }
}

function checkFinite({ data, dim, offsets }: Clouds, what: string): void {
  let at = 0;
  while (at < data.length && Number.isFinite(data[at])) at++;
  if (at === data.length) return;
  const point = Math.floor(at / dim);
  const cloud = offsets.findIndex((offset) => offset > point) - 1;
  throw new LiouvilleError(
    'invalid-data',
    `${what}: expected finite coordinates; cloud ${cloud}, point ${point - offsets[cloud]!}, coordinate ${at % dim} is ${data[at]}.`,
  );
}

function isNumbers(x: unknown): x is Float32Array | Float64Array {
  return x instanceof Float32Array || x instanceof Float64Array;
}

function isCount(x: unknown): x is number {
  return typeof x === 'number' && Number.isInteger(x) && x >= 0;
}

function describe(x: unknown): string {
  if (typeof x !== 'object' || x === null) return x === null ? 'null' : typeof x;
  return `an object with ${Object.keys(x).slice(0, 5).join(', ') || 'nothing'}`;
}
