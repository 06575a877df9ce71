// What the scripts for point clouds share.

import { readFileSync } from 'node:fs';

const built = (/** @type {string} */ path) => import(new URL(`../../dist/${path}`, import.meta.url).href);
const { decodeNpz } = /** @type {typeof import('../../src/files/index.ts')} */ (
  await built('files/index.js')
);

/** Seconds of all threads of this process. */
export function cpuSeconds() {
  const { user, system } = process.cpuUsage();
  return Math.round((user + system) / 1e5) / 10;
}

/**
 * @param {string} file an .npz archive
 * @param {string} key
 */
export async function readArray(file, key) {
  return decodeNpz(readFileSync(file), key, file);
}

/**
 * The Chamfer distance of two clouds: the mean squared distance to the nearest point of the other one, both ways summed.
 *
 * @param {ArrayLike<number>} a
 * @param {ArrayLike<number>} b
 */
export function chamfer(a, b) {
  return toNearest(a, b) + toNearest(b, a);
}

/**
 * @param {ArrayLike<number>} from
 * @param {ArrayLike<number>} to
 */
function toNearest(from, to) {
  let sum = 0;
  for (let i = 0; i < from.length; i += 3) {
    let nearest = Infinity;
    for (let j = 0; j < to.length; j += 3) {
      let squares = 0;
      for (let k = 0; k < 3; k++) squares += (Number(from[i + k]) - Number(to[j + k])) ** 2;
      nearest = Math.min(nearest, squares);
    }
    sum += nearest;
  }
  return sum / (from.length / 3);
}

const { permutation } = /** @type {typeof import('../../src/random/index.ts')} */ (
  await built('random/index.js')
);

/** @typedef {{ data: Float32Array | Float64Array, count: number, points: number }} CloudSet clouds of the same size */

/**
 * @param {string} file an .npz archive with one array [clouds, points, 3]
 * @returns {Promise<CloudSet>}
 */
export async function readSet(file) {
  const { data, shape } = await decodeNpz(readFileSync(file), undefined, file);
  const [count = 0, points = 0] = shape;
  return { data, count, points };
}

/**
 * @param {CloudSet} set
 * @param {number} held how many clouds are for the test
 * @param {number} seed
 */
export function splitOf({ count }, held, seed) {
  const order = permutation(count, seed, 1);
  return { train: order.slice(held), test: order.slice(0, held) };
}

/**
 * The clouds of a set as a model sees them, (x - mean) / scale with the mean of each coordinate and one scale over all
 * training clouds, as in PointFlow.
 *
 * @param {CloudSet} set
 * @param {Uint32Array} train
 */
export function normalised(set, train) {
  const size = set.points * 3;
  const mean = new Float64Array(3);
  /** @param {number} cloud @param {number} i */
  const at = (cloud, i) => Number(set.data[cloud * size + i]);
  let squares = 0;
  const all = train.length * set.points;
  for (const cloud of train) {
    for (let i = 0; i < size; i++) mean[i % 3] = Number(mean[i % 3]) + at(cloud, i) / all;
  }
  for (const cloud of train) {
    for (let i = 0; i < size; i++) squares += (at(cloud, i) - Number(mean[i % 3])) ** 2 / (3 * all);
  }
  const scale = Math.sqrt(squares);
  return {
    mean: Array.from(mean),
    scale,
    /** @param {Uint32Array} numbers */
    clouds: (numbers) => ({
      data: Float64Array.from({ length: numbers.length * size }, (_, i) => {
        return (at(Number(numbers[Math.floor(i / size)]), i % size) - Number(mean[i % 3])) / scale;
      }),
      dim: 3,
      offsets: Uint32Array.from({ length: numbers.length + 1 }, (_, i) => i * set.points),
    }),
  };
}
