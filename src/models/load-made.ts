import { made } from '../discrete/index.ts';
import type { Made, MadeModelOptions } from '../discrete/index.ts';
import { badConfiguration, badFile, loadModel } from './load.ts';

/**
 * A MADE with several sets of masks from the file that `save` wrote, with the same bits.
 *
 * @param source a path, or the bytes of the file.
 * @throws LiouvilleError 'io', 'bad-file' for anything that is not such a file, 'incompatible-version'.
 */
export async function loadMade(source: string | Uint8Array): Promise<Made> {
  return loadModel(source, async ({ model, options }, name) => {
    if (model !== 'made') throw badFile(name, `it holds a model '${model}'; expected 'made'`);
    try {
      return made(options as unknown as MadeModelOptions);
    } catch (error) {
      throw badConfiguration(name, error);
    }
  });
}
