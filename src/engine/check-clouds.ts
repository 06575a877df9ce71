import { LiouvilleError, unknownName } from '../errors.ts';
import type { CloudData, CloudDistance } from './types.ts';

/** The distances between clouds that engines compute. */
export const cloudDistanceNames: readonly CloudDistance[] = ['chamfer', 'earth-mover'];

/** Coordinates beyond this are refused: their squares would overflow. */
const largestCoordinate = 1e150;

/** Throws unless the clouds are well formed, the pairs name clouds that can be compared, and limits are numbers for each. */
export function checkClouds(
  kind: CloudDistance,
  left: CloudData,
  right: CloudData,
  pairs: Uint32Array,
  limits?: Float64Array,
): void {
  if (!cloudDistanceNames.includes(kind)) throw unknownName('cloud distance', kind, cloudDistanceNames);
  checkSide('left', left);
  checkSide('right', right);
  if (left.dim !== right.dim) {
    throw new LiouvilleError(
      'shape-mismatch',
      `Clouds to be compared have points of one dimension; got ${left.dim} and ${right.dim}.`,
    );
  }
  if (pairs.length % 2 !== 0) {
    throw new LiouvilleError('shape-mismatch', `pairs: expected two numbers each; got ${pairs.length}.`);
  }
  if (limits !== undefined) checkLimits(limits, pairs.length / 2);
  for (let i = 0; i < pairs.length; i += 2) {
    const n = sizeOf(left, pairs[i]!);
    const m = sizeOf(right, pairs[i + 1]!);
    if (kind === 'earth-mover' && n !== m) {
      throw new LiouvilleError(
        'shape-mismatch',
        `The earth mover's distance assigns points one to one, so both clouds need as many: cloud ${pairs[i]} has ${n}, ` +
          `cloud ${pairs[i + 1]} has ${m}. Draw as many points of each first.`,
      );
    }
  }
}

function checkLimits(limits: Float64Array, count: number): void {
  if (!(limits instanceof Float64Array) || limits.length !== count || limits.some(Number.isNaN)) {
    throw new LiouvilleError(
      'invalid-argument',
      `limits: expected a Float64Array with a number, not NaN, for each of ${count} pairs.`,
    );
  }
}

function checkSide(name: string, { data, dim, offsets }: CloudData): void {
  const sorted = offsets.length > 0 && offsets.every((offset, i) => i === 0 || offset > offsets[i - 1]!);
  if (!sorted || offsets[0] !== 0) {
    throw new LiouvilleError(
      'invalid-data',
      `${name}: offsets must begin with 0 and increase, since no cloud is empty.`,
    );
  }
  const expected = offsets.at(-1)! * dim;
  if (!Number.isInteger(dim) || dim < 1 || data.length !== expected) {
    throw new LiouvilleError(
      'shape-mismatch',
      `${name}: ${offsets.at(-1)} points of ${dim} coordinates are as many numbers; got ${data.length}.`,
    );
  }
  const bad = data.findIndex((x) => !(Math.abs(x) <= largestCoordinate));
  if (bad >= 0) {
    throw new LiouvilleError(
      'invalid-data',
      `${name}: expected coordinates up to ${largestCoordinate}; point ${Math.floor(bad / dim)} has ${data[bad]}.`,
    );
  }
}

function sizeOf({ offsets }: CloudData, i: number): number {
  if (i < offsets.length - 1) return offsets[i + 1]! - offsets[i]!;
  throw new LiouvilleError('invalid-argument', `pairs: there are ${offsets.length - 1} clouds; got ${i}.`);
}
