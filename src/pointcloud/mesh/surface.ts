import { LiouvilleError } from '../../errors.ts';
import { hashName, uniform } from '../../random/index.ts';
import type { PointCloud } from '../clouds.ts';
import { pointCloudOf } from '../clouds.ts';
import type { Mesh } from './mesh.ts';

/** The most points that a call draws. */
const MOST_POINTS = 2 ** 28;

/**
 * Points that are uniform on the surface of a mesh: a triangle in proportion to its area, and in it
 * (1 - sqrt(u)) a + sqrt(u) (1 - v) b + sqrt(u) v c for u and v uniform on (0, 1) (Osada et al., "Shape distributions", ACM
 * Transactions on Graphics 21, 2002, section 4.2). Point i depends on the seed and i only. In single precision where
 * the mesh has it. Throws 'invalid-data' for a mesh without triangles or without area, and for points that are not finite;
 * 'shape-mismatch' for triangles that name points which are not there; 'invalid-argument' for a count or seed that is no
 * whole number.
 */
export function sampleSurface(
  mesh: Mesh,
  count: number,
  options: { readonly seed?: number } = {},
): PointCloud {
  const { seed = 0 } = options;
  if (!Number.isInteger(count) || count < 1 || count > MOST_POINTS) {
    throw new LiouvilleError(
      'invalid-argument',
      `count: expected a whole number from 1 to ${MOST_POINTS}; got ${String(count)}.`,
    );
  }
  const points = pointCloudOf(mesh.points, 'mesh');
  const upTo = summedAreas(points, mesh.triangles);
  const { data, cols } = points;
  const out = data instanceof Float32Array ? new Float32Array(count * cols) : new Float64Array(count * cols);
  const stream = hashName('points of a surface');
  for (let i = 0; i < count; i++) {
    const triangle = firstAbove(upTo, uniform(seed, stream, 3 * i) * upTo.at(-1)!);
    const root = Math.sqrt(uniform(seed, stream, 3 * i + 1));
    const v = uniform(seed, stream, 3 * i + 2);
    const weights = [1 - root, root * (1 - v), root * v] as const;
    for (let k = 0; k < cols; k++) {
      let value = 0;
      for (let corner = 0; corner < 3; corner++) {
        value += weights[corner]! * data[mesh.triangles[3 * triangle + corner]! * cols + k]!;
      }
      out[i * cols + k] = value;
    }
  }
  return { data: out, rows: count, cols };
}

/** The areas of the triangles up to each. */
function summedAreas({ data, rows, cols }: PointCloud, triangles: Uint32Array): Float64Array {
  if (triangles.length === 0) {
    throw new LiouvilleError(
      'invalid-data',
      'mesh: it has no triangles, so there is no surface to draw points from; take its own points instead.',
    );
  }
  const stranger = triangles.find((corner) => corner >= rows);
  if (triangles.length % 3 !== 0 || stranger !== undefined) {
    throw new LiouvilleError(
      'shape-mismatch',
      `mesh: triangles are three numbers each, below ${rows}; got ${triangles.length}${stranger === undefined ? '' : ` with ${stranger}`}.`,
    );
  }
  const upTo = new Float64Array(triangles.length / 3);
  let sum = 0;
  for (let t = 0; t < upTo.length; t++) {
    const [a, b, c] = triangles.subarray(3 * t, 3 * t + 3);
    let [bb, cc, bc] = [0, 0, 0];
    for (let k = 0; k < cols; k++) {
      const toB = data[b! * cols + k]! - data[a! * cols + k]!;
      const toC = data[c! * cols + k]! - data[a! * cols + k]!;
      bb += toB * toB;
      cc += toC * toC;
      bc += toB * toC;
    }
    // Half the root of Gram's determinant, in any dimension; rounding may leave a little less than nothing.
    sum += Math.sqrt(Math.max(0, bb * cc - bc * bc)) / 2;
    upTo[t] = sum;
  }
  if (sum > 0 && Number.isFinite(sum)) return upTo;
  throw new LiouvilleError('invalid-data', `mesh: its triangles have an area of ${sum} together.`);
}

/** The first place whose number is above `value`, or the last place. */
function firstAbove(upTo: Float64Array, value: number): number {
  let [low, high] = [0, upTo.length - 1];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (upTo[middle]! > value) high = middle;
    else low = middle + 1;
  }
  return low;
}
