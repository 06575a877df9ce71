import { LiouvilleError } from '../errors.ts';
import { bfloat16ToNumber, float16ToNumber } from './half.ts';
import { readSafetensorsHeader } from './safetensors-header.ts';
import type { TensorEntry } from './safetensors-header.ts';
import { badFile } from './table.ts';

/** The arrays of tensors: F64, F32, I64, I32 and U8 as they are; F16 and BF16 are read into Float32Array. */
export type TensorData = Float64Array | Float32Array | BigInt64Array | Int32Array | Uint8Array;

/** Entries in row-major order; the shape [] is that of a single number. */
export interface Tensor {
  shape: readonly number[];
  data: TensorData;
}

/** What a .safetensors file holds: arrays by name, with their shapes, and texts about them. */
export interface Safetensors {
  /** By name, in the order of the header. */
  tensors: Map<string, Tensor>;
  /** The header's __metadata__. */
  metadata: Map<string, string>;
}

/** What is read of a data type: bytes per entry, and `count` entries from the start of a view. */
interface Readable {
  bytes: number;
  read: (view: DataView, count: number) => TensorData;
}

const READABLE: ReadonlyMap<string, Readable> = new Map<string, Readable>([
  ['F64', { bytes: 8, read: (view, n) => fill(new Float64Array(n), (i) => view.getFloat64(8 * i, true)) }],
  ['F32', { bytes: 4, read: (view, n) => fill(new Float32Array(n), (i) => view.getFloat32(4 * i, true)) }],
  [
    'F16',
    {
      bytes: 2,
      read: (view, n) => fill(new Float32Array(n), (i) => float16ToNumber(view.getUint16(2 * i, true))),
    },
  ],
  [
    'BF16',
    {
      bytes: 2,
      read: (view, n) => fill(new Float32Array(n), (i) => bfloat16ToNumber(view.getUint16(2 * i, true))),
    },
  ],
  ['I64', { bytes: 8, read: (view, n) => fill(new BigInt64Array(n), (i) => view.getBigInt64(8 * i, true)) }],
  ['I32', { bytes: 4, read: (view, n) => fill(new Int32Array(n), (i) => view.getInt32(4 * i, true)) }],
  ['U8', { bytes: 1, read: (view, n) => fill(new Uint8Array(n), (i) => view.getUint8(i)) }],
]);

/**
 * Reads a .safetensors file (https://github.com/huggingface/safetensors, "Format"). Offsets, shapes and
 * sizes are all checked against the length of the file before any tensor is allocated: the tensors must
 * cover the data without overlap and without holes. `source` names the bytes in messages. Throws
 * 'bad-file' naming the tensor.
 */
export function decodeSafetensors(bytes: Uint8Array, source = 'the .safetensors bytes'): Safetensors {
  const { entries, metadata, dataOffset } = readSafetensorsHeader(bytes, source);
  const readers = entries.map((entry) => readerOf(entry, source));
  checkCover(entries, bytes.length - dataOffset, source);
  const tensors = new Map<string, Tensor>();
  entries.forEach(({ name, shape, begin, end }, i) => {
    const view = new DataView(bytes.buffer, bytes.byteOffset + dataOffset + begin, end - begin);
    const { bytes: size, read } = readers[i]!;
    tensors.set(name, { shape, data: read(view, (end - begin) / size) });
  });
  return { tensors, metadata };
}

/**
 * A .safetensors file. Tensors of wide entries come first and those of equal width in the order of their
 * names, so that every tensor is aligned and equal contents give equal bytes. Throws 'shape-mismatch'
 * when the shape and the number of entries disagree, 'invalid-argument' for the name '__metadata__', which
 * the format keeps for itself.
 */
