import { LiouvilleError } from '../errors.ts';
import type { Matrix } from '../matrix.ts';
import { decodeCsv } from './csv.ts';
import { encodeCsv } from './encode-csv.ts';
import { readBytes, readPieces, writeBytesAtomically } from './io.ts';
import { decodeNpy, encodeNpy, matrixFromNpy } from './npy.ts';
import { decodeNpz } from './npz.ts';
import { decodeParquet } from './parquet/decode.ts';
import { looksLike } from './signature.ts';
import { badFile, defaultColumns } from './table.ts';
import type { NotedTable } from './table.ts';

/** The formats of tables, by the extensions of their files. */
const readers: Readonly<
  Record<string, (bytes: Uint8Array, source: string, key?: string) => Promise<NotedTable>>
> = {
  '.npy': async (bytes, source) => {
    const matrix = matrixFromNpy(decodeNpy(bytes, source), source);
    return { matrix, columns: defaultColumns(matrix.cols), notes: [] };
  },
  '.npz': async (bytes, source, key) => {
    const matrix = matrixFromNpy(await decodeNpz(bytes, key, source), source);
    return { matrix, columns: defaultColumns(matrix.cols), notes: [] };
  },
  '.csv': async (bytes, source) => decodeCsv(bytes, source),
  '.parquet': async (bytes, source) => decodeParquet(bytes, source),
};

const writers: Readonly<
  Record<string, (matrix: Matrix, columns: readonly string[] | undefined) => Uint8Array>
> = {
  '.npy': (matrix) => encodeNpy(matrix),
  '.csv': (matrix, columns) => encodeCsv(matrix, columns),
};

/** Options of `readTable`. */
export interface ReadTableOptions {
  /** Which array of an .npz file to read; its only one unless given. */
  key?: string;
}

/**
 * Reads rows of numbers from a file by its extension, or from bytes by what they begin with: .npy, .npz (NumPy's
 * archives; a one-dimensional array is one column), .csv (see `decodeCsv`) and .parquet (see `decodeParquet`). `notes`
 * says in sentences what was left out or had to be decided. Numbers may be NaN or infinite: what is made of the
 * rows decides. Throws 'bad-file' for another extension or bad contents, 'io' for what the file system refuses,
 * 'invalid-argument' for a key where the format has none and for a missing one, 'unknown-name' for a key that is
 * not there, 'invalid-data' for missing values in .parquet.
 */
export async function readTable(
  source: string | Uint8Array,
  options: ReadTableOptions = {},
): Promise<NotedTable> {
  const isPath = typeof source === 'string';
  const extension = isPath ? extensionOf(source, readers) : formatOfBytes(source);
  const name = isPath ? source : `the ${extension} bytes`;
  const { key } = options;
  if (key !== undefined && extension !== '.npz') {
    throw new LiouvilleError(
      'invalid-argument',
      `key '${key}' was given, but ${isPath ? `'${source}'` : name} holds one array only.`,
    );
  }
  if (isPath && extension === '.csv') return decodeCsv(readPieces(source), source);
  return readers[extension]!(isPath ? await readBytes(source) : source, name, key);
}

/**
 * Writes rows of numbers to an .npy or .csv file, as a whole or not at all. Column names are kept by .csv
 * only, as its header line. Throws 'bad-file' for another extension, 'io' for what the file system
 * refuses, and what encodeNpy and encodeCsv throw.
 */
export async function writeTable(path: string, matrix: Matrix, columns?: readonly string[]): Promise<void> {
  const encode = writers[extensionOf(path, writers)]!;
  await writeBytesAtomically(path, encode(matrix, columns));
}

/**
 * Writes one number for each row: an array of one axis in .npy, where NumPy would turn a column beside another array
 * into a table of all pairs, and a column of this name in .csv. Throws what `writeTable` throws.
 */
export async function writeColumn(path: string, values: Float64Array, name: string): Promise<void> {
  if (extensionOf(path, writers) === '.npy') {
    await writeBytesAtomically(path, encodeNpy({ data: values, shape: [values.length] }));
  } else {
    await writeTable(path, { data: values, rows: values.length, cols: 1 }, [name]);
  }
}

/** The extension of a path, if it is among the known ones. */
function extensionOf(path: string, known: Readonly<Record<string, unknown>>): string {
  const name = path.slice(Math.max(path.lastIndexOf('/'), path.lastIndexOf('\\')) + 1);
  const dot = name.lastIndexOf('.');
  const extension = dot < 0 ? '' : name.slice(dot).toLowerCase();
  if (Object.hasOwn(known, extension)) return extension;
  const found = extension === '' ? 'has no extension' : `has the extension '${extension}'`;
  throw badFile(path, `${found}; supported are ${Object.keys(known).join(', ')}.`);
}

/** By what the bytes begin with; whatever is not binary may be CSV. */
function formatOfBytes(bytes: Uint8Array): string {
  const what = looksLike(bytes);
  if (what === 'an .npy file') return '.npy';
  if (what === 'a Parquet file') return '.parquet';
  return what?.includes('zip archive') === true ? '.npz' : '.csv';
}
