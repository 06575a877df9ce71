import { dirname, extname } from 'node:path';
import { LiouvilleError } from '../errors.ts';
import { checkOutputFolder } from './output-folder.ts';

const EXTENSIONS = ['.npy', '.csv'];

/**
 * Tries whether a table can be written to the path, so that no long computation ends with nowhere to put its results.
 * Throws 'invalid-argument' naming the option.
 */
export async function checkOutputFile(option: string, path: string): Promise<void> {
  const extension = extname(path).toLowerCase();
  if (!EXTENSIONS.includes(extension)) {
    throw new LiouvilleError(
      'invalid-argument',
      `${option}: expected a file that ends in ${EXTENSIONS.join(' or ')}; got '${path}'.`,
    );
  }
  await checkOutputFolder(option, dirname(path));
}
