import { crc32 } from '../crc32.ts';
import { deltaValues, hybridValues, plainValues, splitValues } from './encodings.ts';
import { integer, optionalInteger, struct } from './fields.ts';
import type { ColumnChunk } from './footer.ts';
import type { NumberType } from './number-type.ts';
import { ThriftReader } from './thrift.ts';
import type { Fail, ThriftStruct } from './thrift.ts';
import type { Unpack } from './unpack.ts';

/** What all pages of a chunk have in common. */
export interface ChunkContext {
  type: NumberType;
  optional: boolean;
  unpack: Unpack;
  fail: Fail;
  /** Called for the first missing value, with its position in the chunk. */
  onNull: (position: number) => Error;
}

/** Pages of few values have headers and paddings too. */
const PAGE_SLACK = 65536;

/** Reads the values of a column chunk into `out`, one for each of its rows. */
export function readChunkPages(
  bytes: Uint8Array,
  { begin, end }: ColumnChunk,
  context: ChunkContext,
  out: (position: number, value: number) => void,
  rows: number,
): void {
  const { fail } = context;
  let dictionary: Float64Array | undefined;
  let at = begin;
  for (let done = 0; done < rows;) {
    const reader = new ThriftReader(bytes.subarray(0, end), at, fail);
    const header = reader.struct();
    const packed = integer(header, 3, 'compressed size of a page', fail, 0);
    at = reader.offset + packed;
    if (at > end) throw fail('a page goes beyond its column chunk');
    const body = bytes.subarray(reader.offset, at);
    const crc = optionalInteger(header, 4);
    if (crc !== undefined && crc32(body) !== crc >>> 0)
      throw fail('a page is damaged: its checksum is wrong');
    const kind = integer(header, 1, 'kind of a page', fail);
    if (kind === 1) continue;
    if (kind === 2) {
      dictionary = readDictionary(header, body, context, rows);
      continue;
    }
    const page =
      kind === 3 ? newPage(header, body, context, rows - done) : oldPage(header, body, context, rows - done);
    const missing = page.levels?.indexOf(0) ?? -1;
    if (missing >= 0) throw context.onNull(done + missing);
    const values = readValues(page, dictionary, context);
    for (let i = 0; i < values.length; i++) out(done + i, values[i]!);
    done += values.length;
  }
}

/** A data page taken apart: definition levels (1 where there is a value) and encoded values. */
interface Page {
  count: number;
  encoding: number;
  levels: Float64Array | undefined;
  body: Uint8Array;
}

function readDictionary(
  header: ThriftStruct,
  body: Uint8Array,
  context: ChunkContext,
  rows: number,
): Float64Array {
  const { type, fail } = context;
  const count = integer(struct(header.get(7), 'dictionary', fail), 1, 'size of a dictionary', fail, 0);
  if (count > rows + PAGE_SLACK) throw fail(`a dictionary claims ${count} entries for ${rows} rows`);
  return plainValues(unpackPage(header, body, context, count, 0), count, type, fail);
}

/** DATA_PAGE: levels and values are compressed together. */
function oldPage(header: ThriftStruct, body: Uint8Array, context: ChunkContext, rowsLeft: number): Page {
  const { fail, optional } = context;
  const data = struct(header.get(5), 'page header', fail);
  const count = countOf(data, rowsLeft, fail);
  const encoding = integer(data, 2, 'encoding of a page', fail);
  const unpacked = unpackPage(header, body, context, count, 0);
  if (!optional) return { count, encoding, levels: undefined, body: unpacked };
  if (integer(data, 3, 'encoding of definition levels', fail) !== 3)
    throw fail('its definition levels are not run-length encoded');
  if (unpacked.length < 4) throw fail('a page is cut short');
  const size = new DataView(unpacked.buffer, unpacked.byteOffset).getUint32(0, true);
  if (4 + size > unpacked.length) throw fail('the definition levels of a page are cut short');
  const levels = hybridValues(unpacked.subarray(4, 4 + size), 1, count, fail);
  return { count, encoding, levels, body: unpacked.subarray(4 + size) };
}

/** DATA_PAGE_V2: levels stand before the values, uncompressed. */
function newPage(header: ThriftStruct, body: Uint8Array, context: ChunkContext, rowsLeft: number): Page {
  const { fail, optional } = context;
  const data = struct(header.get(8), 'page header', fail);
  const count = countOf(data, rowsLeft, fail);
  const encoding = integer(data, 4, 'encoding of a page', fail);
  const definitions = integer(data, 5, 'size of definition levels', fail, 0);
  const start = definitions + integer(data, 6, 'size of repetition levels', fail, 0);
  if (start > body.length) throw fail('the levels of a page are cut short');
  const levels = optional
    ? hybridValues(body.subarray(start - definitions, start), 1, count, fail)
    : undefined;
  const rest = body.subarray(start);
  const values = data.get(7) === false ? rest : unpackPage(header, rest, context, count, start);
  return { count, encoding, levels, body: values };
}

function readValues(
  page: Page,
  dictionary: Float64Array | undefined,
  { type, fail }: ChunkContext,
): Float64Array {
  const { count, encoding, body } = page;
  switch (encoding) {
    case 0:
      return plainValues(body, count, type, fail);
    case 2:
    case 8:
      return dictionaryValues(body, count, dictionary, fail);
    case 3:
      if (type.physical !== 'BOOLEAN') break;
      return hybridValues(body.subarray(4), 1, count, fail);
    case 5:
      if (type.physical !== 'INT32' && type.physical !== 'INT64') break;
      return deltaValues(body, count, type, fail);
    case 9:
      return splitValues(body, count, type, fail);
    default:
  }
  throw fail(`a page of ${type.physical} has encoding ${encoding}, which is not read`);
}

function dictionaryValues(
  body: Uint8Array,
  count: number,
  dictionary: Float64Array | undefined,
  fail: Fail,
): Float64Array {
  if (dictionary === undefined) throw fail('a page refers to a dictionary, and there is none');
  const width = body[0];
  if (width === undefined || width > 32) throw fail(`a page has indices of ${width} bits`);
  const values = hybridValues(body.subarray(1), width, count, fail);
  for (let i = 0; i < count; i++) {
    const value = dictionary[values[i]!];
    if (value === undefined)
      throw fail(`a page refers to entry ${values[i]} of ${dictionary.length} in its dictionary`);
    values[i] = value;
  }
  return values;
}

function countOf(data: ThriftStruct, rowsLeft: number, fail: Fail): number {
  const count = integer(data, 1, 'number of values in a page', fail, 0);
  if (count > rowsLeft) throw fail(`a page claims ${count} values where ${rowsLeft} rows are left`);
  return count;
}

/** The page without its compression; `outside` bytes of its stated size are not compressed. */
function unpackPage(
  header: ThriftStruct,
  body: Uint8Array,
  { unpack, type, fail }: ChunkContext,
  count: number,
  outside: number,
): Uint8Array {
  const size = integer(header, 2, 'size of a page', fail, 0) - outside;
  if (size < 0 || size > PAGE_SLACK + count * (type.width + 8)) {
    throw fail(`a page of ${count} values claims to unpack to ${size} bytes`);
  }
  return unpack(body, size);
}
