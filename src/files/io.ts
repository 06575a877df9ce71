import { LiouvilleError } from '../errors.ts';

const PIECE = 2 ** 20;

/*
 * The one place of the library that touches the file system. Node's modules are imported when a call
 * needs them, so that everything else loads in a browser.
 */

/** The bytes of a file. What the file system refuses is thrown as 'io', naming the path and the reason. */
export async function readBytes(path: string): Promise<Uint8Array> {
  const fs = await fileSystem();
  try {
    await refuseDevices(fs, path);
    return await fs.readFile(path);
  } catch (error) {
    throw fileSystemError('read', path, error);
  }
}

/** The bytes of a file in pieces, so that it need not fit into memory. Throws like `readBytes`. */
export async function* readPieces(path: string): AsyncGenerator<Uint8Array> {
  const fs = await fileSystem();
  let file;
  try {
    await refuseDevices(fs, path);
    file = await fs.open(path);
    const piece = new Uint8Array(PIECE);
    for (;;) {
      const { bytesRead } = await file.read(piece, 0, PIECE);
      if (bytesRead === 0) return;
      yield piece.slice(0, bytesRead);
    }
  } catch (error) {
    throw error instanceof LiouvilleError ? error : fileSystemError('read', path, error);
  } finally {
    await file?.close();
  }
}

/** Neither folders nor what has no end: a device, a pipe. */
async function refuseDevices(fs: FileSystem, path: string): Promise<void> {
  const stats = await fs.stat(path);
  if (stats.isDirectory()) throw Object.assign(new Error('the path is a folder'), { code: 'EISDIR' });
  if (!stats.isFile()) throw new Error('it is not a regular file');
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
      await syncFolder(fs, target);
    } catch (error) {
      await fs.rm(temporary, { force: true });
      throw error;
    }
  } catch (error) {
    throw fileSystemError('write', path, error);
  }
}

/**
 * Makes a folder, and those above it, where there is none. Throws 'io', naming the path and the reason, also where a
 * file has its name.
 */
export async function makeFolder(path: string): Promise<void> {
  const fs = await fileSystem();
  try {
    await makeFolders(fs, path);
  } catch (error) {
    throw fileSystemError('write', path, error);
  }
}

/** Not by mkdir's `recursive`, which tries for ever where a folder answers that it is not there, as /proc does. */
async function makeFolders(fs: FileSystem, path: string): Promise<void> {
  if (await isFolder(fs, path)) return;
  const parent = fs.paths.dirname(path);
  if (parent !== path) await makeFolders(fs, parent);
  try {
    await fs.mkdir(path);
  } catch (error) {
    // Somebody else may have made it meanwhile.
    if (errorCode(error) !== 'EEXIST' || !(await isFolder(fs, path))) throw error;
  }
}

async function isFolder(fs: FileSystem, path: string): Promise<boolean> {
  try {
    return (await fs.stat(path)).isDirectory();
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return false;
    throw error;
  }
}

/** The names in a folder; none where there is no such folder. Throws 'io' for what the file system refuses. */
export async function namesIn(path: string): Promise<string[]> {
  const fs = await fileSystem();
  try {
    return await fs.readdir(path);
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return [];
    throw fileSystemError('read', path, error);
  }
}

/** Removes a file, if it is there. Throws 'io' for what the file system refuses. */
export async function removeFile(path: string): Promise<void> {
  const fs = await fileSystem();
  try {
    await fs.rm(path, { force: true });
  } catch (error) {
    throw fileSystemError('write', path, error);
  }
}

/**
 * Replaces what a file holds from byte `position` on; makes the file where there is none. Not in one step: meant for
 * logs that grow, where a failed call is made again at the same position. Throws 'io', naming path and reason.
 */
export async function writeTail(path: string, position: number, bytes: Uint8Array): Promise<void> {
  const fs = await fileSystem();
  try {
    const { constants } = fs;
    const file = await fs.open(path, constants.O_RDWR | constants.O_CREAT, 0o666);
    try {
      await file.truncate(position);
      let written = 0;
      while (written < bytes.length) {
        const rest = bytes.length - written;
        written += (await file.write(bytes, written, rest, position + written)).bytesWritten;
      }
    } finally {
      await file.close();
    }
  } catch (error) {
    throw fileSystemError('write', path, error);
  }
}

/** Makes a rename last through a crash of the machine, where the system can sync folders (Windows cannot). */
async function syncFolder(fs: FileSystem, path: string): Promise<void> {
  const end = Math.max(path.lastIndexOf('/'), path.lastIndexOf('\\'));
  const folder = end < 0 ? '.' : path.slice(0, end + 1);
  let handle: Awaited<ReturnType<FileSystem['open']>>;
  try {
    handle = await fs.open(folder, 'r');
  } catch {
    return;
  }
  try {
    await handle.sync();
  } catch (error) {
    // The file is in its place; some file systems refuse to sync a folder.
    if (!['EINVAL', 'ENOTSUP', 'EPERM', 'EISDIR', 'EBADF'].includes(errorCode(error) ?? '')) throw error;
  } finally {
    await handle.close();
  }
}

type FileSystem = Awaited<ReturnType<typeof fileSystem>>;

async function fileSystem() {
  // Bundlers for browsers allow for a module that is missing only where its absence is caught.
  try {
    const fs = await import('node:fs/promises');
    const paths = await import('node:path');
    return { ...fs, paths };
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
  await refuseDevices(fs, target);
  return target;
}

const REASONS: ReadonlyMap<string, string> = new Map([
  ['ENOENT', 'there is no such file'],
  ['EISDIR', 'it is a folder, not a file'],
  ['ENOTDIR', 'a part of the path is a file, not a folder'],
  ['EEXIST', 'a file of that name is there'],
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
