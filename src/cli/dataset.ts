import { statSync } from 'node:fs';
import { basename } from 'node:path';
import type { DataSource } from '../compare/index.ts';
import { splitRows, tableNotes, toyData, toyEntropy, toyLogDensity, toyNames } from '../data/index.ts';
import { LiouvilleError, unknownName } from '../errors.ts';
import { readTable } from '../files/index.ts';
import { oneLine } from './failure.ts';
import type { Io } from './io.ts';

/**
 * The rows that --data names, split with the seed: a toy, or else a file. Throws 'unknown-name' where it is
 * neither, and whatever reading a file throws.
 */
export async function loadData(name: string, seed: number, key: string | undefined): Promise<DataSource> {
  if (toyNames.includes(name)) {
    if (key !== undefined) {
      throw new LiouvilleError(
        'invalid-argument',
        `--key: '${name}' is a toy and has no arrays to choose from.`,
      );
    }
    return {
      name,
      split: toyData(name, seed),
      entropy: toyEntropy[name]!,
      logDensity: toyLogDensity[name]!,
    };
  }
  checkFile('--data', name, notThere);
  const table = await readTable(name, key === undefined ? {} : { key });
  return {
    name: basename(name),
    split: splitRows(table, seed),
    entropy: null,
    logDensity: null,
    notes: [...table.notes, ...tableNotes(table)],
  };
}

/** Tells the user what to know of the rows. */
export function tellNotes({ notes = [] }: Pick<DataSource, 'notes'>, io: Io): void {
  for (const note of notes) io.stderr.write(`liouville: ${oneLine(note)}\n`);
}

/** Throws 'invalid-argument' for a folder, and what `absent` makes of a name that nothing has. */
export function checkFile(option: string, path: string, absent: (path: string) => LiouvilleError): void {
  const found = statSync(path, { throwIfNoEntry: false });
  if (found === undefined) throw absent(path);
  if (found.isDirectory()) {
    throw new LiouvilleError('invalid-argument', `${option}: expected a file; '${path}' is a folder.`);
  }
}

/** A name with a dot or a slash was meant as a file. */
function notThere(name: string): LiouvilleError {
  if (/[./\\]/.test(name)) {
    return new LiouvilleError('invalid-argument', `--data: there is no file '${name}'.`);
  }
  const { message } = unknownName('data', name, toyNames);
  return new LiouvilleError('unknown-name', `${message} Nor is there a file of that name.`);
}
