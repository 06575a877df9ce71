import { badConfiguration, badFile, loadModel } from '../../models/load.ts';
import { pointFlow } from './point-flow.ts';
import type { PointFlow } from './point-flow.ts';

/**
 * A model from the file that `save` (of train), or the training, wrote.
 *
 * @param source a path, or the bytes of the file.
 * @throws LiouvilleError 'io', 'bad-file' for anything that is not such a file, 'incompatible-version'.
 */
export async function loadPointFlow(source: string | Uint8Array): Promise<PointFlow> {
  return loadModel(source, async ({ model, options }, name) => {
    if (model !== 'pointflow') throw badFile(name, `it holds a model '${model}'; expected 'pointflow'`);
    try {
      return pointFlow(options);
    } catch (error) {
      throw badConfiguration(name, error);
    }
  });
}
