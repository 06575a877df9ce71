import { LiouvilleError } from '../../errors.ts';
import { cloudAt, cloudCount, cloudsOf, selectClouds, writeClouds } from '../../pointcloud/index.ts';
import type { Clouds } from '../../pointcloud/index.ts';
import { namedStream, permutation } from '../../random/index.ts';

/** What clouds are written to. */
export const cloudFiles: readonly string[] = ['.npy', '.npz'];
/** What one cloud of points in space may be written to, too. */
export const filesOfOne: readonly string[] = ['.ply', '.xyz'];

/** Writes clouds in single precision, which is what they were drawn in. */
export async function writeCloudFile(path: string, clouds: Clouds): Promise<void> {
  await writeClouds(path, { ...clouds, data: Float32Array.from(clouds.data) });
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
