import { LiouvilleError } from '../errors.ts';
import type { Matrix } from '../matrix.ts';
import { decodeCsv, encodeCsv } from './csv.ts';
import { readBytes, writeBytesAtomically } from './io.ts';
import { decodeNpy, encodeNpy, matrixFromNpy } from './npy.ts';
import { badFile, defaultColumns } from './table.ts';
import type { Table } from './table.ts';

interface TableFormat {
  decode: (bytes: Uint8Array, source: string) => Table | Promise<Table>;
  encode: (matrix: Matrix, columns: readonly string[] | undefined) => Uint8Array;
}

const FORMATS: ReadonlyMap<string, TableFormat> = new Map<string, TableFormat>([
  ['.npy', { decode: decodeNpyTable, encode: (matrix) => encodeNpy(matrix) }],
  ['.csv', { decode: decodeCsv, encode: encodeCsv }],
]);

export interface ReadTableOptions {
  /** Which array to read, in formats whose files hold several. Neither .npy nor .csv is one. */
  key?: string;
}

/**
 * Reads rows of numbers from a file, by its extension: .npy (a one-dimensional array is one column) or
 * .csv (a header line is optional). Throws 'bad-file' for another extension or bad contents, 'io' for what
 * the file system refuses, 'invalid-argument' for a key where the format has none.
 */
export async function readTable(path: string, options: ReadTableOptions = {}): Promise<Table> {
  const { decode } = formatOf(path);
  if (options.key !== undefined) {
    throw new LiouvilleError(
      'invalid-argument',
      `key '${options.key}' was given, but '${path}' holds one array only.`,
    );
  }
  return decode(await readBytes(path), path);
}

/**
 * Writes rows of numbers to an .npy or .csv file, as a whole or not at all. Column names are kept by .csv
 * only, as its header line. Throws 'bad-file' for another extension, 'io' for what the file system
 * refuses, and what encodeNpy and encodeCsv throw.
 */
export async function writeTable(path: string, matrix: Matrix, columns?: readonly string[]): Promise<void> {
  const bytes = formatOf(path).encode(matrix, columns);
  await writeBytesAtomically(path, bytes);
}

function formatOf(path: string): TableFormat {
  const name = path.slice(Math.max(path.lastIndexOf('/'), path.lastIndexOf('\\')) + 1);
  const dot = name.lastIndexOf('.');
  const extension = dot < 0 ? '' : name.slice(dot).toLowerCase();
  const format = FORMATS.get(extension);
  if (format === undefined) {
    const found = extension === '' ? 'has no extension' : `has the extension '${extension}'`;
    throw badFile(path, `${found}; supported are ${[...FORMATS.keys()].join(', ')}.`);
  }
  return format;
}

function decodeNpyTable(bytes: Uint8Array, source: string): Table {
  const matrix = matrixFromNpy(decodeNpy(bytes, source), source);
  return { matrix, columns: defaultColumns(matrix.cols) };
}
