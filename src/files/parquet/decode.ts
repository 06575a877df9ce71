import { LiouvilleError } from '../../errors.ts';
import { mayUnpackTo } from '../limits.ts';
import { looksLikeHint } from '../signature.ts';
import { badFile } from '../table.ts';
import type { NotedTable } from '../table.ts';
import { readFooter } from './footer.ts';
import type { ParquetColumn, ParquetFooter } from './footer.ts';
import type { NumberType } from './number-type.ts';
import { readChunkPages } from './pages.ts';
import { unpacker } from './unpack.ts';

/*
 * A reader of our own for columns of numbers. hyparquet lets the length of a run decide how far an array grows, and lists
 * of the footer claim their length before they are read, so that a file of a hundred bytes can take all memory;
 * it serves in the tests as the independent reader. Its decompressors are used here.
 */

type NumberColumn = ParquetColumn & { type: NumberType };

/**
 * Reads the columns of numbers of a Parquet file: floats, integers, decimals and truth values, plain or in any
 * encoding and compression but LZO. Columns of anything else, or nested ones, are left out, and `notes` says so.
 * Integers and decimals become the nearest double. A missing value throws 'invalid-data' and names row (counted
 * from 1) and column; everything that is wrong with the file throws 'bad-file', before anything is allocated that is
 * out of proportion to its size.
 */
export async function decodeParquet(bytes: Uint8Array, source = 'the .parquet bytes'): Promise<NotedTable> {
  const fail = (what: string) => badFile(source, `${what}.`);
  if (bytes[0] !== 0x50 || bytes[1] !== 0x41 || bytes[2] !== 0x52 || bytes[3] !== 0x31) {
    throw badFile(source, `is no Parquet file: it does not begin with PAR1.${looksLikeHint(bytes)}`);
  }
  const footer = readFooter(bytes, fail);
  const columns = footer.columns.filter((column): column is NumberColumn => 'read' in column.type);
  const notes = notesOn(footer.columns);
  if (columns.length === 0) {
    throw badFile(source, ['has no column of numbers.', ...notes].join(' '));
  }
  const { rows } = footer;
  if (rows === 0) throw badFile(source, 'has columns, but no rows.');
  const size = 8 * rows * columns.length;
  if (!mayUnpackTo(size, bytes.length)) {
    throw badFile(
      source,
      `claims ${rows} rows of ${columns.length} numbers in ${bytes.length} bytes: refused as out of proportion.`,
    );
  }
  const data = new Float64Array(rows * columns.length);
  for (const [j, column] of columns.entries())
    await readColumn(bytes, source, footer, column, data, j, columns.length);
  return {
    matrix: { data, rows, cols: columns.length },
    columns: columns.map(({ name }) => name),
    notes,
  };
}

async function readColumn(
  bytes: Uint8Array,
  source: string,
  { groups }: ParquetFooter,
  { name, leaf, optional, type }: NumberColumn,
  data: Float64Array,
  j: number,
  cols: number,
): Promise<void> {
  const fail = (what: string) => badFile(source, `column '${name}': ${what}.`);
  let row = 0;
  for (const { rows, chunks } of groups) {
    const chunk = chunks[leaf];
    if (chunk === undefined) throw fail('its data are encrypted, or in another file');
    const first = row;
    const onNull = (position: number) =>
      new LiouvilleError(
        'invalid-data',
        `${source}: there is no value in row ${first + position + 1}, column '${name}'; a number is needed.`,
      );
    const unpack = await unpacker(chunk.codec, fail);
    readChunkPages(
      bytes,
      chunk,
      { type, optional, unpack, fail, onNull },
      (position, value) => {
        data[(first + position) * cols + j] = value;
      },
      rows,
    );
    row += rows;
  }
}

function notesOn(columns: readonly ParquetColumn[]): string[] {
  const dropped = columns.flatMap(({ name, type }) =>
    'notNumbers' in type ? [`'${name}' (${type.notNumbers})`] : [],
  );
  return dropped.length === 0 ? [] : [`Left out, being no columns of numbers: ${dropped.join(', ')}.`];
}
