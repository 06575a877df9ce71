import { bernoulliMade, made } from '../discrete/index.ts';
import type { BernoulliMade, Made, MadeModelOptions } from '../discrete/index.ts';
import { badConfiguration, badFile, loadModel } from './load.ts';

/**
 * A MADE with several sets of masks from the file that `save` wrote, with the same bits.
 *
 * @param source a path, or the bytes of the file.
 * @throws LiouvilleError 'io', 'bad-file' for anything that is not such a file, 'incompatible-version'.
 */
export async function loadMade(source: string | Uint8Array): Promise<Made> {
  return loadAs('made', made, source);
}

/**
 * A MADE of zeros and ones from the file that `save` wrote, with the same bits.
 *
 * @param source a path, or the bytes of the file.
 * @throws LiouvilleError 'io', 'bad-file' for anything that is not such a file, 'incompatible-version'.
 */
export async function loadBernoulliMade(source: string | Uint8Array): Promise<BernoulliMade> {
  return loadAs('bernoulli-made', bernoulliMade, source);
}

async function loadAs<T extends Made | BernoulliMade>(
  expected: string,
  create: (options: MadeModelOptions) => T,
  source: string | Uint8Array,
): Promise<T> {
  return loadModel(source, async ({ model, options }, name) => {
    if (model !== expected) throw badFile(name, `it holds a model '${model}'; expected '${expected}'`);
    try {
      return create(options as unknown as MadeModelOptions);
    } catch (error) {
      throw badConfiguration(name, error);
    }
  });
}