export function encodeSafetensors(
  tensors: ReadonlyMap<string, Tensor>,
  metadata: ReadonlyMap<string, string> = new Map(),
): Uint8Array<ArrayBuffer> {
  for (const [name, tensor] of tensors) checkTensor(name, tensor);
  const ordered = [...tensors].toSorted(
    ([nameA, a], [nameB, b]) =>
      b.data.BYTES_PER_ELEMENT - a.data.BYTES_PER_ELEMENT || (nameA < nameB ? -1 : nameA > nameB ? 1 : 0),
  );
  const fields: string[] = [];
  if (metadata.size > 0) {
    const pairs = Array.from(metadata, ([key, text]) => `${JSON.stringify(key)}:${JSON.stringify(text)}`);
    fields.push(`"__metadata__":{${pairs.join(',')}}`);
  }
  let dataBytes = 0;
  for (const [name, { shape, data }] of ordered) {
    const offsets = [dataBytes, dataBytes + data.byteLength];
    fields.push(
      `${JSON.stringify(name)}:${JSON.stringify({ dtype: dtypeOf(data), shape, data_offsets: offsets })}`,
    );
    dataBytes += data.byteLength;
  }
  const json = new TextEncoder().encode(`{${fields.join(',')}}`);
  const headerBytes = Math.ceil(json.length / 8) * 8;
  const bytes = new Uint8Array(8 + headerBytes + dataBytes).fill(0x20, 0, 8 + headerBytes);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(headerBytes), true);
  bytes.set(json, 8);
  let offset = 8 + headerBytes;
  for (const [, { data }] of ordered) {
    write(new DataView(bytes.buffer, offset, data.byteLength), data);
    offset += data.byteLength;
  }
  return bytes;
}

function readerOf({ name, dtype, shape, begin, end }: TensorEntry, source: string): Readable {
  const reader = READABLE.get(dtype);
  if (reader === undefined) {
    const known = [...READABLE.keys()].join(', ');
    throw badFile(source, `tensor ${JSON.stringify(name)} has dtype '${dtype}'; read are ${known}.`);
  }
  // Beyond 2^53 the product is inexact, but still far from any size that fits into the file.
  const needed = countOf(shape) * reader.bytes;
  if (needed !== end - begin) {
    throw badFile(
      source,
      `tensor ${JSON.stringify(name)} of ${dtype} [${shape.join(', ')}] needs ${needed} bytes; its data_offsets [${begin}, ${end}] give ${end - begin}.`,
    );
  }
  return reader;
}

/** Throws unless the entries cover 0..dataBytes, each byte once. */
function checkCover(entries: readonly TensorEntry[], dataBytes: number, source: string): void {
  let reached = 0;
  let previous = '';
  for (const { name, begin, end } of entries.toSorted((a, b) => a.begin - b.begin || a.end - b.end)) {
    if (begin < reached) {
      throw badFile(source, `tensors ${JSON.stringify(previous)} and ${JSON.stringify(name)} overlap.`);
    }
    if (begin > reached) {
      throw badFile(
        source,
        `bytes ${reached} to ${begin} of its data, before ${JSON.stringify(name)}, belong to no tensor.`,
      );
    }
    reached = end;
    previous = name;
  }
  if (reached !== dataBytes) {
    const what = reached > dataBytes ? 'is it truncated?' : 'the rest belongs to no tensor.';
    throw badFile(source, `its tensors end at byte ${reached} of the data, which have ${dataBytes}: ${what}`);
  }
}

function checkTensor(name: string, { shape, data }: Tensor): void {
  if (name === '__metadata__') {
    throw new LiouvilleError('invalid-argument', `A tensor must not be named '__metadata__'.`);
  }
  const valid = shape.every((size) => Number.isSafeInteger(size) && size >= 0);
  if (!valid || countOf(shape) !== data.length) {
    throw new LiouvilleError(
      'shape-mismatch',
      `tensor ${JSON.stringify(name)}: shape [${shape.join(', ')}] and ${data.length} entries disagree.`,
    );
  }
}

function countOf(shape: readonly number[]): number {
  return shape.includes(0) ? 0 : shape.reduce((product, size) => product * size, 1);
}

function dtypeOf(data: TensorData): string {
  if (data instanceof Float64Array) return 'F64';
  if (data instanceof Float32Array) return 'F32';
  if (data instanceof BigInt64Array) return 'I64';
  if (data instanceof Int32Array) return 'I32';
  return 'U8';
}

function write(view: DataView, data: TensorData): void {
  if (data instanceof Float64Array) data.forEach((value, i) => view.setFloat64(8 * i, value, true));
  else if (data instanceof Float32Array) data.forEach((value, i) => view.setFloat32(4 * i, value, true));
  else if (data instanceof BigInt64Array) data.forEach((value, i) => view.setBigInt64(8 * i, value, true));
  else if (data instanceof Int32Array) data.forEach((value, i) => view.setInt32(4 * i, value, true));
  else data.forEach((value, i) => view.setUint8(i, value));
}

function fill<T, A extends { readonly length: number; [i: number]: T }>(
  array: A,
  entry: (i: number) => T,
): A {
  for (let i = 0; i < array.length; i++) array[i] = entry(i);
  return array;
}
