import { LiouvilleError } from '../../errors.ts';
import { loadModel } from '../../models/load.ts';
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
    if (model !== 'pointflow') {
      throw new LiouvilleError('bad-file', `${name}: it holds a model '${model}'; expected 'pointflow'.`);
    }
    try {
      return pointFlow(options);
    } catch (error) {
      if (!(error instanceof LiouvilleError)) throw error;
      const message = `${name}: its configuration is wrong: ${error.message}`;
      throw new LiouvilleError('bad-file', message, { cause: error });
    }
  });
}
