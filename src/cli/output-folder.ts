import { randomUUID } from 'node:crypto';
import { rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { LiouvilleError } from '../errors.ts';
import { makeFolder } from '../files/index.ts';
import { fileSystemError } from '../files/io.ts';

/**
 * Makes the folder where there is none, and tries to write into it, so that a run of hours does not end with
 * nowhere to put its results. Throws 'invalid-argument' naming the option, the path and the reason.
 */
export async function checkOutputFolder(option: string, path: string): Promise<void> {
  try {
    await makeFolder(path);
    const probe = join(path, `.${randomUUID()}.tmp`);
    await writeFile(probe, '');
    await rm(probe);
  } catch (error) {
    const found = error instanceof LiouvilleError ? error : fileSystemError('write', path, error);
    const reason = (await isFile(path)) ? `'${path}' is a file.` : found.message;
    throw new LiouvilleError('invalid-argument', `${option}: expected a folder to write to. ${reason}`, {
      cause: error,
    });
  }
}

async function isFile(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isFile();
  } catch {
    return false;
  }
}
