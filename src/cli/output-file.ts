import { stat } from 'node:fs/promises';
import { dirname, extname } from 'node:path';
import { LiouvilleError } from '../errors.ts';
import { checkOutputFolder } from './output-folder.ts';

const EXTENSIONS = ['.npy', '.csv'];

/**
 * Tries whether a table can be written to the path, so that no long computation ends with nowhere to put its results.
 * Throws 'invalid-argument' naming the option.
 */
export async function checkOutputFile(
  option: string,
  path: string,
  extensions: readonly string[] = EXTENSIONS,
): Promise<void> {
  const extension = extname(path).toLowerCase();
  if (!extensions.includes(extension)) {
    throw new LiouvilleError(
      'invalid-argument',
      `${option}: expected a file that ends in ${extensions.join(' or ')}; got '${path}'.`,
    );
  }
  await checkOutputFolder(option, dirname(path));
}

/** Throws 'invalid-argument' where the results would replace the rows that they are computed from. */
export async function refuseInput(option: string, path: string, input: string): Promise<void> {
  const [output, read] = await Promise.all([path, input].map(identityOf));
  if (output === undefined || output !== read) return;
  throw new LiouvilleError('invalid-argument', `${option}: '${path}' is the file that the rows come from.`);
}

/** What two names of one file have in common; undefined where there is none. */
async function identityOf(path: string): Promise<string | undefined> {
  try {
    const { dev, ino } = await stat(path, { bigint: true });
    return `${dev} ${ino}`;
  } catch {
    return undefined;
  }
}
