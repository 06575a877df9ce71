import { LiouvilleError } from '../errors.ts';
import type { Matrix } from '../matrix.ts';
import { float16ToNumber } from './half.ts';
import { readNpyHeader } from './npy-header.ts';
import { badFile, checkMatrix } from './table.ts';

/*
 * A codec of our own instead of the npyjs package: that one ignores the shape when it sizes the data,
 * reads big-endian bytes as little-endian ones, fails on unaligned data, and reports a damaged header
 * as whatever built-in error it runs into.
 */

/** An array of any rank, entries in C order: the last index runs fastest. */
export interface NpyArray {
  shape: number[];
  data: Float64Array | Float32Array;
}

interface ElementType {
  bytes: number;
  read(view: DataView, offset: number, little: boolean): number;
  /** Whether single precision holds every value. */
  single: boolean;
}

/** By the part of NumPy's type code that follows the byte order. */
const ELEMENT_TYPES: ReadonlyMap<string, ElementType> = new Map<string, ElementType>([
  ['b1', { bytes: 1, single: true, read: (view, at) => (view.getUint8(at) === 0 ? 0 : 1) }],
  ['i1', { bytes: 1, single: true, read: (view, at) => view.getInt8(at) }],
  ['u1', { bytes: 1, single: true, read: (view, at) => view.getUint8(at) }],
  ['i2', { bytes: 2, single: true, read: (view, at, little) => view.getInt16(at, little) }],
  ['u2', { bytes: 2, single: true, read: (view, at, little) => view.getUint16(at, little) }],
  ['i4', { bytes: 4, single: false, read: (view, at, little) => view.getInt32(at, little) }],
  ['u4', { bytes: 4, single: false, read: (view, at, little) => view.getUint32(at, little) }],
  ['i8', { bytes: 8, single: false, read: (view, at, little) => Number(view.getBigInt64(at, little)) }],
  ['u8', { bytes: 8, single: false, read: (view, at, little) => Number(view.getBigUint64(at, little)) }],
  ['f2', { bytes: 2, single: true, read: (view, at, little) => float16ToNumber(view.getUint16(at, little)) }],
  ['f4', { bytes: 4, single: true, read: (view, at, little) => view.getFloat32(at, little) }],
  ['f8', { bytes: 8, single: false, read: (view, at, little) => view.getFloat64(at, little) }],
]);

/**
 * Reads an .npy file of floats (16, 32, 64 bits), integers (8 to 64 bits) or truth values, of either byte
 * order, in C or Fortran order. The data become a Float32Array where that holds every value of the type,
 * else a Float64Array; 64-bit integers beyond 2^53 round to the nearest double. `source` names the bytes
 * in messages. Throws 'bad-file' before anything is allocated that the file does not pay for.
 */
export function decodeNpy(bytes: Uint8Array, source = 'the .npy bytes'): NpyArray {
  const { descr, fortranOrder, shape, dataOffset } = readNpyHeader(bytes, source);
  const type = ELEMENT_TYPES.get(descr.slice(1));
  const order = descr[0];
  if (type === undefined || (order !== '<' && order !== '>' && !(order === '|' && type.bytes === 1))) {
    throw badFile(source, `has type '${descr}'; read are ${describeTypes()}.`);
  }
  // A product beyond 2^53 is inexact, but not so much that it could equal the size of a file.
  const count = shape.includes(0) ? 0 : shape.reduce((product, size) => product * size, 1);
  const available = bytes.length - dataOffset;
  if (count * type.bytes !== available) {
    const needed = `shape (${shape.join(', ')}) of '${descr}' needs ${count * type.bytes} bytes of data`;
    throw badFile(
      source,
      `${needed}; the file has ${available}${count * type.bytes > available ? ': is it truncated?' : '.'}`,
    );
  }
  const data = type.single ? new Float32Array(count) : new Float64Array(count);
  const view = new DataView(bytes.buffer, bytes.byteOffset + dataOffset, available);
  const little = order !== '>';
  const position = fortranOrder ? fortranPositions(shape) : undefined;
  for (let i = 0; i < count; i++) {
    data[i] = type.read(view, (position === undefined ? i : position()) * type.bytes, little);
  }
  return { shape, data };
}

