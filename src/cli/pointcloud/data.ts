import { LiouvilleError } from '../../errors.ts';
import {
  decodeNpy,
  decodeNpz,
  encodeNpy,
  readBytes,
  readTable,
  writeBytesAtomically,
} from '../../files/index.ts';
import { cloudsOf, cloudCount, cloudAt, selectClouds } from '../../pointcloud/index.ts';
import type { Clouds } from '../../pointcloud/index.ts';
import { namedStream, permutation } from '../../random/index.ts';

/** Clouds of a file: an array [clouds, points, coordinates], or a table whose rows are the points of one cloud. */
export async function readCloudFile(path: string, key: string | null): Promise<Clouds> {
  const kind = /\.([^.]+)$/.exec(path.toLowerCase())?.[1];
  if (kind !== 'npy' && kind !== 'npz') {
    const { matrix } = await readTable(path, { ...(key !== null && { key }) });
    return cloudsOf([matrix], path);
  }
  const bytes = await readBytes(path);
  const array = kind === 'npz' ? await decodeNpz(bytes, key ?? undefined, path) : decodeNpy(bytes, path);
  const { shape, data } = array;
  if (shape.length === 2) return cloudsOf([{ data, rows: shape[0]!, cols: shape[1]! }], path);
  return cloudsOf(array, path);
}

/** Writes clouds of the same size as an array [clouds, points, coordinates]. */
export async function writeCloudFile(path: string, clouds: Clouds): Promise<void> {
  const count = cloudCount(clouds);
  const shape = [count, clouds.data.length / count / clouds.dim, clouds.dim];
  await writeBytesAtomically(path, encodeNpy({ shape, data: Float32Array.from(clouds.data) }));
}

/** Which clouds are trained with, and which are kept for `evaluate`. */
export interface Split {
  readonly train: Clouds;
  /** null where none were to be held out. */
  readonly test: Clouds | null;
}

/** Takes `test` clouds out at random. Throws 'invalid-argument' when none are left to train with. */
export function splitClouds(clouds: Clouds, test: number, seed: number): Split {
  const count = cloudCount(clouds);
  if (test >= count) {
    const came = `there ${count === 1 ? 'is 1 cloud' : `are ${count} clouds`}`;
    throw new LiouvilleError(
      'invalid-argument',
      `--test: expected fewer than there are; got ${test}, and ${came}.`,
    );
  }
  const order = permutation(count, seed, namedStream('split of clouds'));
  return {
    train: selectClouds(clouds, order.subarray(test)),
    test: test === 0 ? null : selectClouds(clouds, order.subarray(0, test)),
  };
}

/** A point x of the data is (x - mean) / scale for the model. */
export interface Normalisation {
  readonly mean: readonly number[];
  readonly scale: number;
}

/** The mean of each coordinate and one scale for all, over the points of all clouds (Yang et al. 2019, section 5). */
export function normalisationOf({ data, dim }: Clouds): Normalisation {
  const points = data.length / dim;
  const mean = Array<number>(dim).fill(0);
  data.forEach((value, i) => (mean[i % dim] = mean[i % dim]! + value / points));
  let squares = 0;
  data.forEach((value, i) => (squares += (value - mean[i % dim]!) ** 2));
  const scale = Math.sqrt(squares / data.length);
  return { mean, scale: scale > 0 ? scale : 1 };
}

export function normalised(clouds: Clouds, { mean, scale }: Normalisation): Clouds {
  const data = Float64Array.from(clouds.data, (value, i) => (value - mean[i % clouds.dim]!) / scale);
  return { ...clouds, data };
}

export function asGiven(clouds: Clouds, { mean, scale }: Normalisation): Clouds {
  const data = Float64Array.from(clouds.data, (value, i) => value * scale + mean[i % clouds.dim]!);
  return { ...clouds, data };
}

/** Cloud `number` of a file, as the one in a set. Throws 'invalid-argument', naming the option. */
export function chosen(clouds: Clouds, number: number, option: string): Clouds {
  if (number >= cloudCount(clouds)) {
    throw new LiouvilleError(
      'invalid-argument',
      `${option}: expected a whole number from 0 to ${cloudCount(clouds) - 1}; got ${number}.`,
    );
  }
  return cloudsOf([cloudAt(clouds, number)]);
}
