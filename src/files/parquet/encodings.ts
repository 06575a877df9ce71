import type { NumberType } from './number-type.ts';
import type { Fail } from './thrift.ts';

/*
 * The encodings of numbers (https://github.com/apache/parquet-format, Encodings.md). Each takes the bytes and how many
 * values to expect, which the caller has found to be plausible, and never makes more.
 */

/** One after the other; truth values as bits, the lowest first. */
export function plainValues(bytes: Uint8Array, count: number, type: NumberType, fail: Fail): Float64Array {
  const needed = type.width === 0 ? Math.ceil(count / 8) : count * type.width;
  if (bytes.length < needed)
    throw fail(`a page of ${count} values needs ${needed} bytes; it has ${bytes.length}`);
  const values = new Float64Array(count);
  if (type.width === 0) {
    for (let i = 0; i < count; i++) values[i] = (bytes[i >> 3]! >> (i & 7)) & 1;
    return values;
  }
  const view = viewOf(bytes);
  for (let i = 0; i < count; i++) values[i] = type.read(view, i * type.width);
  return values;
}

/** BYTE_STREAM_SPLIT: the first bytes of all values, then the second ones, and so on. */
export function splitValues(bytes: Uint8Array, count: number, type: NumberType, fail: Fail): Float64Array {
  const { width } = type;
  if (width === 0 || bytes.length !== count * width) {
    throw fail(`a page of ${count} values needs ${count * width} bytes; it has ${bytes.length}`);
  }
  const joined = new Uint8Array(count * width);
  for (let i = 0; i < count; i++)
    for (let b = 0; b < width; b++) joined[i * width + b] = bytes[b * count + i]!;
  return plainValues(joined, count, type, fail);
}

/** RLE: runs of one value, and runs of values packed into `width` bits each, the lowest bits first. */
export function hybridValues(bytes: Uint8Array, width: number, count: number, fail: Fail): Float64Array {
  const values = new Float64Array(count);
  let at = 0;
  for (let done = 0; done < count;) {
    const head = varint(bytes, at, fail);
    at = head.next;
    const packed = head.value & 1n;
    const run = Number(head.value >> 1n) * (packed ? 8 : 1);
    const take = Math.min(run, count - done);
    const size = packed ? Math.ceil((take * width) / 8) : Math.ceil(width / 8);
    if (at + size > bytes.length) throw fail('a run of values is cut short');
    if (packed) {
      for (let i = 0; i < take; i++) values[done + i] = bitsAt(bytes, at, i * width, width);
      at += (run / 8) * width;
    } else {
      values.fill(bitsAt(bytes, at, 0, width), done, done + take);
      at += size;
    }
    done += take;
  }
  return values;
}

/** DELTA_BINARY_PACKED: a first value, then blocks of differences, each from the least of its block. */
export function deltaValues(bytes: Uint8Array, count: number, type: NumberType, fail: Fail): Float64Array {
  const bits = type.physical === 'INT32' ? 32 : 64;
  const blockSize = varint(bytes, 0, fail);
  const parts = varint(bytes, blockSize.next, fail);
  const total = varint(bytes, parts.next, fail);
  const first = varint(bytes, total.next, fail);
  const inPart = Number(blockSize.value) / Number(parts.value);
  const plausible =
    Number.isInteger(inPart) && inPart > 0 && inPart % 32 === 0 && Number(total.value) === count;
  if (!plausible) throw fail('the head of a page of differences makes no sense');
  const values = new Float64Array(count);
  let current = BigInt.asIntN(bits, unzigzag(first.value));
  let at = first.next;
  let done = 0;
  if (count > 0) values[done++] = type.fromInteger(current);
  while (done < count) {
    const least = varint(bytes, at, fail);
    const widths = least.next;
    at = widths + Number(parts.value);
    if (at > bytes.length) throw fail('a page of differences is cut short');
    for (let part = 0; part < Number(parts.value) && done < count; part++) {
      const width = bytes[widths + part]!;
      const take = Math.min(inPart, count - done);
      if (width > 64 || at + Math.ceil((take * width) / 8) > bytes.length) {
        throw fail('a page of differences is cut short');
      }
      for (let i = 0; i < take; i++) {
        const difference = unzigzag(least.value) + wideBitsAt(bytes, at, i * width, width);
        current = BigInt.asIntN(bits, current + difference);
        values[done++] = type.fromInteger(current);
      }
      at += (inPart / 8) * width;
    }
  }
  return values;
}

/** `width` bits, 32 at most, `skip` bits after byte `at`, the lowest first. */
function bitsAt(bytes: Uint8Array, at: number, skip: number, width: number): number {
  let value = 0;
  let position = skip;
  for (let got = 0; got < width;) {
    const shift = position & 7;
    const take = Math.min(8 - shift, width - got);
    value += ((bytes[at + Math.floor(position / 8)]! >> shift) & ((1 << take) - 1)) * 2 ** got;
    got += take;
    position += take;
  }
  return value;
}

function wideBitsAt(bytes: Uint8Array, at: number, skip: number, width: number): bigint {
  if (width <= 32) return BigInt(bitsAt(bytes, at, skip, width));
  return BigInt(bitsAt(bytes, at, skip, 32)) | (BigInt(bitsAt(bytes, at, skip + 32, width - 32)) << 32n);
}

function varint(bytes: Uint8Array, from: number, fail: Fail): { value: bigint; next: number } {
  let value = 0n;
  for (let i = 0; i < 10; i++) {
    const byte = bytes[from + i];
    if (byte === undefined) throw fail('a page is cut short');
    value |= BigInt(byte & 127) << BigInt(7 * i);
    if (byte < 128) return { value: BigInt.asUintN(64, value), next: from + i + 1 };
  }
  throw fail('a number in a page has more than 64 bits');
}

function unzigzag(value: bigint): bigint {
  return value & 1n ? -(value >> 1n) - 1n : value >> 1n;
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
