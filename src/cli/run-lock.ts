import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { LiouvilleError } from '../errors.ts';
import { namesIn } from '../files/index.ts';
import { fileSystemError } from '../files/io.ts';

/*
 * Two processes that train into one folder would write over each other's checkpoints. Node has no locks of files, so
 * a process puts an empty file into the folder whose name says which process it is, and only then looks for those
 * of others. Nobody takes over such a file: of two that come at the same moment both may give way, but never
 * do both go on. What a killed process has left is known by its name, and removed. Processes of other
 * machines and containers are not seen.
 */

const LOCK = /^\.(\d+)-(\d+)\.lock$/;

/** What stands for the beginning of a process where the system does not tell it. */
const UNKNOWN = '0';

/**
 * Does a task as the only process in a folder. Throws 'invalid-argument', naming the option, where another one
 * is at work in it, and 'io'.
 */
export async function alone<T>(option: string, folder: string, task: () => Promise<T>): Promise<T> {
  const own = `.${process.pid}-${await beginningOf(process.pid)}.lock`;
  const path = join(folder, own);
  try {
    await writeFile(path, '', { flag: 'wx' });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') throw inUse(option, folder, process.pid);
    throw fileSystemError('write', path, error);
  }
  try {
    for (const name of await namesIn(folder)) {
      const [, pid, began] = LOCK.exec(name) ?? [];
      if (pid === undefined || name === own) continue;
      if (await isRunning(Number(pid), began!)) throw inUse(option, folder, Number(pid));
      await rm(join(folder, name), { force: true });
    }
    return await task();
  } finally {
    // Where it cannot be removed, the next process will know it for what it is.
    await rm(path, { force: true }).catch(() => undefined);
  }
}

/** Whether the process that began then still runs. Numbers of processes are used again; with their beginnings they are not. */
async function isRunning(pid: number, began: string): Promise<boolean> {
  if (began !== UNKNOWN) return (await beginningOf(pid)) === began;
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** When a process began, in ticks of the machine's clock (Linux); `UNKNOWN` for one that has ended. */
async function beginningOf(pid: number): Promise<string> {
  let text: string;
  try {
    text = await readFile(`/proc/${pid}/stat`, 'utf8');
  } catch {
    return UNKNOWN;
  }
  // The name of the program, in parentheses, may hold anything; its state and 18 others come before the beginning.
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  const hasEnded = fields[0] === 'Z' || fields[0] === 'X';
  const began = fields[19] ?? '';
  return hasEnded || !/^\d+$/.test(began) ? UNKNOWN : began;
}

function inUse(option: string, folder: string, pid: number): LiouvilleError {
  return new LiouvilleError(
    'invalid-argument',
    `${option}: process ${pid} is at work in '${folder}'; wait until it has ended, or end it.`,
  );
}