/** Steps through a Fortran-ordered array in C order: each call gives the position of the next entry. */
function fortranPositions(shape: readonly number[]): () => number {
  const strides: number[] = [];
  let stride = 1;
  for (const size of shape) {
    strides.push(stride);
    stride *= size;
  }
  const index = new Array<number>(shape.length).fill(0);
  let next = 0;
  return () => {
    const current = next;
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      index[axis]! += 1;
      next += strides[axis]!;
      if (index[axis]! < shape[axis]!) break;
      next -= strides[axis]! * shape[axis]!;
      index[axis] = 0;
    }
    return current;
  };
}

/**
 * The array as rows: rank 2 as it is, rank 1 as one column. Other ranks, and arrays without entries,
 * throw 'bad-file'.
 */
export function matrixFromNpy(array: NpyArray, source = 'the .npy array'): Matrix {
  const { shape, data } = array;
  const [rows, cols = 1] = shape;
  if (rows === undefined || shape.length > 2) {
    throw badFile(source, `has shape (${shape.join(', ')}); rows need an array of one or two dimensions.`);
  }
  if (data.length === 0) throw badFile(source, `has shape (${shape.join(', ')}): there are no rows in it.`);
  return { data, rows, cols };
}

/**
 * An .npy file, version 1.0, little-endian, C order: '<f8' for a Float64Array, '<f4' for a Float32Array.
 * Throws 'shape-mismatch' when the matrix does not hold rows x cols numbers, or the array those of its shape.
 */
export function encodeNpy(array: Matrix | NpyArray): Uint8Array<ArrayBuffer> {
  const { data } = array;
  const shape = shapeOf(array);
  const single = data instanceof Float32Array;
  const size = single ? 4 : 8;
  // A tuple of one needs its comma.
  const tuple = `(${shape.join(', ')}${shape.length === 1 ? ',' : ''})`;
  const dictionary = `{'descr': '<f${size}', 'fortran_order': False, 'shape': ${tuple}, }`;
  // Spaces and a newline bring the data to a multiple of 64 bytes, as the format asks.
  const dataOffset = Math.ceil((10 + dictionary.length + 1) / 64) * 64;
  const bytes = new Uint8Array(dataOffset + data.length * size);
  const view = new DataView(bytes.buffer);
  const preamble = `\x93NUMPY\x01\x00`;
  const header = dictionary.padEnd(dataOffset - 11) + '\n';
  for (let i = 0; i < preamble.length; i++) bytes[i] = preamble.charCodeAt(i);
  view.setUint16(8, header.length, true);
  for (let i = 0; i < header.length; i++) bytes[10 + i] = header.charCodeAt(i);
  for (let i = 0; i < data.length; i++) {
    if (single) view.setFloat32(dataOffset + 4 * i, data[i]!, true);
    else view.setFloat64(dataOffset + 8 * i, data[i]!, true);
  }
  return bytes;
}

function shapeOf(array: Matrix | NpyArray): readonly number[] {
  if (!('shape' in array)) {
    checkMatrix(array);
    return [array.rows, array.cols];
  }
  const { shape, data } = array;
  const count = shape.reduce((product, size) => product * size, 1);
  if (shape.every((size) => Number.isSafeInteger(size) && size >= 0) && count === data.length) return shape;
  throw new LiouvilleError(
    'shape-mismatch',
    `An array of the shape (${shape.join(', ')}) must hold as many numbers; got ${data.length}.`,
  );
}

function describeTypes(): string {
  return `'<' or '>' (or '|' for one byte) followed by ${[...ELEMENT_TYPES.keys()].join(', ')}`;
}
