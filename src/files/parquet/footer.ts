import { integer, isStruct, list, optionalInteger, struct, text } from './fields.ts';
import { numberType } from './number-type.ts';
import type { NumberType } from './number-type.ts';
import { ThriftReader } from './thrift.ts';
import type { Fail, ThriftStruct, ThriftValue } from './thrift.ts';

/** A column at the top of the schema: how its numbers are kept, or why it has none. */
export interface ParquetColumn {
  name: string;
  /** Which of the column chunks of a row group is its own; that of its first leaf where it is nested. */
  leaf: number;
  /** Whether rows may have no value. */
  optional: boolean;
  type: NumberType | { notNumbers: string };
}

/** Where a column's pages of one row group lie. */
export interface ColumnChunk {
  codec: number;
  begin: number;
  end: number;
}

export interface RowGroup {
  rows: number;
  /** One for each leaf of the schema; undefined where the bytes are in another file or encrypted. */
  chunks: (ColumnChunk | undefined)[];
}

export interface ParquetFooter {
  rows: number;
  columns: ParquetColumn[];
  groups: RowGroup[];
}

const MAGIC = 0x31524150;

/**
 * What the end of a Parquet file says (https://github.com/apache/parquet-format, parquet.thrift: FileMetaData),
 * checked against the size of the file. `fail` makes the errors.
 */
export function readFooter(bytes: Uint8Array, fail: Fail): ParquetFooter {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const end = bytes.length - 8;
  if (end < 4 || view.getUint32(end + 4, true) !== MAGIC)
    throw fail('it does not end as a Parquet file: is it truncated?');
  const length = view.getUint32(end, true);
  if (length > end - 4) throw fail(`it claims a footer of ${length} bytes, more than it has`);
  const reader = new ThriftReader(bytes.subarray(0, end), end - length, fail);
  const footer = reader.struct();
  const { columns, leaves } = readSchema(list(footer.get(2), 'schema', fail), fail);
  const groups = list(footer.get(4), 'list of row groups', fail).map((group) =>
    readGroup(struct(group, 'row group', fail), leaves, end - length, fail),
  );
  const rows = integer(footer, 3, 'number of rows', fail, 0);
  const inGroups = groups.reduce((sum, group) => sum + group.rows, 0);
  if (inGroups !== rows) throw fail(`its row groups hold ${inGroups} rows, but ${rows} are claimed`);
  return { rows, columns, groups };
}

/** The columns below the root, and how many leaves the tree has. Its nodes stand in depth-first order. */
function readSchema(nodes: readonly ThriftValue[], fail: Fail): { columns: ParquetColumn[]; leaves: number } {
  const elements = nodes.map((node) => struct(node, 'schema', fail));
  const childrenOf = (element: ThriftStruct) => optionalInteger(element, 5) ?? 0;
  if (elements[0] === undefined) throw fail('its schema is empty');
  const columns: ParquetColumn[] = [];
  let leaves = 0;
  let next = 1;
  for (let i = childrenOf(elements[0]); i > 0; i--) {
    const first = elements[next];
    if (first === undefined) throw fail('its schema is cut short');
    columns.push(columnOf(first, leaves, childrenOf(first) > 0, fail));
    // The whole tree below: each node takes one, and brings its own children.
    for (let open = 1; open > 0; open--) {
      const element = elements[next++];
      if (element === undefined) throw fail('its schema is cut short');
      const children = childrenOf(element);
      if (children < 0 || children > elements.length)
        throw fail(`a node of its schema has ${children} children`);
      if (children === 0) leaves += 1;
      open += children;
    }
  }
  if (next !== elements.length) throw fail('its schema has nodes that belong to nothing');
  return { columns, leaves };
}

function columnOf(element: ThriftStruct, leaf: number, isGroup: boolean, fail: Fail): ParquetColumn {
  const repetition = optionalInteger(element, 3) ?? 0;
  const nested = isGroup || repetition === 2;
  return {
    name: text(element.get(4), 'column name', fail),
    leaf,
    optional: repetition === 1,
    type: nested ? { notNumbers: 'a list or a struct' } : numberType(element),
  };
}

function readGroup(group: ThriftStruct, leaves: number, dataEnd: number, fail: Fail): RowGroup {
  const columns = list(group.get(1), 'list of column chunks', fail);
  if (columns.length !== leaves) {
    throw fail(`a row group has ${columns.length} column chunks; the schema has ${leaves}`);
  }
  return {
    rows: integer(group, 3, 'number of rows in a row group', fail, 0),
    chunks: columns.map((column) => readChunk(struct(column, 'column chunk', fail), dataEnd, fail)),
  };
}

function readChunk(chunk: ThriftStruct, dataEnd: number, fail: Fail): ColumnChunk | undefined {
  const meta = chunk.get(3);
  if (!isStruct(meta) || chunk.has(1)) return undefined;
  const dataOffset = integer(meta, 9, 'offset of data pages', fail, 0);
  const dictionaryOffset = optionalInteger(meta, 11) ?? 0;
  const begin = dictionaryOffset > 0 ? Math.min(dictionaryOffset, dataOffset) : dataOffset;
  const end = begin + integer(meta, 7, 'size of a column chunk', fail, 0);
  if (end > dataEnd) throw fail(`a column chunk ends at byte ${end}, beyond the data: is it truncated?`);
  return { codec: integer(meta, 4, 'compression', fail, 0), begin, end };
}
