import { LiouvilleError } from '../errors.ts';

/*
 * The one place of the library that touches the file system. Node's modules are imported when a call
 * needs them, so that everything else loads in a browser.
 */

/** The bytes of a file. What the file system refuses is thrown as 'io', naming the path and the reason. */
export async function readBytes(path: string): Promise<Uint8Array> {
  const { readFile } = await fileSystem();
  try {
    return await readFile(path);
  } catch (error) {
    throw fileSystemError('read', path, error);
  }
}

/**
 * Writes a file as a whole or not at all: the bytes go to a new file in the same folder, reach the disk,
 * and then take the place of `path` in one step, so that neither a crash nor a full disk leaves half a
 * file behind. A symbolic link is followed. What is there but is no regular file (a folder, a device) is
 * left alone. Throws 'io', naming the path and the reason.
 */
export async function writeBytesAtomically(path: string, bytes: Uint8Array): Promise<void> {
  const fs = await fileSystem();
  try {
    const target = await existingFile(fs, path);
    const temporary = `${target}.${globalThis.crypto.randomUUID()}.tmp`;
    try {
      const file = await fs.open(temporary, 'wx');
      try {
        await file.writeFile(bytes);
        await file.sync();
      } finally {
        await file.close();
      }
      await fs.rename(temporary, target);
    } catch (error) {
      await fs.rm(temporary, { force: true });
      throw error;
    }
  } catch (error) {
    throw fileSystemError('write', path, error);
  }
}

type FileSystem = Awaited<ReturnType<typeof fileSystem>>;

async function fileSystem() {
  try {
    return await import('node:fs/promises');
  } catch (error) {
    throw new LiouvilleError('io', 'There is no file system here: hand over bytes instead of a path.', {
      cause: error,
    });
  }
}

/** Where to write: `path` itself, or the file that it links to. */
async function existingFile(fs: FileSystem, path: string): Promise<string> {
  let target: string;
  try {
    target = await fs.realpath(path);
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return path;
    throw error;
  }
  const stats = await fs.stat(target);
  if (stats.isDirectory()) throw Object.assign(new Error('the path is a folder'), { code: 'EISDIR' });
  if (!stats.isFile()) throw new Error('it is not a regular file');
  return target;
}

const REASONS: ReadonlyMap<string, string> = new Map([
  ['ENOENT', 'there is no such file'],
  ['EISDIR', 'it is a folder, not a file'],
  ['ENOTDIR', 'a part of the path is a file, not a folder'],
  ['EACCES', 'permission denied'],
  ['EPERM', 'permission denied'],
  ['EROFS', 'the file system is read-only'],
  ['ENOSPC', 'the disk is full'],
  ['EDQUOT', 'the disk quota is used up'],
  ['EFBIG', 'the file is too large'],
  ['ERR_FS_FILE_TOO_LARGE', 'the file is too large'],
  ['ENAMETOOLONG', 'the name is too long'],
  ['ELOOP', 'symbolic links form a loop'],
  ['EMFILE', 'too many files are open'],
]);

/** An 'io' error for what the file system threw; the original is its cause. */
export function fileSystemError(action: 'read' | 'write', path: string, error: unknown): LiouvilleError {
  const code = errorCode(error) ?? '';
  const missingFolder = action === 'write' && code === 'ENOENT' ? 'its folder does not exist' : undefined;
  const reason =
    missingFolder ?? REASONS.get(code) ?? (error instanceof Error ? error.message : String(error));
  return new LiouvilleError('io', `Cannot ${action} '${path}': ${reason}.`, { cause: error });
}

function errorCode(error: unknown): string | undefined {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  return typeof code === 'string' ? code : undefined;
}
