import { badFile } from '../../files/table.ts';
import type { NotedMesh } from '../mesh/mesh.ts';
import { pcdTypes } from './binary.ts';
import type { BinaryType } from './binary.ts';
import { decompressLzf } from './lzf.ts';
import { MeshParts } from './parts.ts';
import { countOf, linesOf, numberOf, textOf } from './text.ts';

interface Field {
  readonly name: string;
  readonly type: BinaryType;
  /** How many numbers it has for each point. */
  readonly count: number;
}

interface PcdHeader {
  readonly fields: readonly Field[];
  readonly points: number;
  readonly data: string;
  readonly end: number;
}

const LONGEST = 1 << 16;

/**
 * Reads the points of a .pcd file (Point Cloud Library, version .7): fields x, y and z, as text, binary or compressed.
 * Points that are NaN, by which depth cameras mark what they did not see, are left out and counted in the notes. What
 * would take more than the file holds is refused before anything is allocated. Throws 'bad-file'.
 */
export function decodePcd(bytes: Uint8Array, source = 'the .pcd bytes'): NotedMesh {
  const header = readHeader(bytes, source);
  const places = ['x', 'y', 'z'].map((axis) => header.fields.findIndex(({ name }) => name === axis));
  if (places.includes(-1)) {
    const names = header.fields.map(({ name }) => name).join(', ');
    throw badFile(source, `needs the fields x, y and z; has ${names.slice(0, 80)}.`);
  }
  const parts = new MeshParts(source);
  let unseen = 0;
  for (const [x, y, z] of coordinatesOf(bytes, header, places, source)) {
    if (Number.isNaN(x) || Number.isNaN(y) || Number.isNaN(z)) unseen += 1;
    else parts.addPoint(x, y, z);
  }
  if (unseen > 0) parts.note(`${unseen} of ${header.points} points are NaN and were left out.`);
  return parts.mesh();
}

function coordinatesOf(
  bytes: Uint8Array,
  header: PcdHeader,
  places: readonly number[],
  source: string,
): Iterable<[number, number, number]> {
  const rest = bytes.subarray(header.end);
  if (header.data === 'ascii') return asText(rest, header, places, source);
  if (header.data === 'binary') return asRows(rest, header, places, source);
  if (header.data === 'binary_compressed') return asColumns(rest, header, places, source);
  throw badFile(source, `has DATA ${header.data}; read are ascii, binary and binary_compressed.`);
}

function* asText(
  rest: Uint8Array,
  { fields, points }: PcdHeader,
  places: readonly number[],
  source: string,
): Generator<[number, number, number]> {
  const before = fields.map((_, k) => fields.slice(0, k).reduce((sum, { count }) => sum + count, 0));
  const width = fields.reduce((sum, { count }) => sum + count, 0);
  let found = 0;
  for (const { line } of linesOf(textOf(rest))) {
    const words = line.split(/\s+/);
    found += 1;
    if (words.length !== width || found > points) {
      throw badFile(
        source,
        found > points
          ? `has more than the ${points} points of its header.`
          : `point ${found}: expected ${width} numbers; got ${words.length}.`,
      );
    }
    const [x, y, z] = places.map((k) => numberOf(words[before[k]!]!, source, `point ${found}`));
    yield [x!, y!, z!];
  }
  if (found < points) throw badFile(source, `has ${found} of ${points} points: is it truncated?`);
}

/** All numbers of a point together. */
function* asRows(
  rest: Uint8Array,
  { fields, points }: PcdHeader,
  places: readonly number[],
  source: string,
): Generator<[number, number, number]> {
  const size = sizeOf(fields);
  if (points * size > rest.length) {
    throw badFile(source, `${points} points of ${size} bytes need more than it holds: is it truncated?`);
  }
  const view = new DataView(rest.buffer, rest.byteOffset, rest.byteLength);
  const [x, y, z] = places.map((k) => ({ type: fields[k]!.type, at: sizeOf(fields.slice(0, k)) }));
  for (let start = 0; start < points * size; start += size) {
    yield [
      x!.type.read(view, start + x!.at, true),
      y!.type.read(view, start + y!.at, true),
      z!.type.read(view, start + z!.at, true),
    ];
  }
}

/** Compressed data have all numbers of a field together. */
function* asColumns(
  rest: Uint8Array,
  { fields, points }: PcdHeader,
  places: readonly number[],
  source: string,
): Generator<[number, number, number]> {
  if (rest.length < 8) throw badFile(source, 'ends before its compressed data: is it truncated?');
  const sizes = new DataView(rest.buffer, rest.byteOffset, 8);
  const [packed, unpacked] = [sizes.getUint32(0, true), sizes.getUint32(4, true)];
  if (packed > rest.length - 8) {
    throw badFile(source, `${packed} compressed bytes are more than it holds: is it truncated?`);
  }
  if (unpacked !== points * sizeOf(fields)) {
    throw badFile(source, `unpacks to ${unpacked} bytes; ${points} points need ${points * sizeOf(fields)}.`);
  }
  const data = decompressLzf(rest.subarray(8, 8 + packed), unpacked, source);
  const view = new DataView(data.buffer);
  const [x, y, z] = places.map((k) => ({
    type: fields[k]!.type,
    at: points * sizeOf(fields.slice(0, k)),
    step: fields[k]!.type.bytes * fields[k]!.count,
  }));
  for (let i = 0; i < points; i++) {
    yield [
      x!.type.read(view, x!.at + i * x!.step, true),
      y!.type.read(view, y!.at + i * y!.step, true),
      z!.type.read(view, z!.at + i * z!.step, true),
    ];
  }
}

function sizeOf(fields: readonly Field[]): number {
  return fields.reduce((sum, { type, count }) => sum + type.bytes * count, 0);
}

function readHeader(bytes: Uint8Array, source: string): PcdHeader {
  const text = textOf(bytes.subarray(0, LONGEST));
  const found = /^(?:[^\n]*\n)*?DATA[ \t]+\S+[ \t]*\r?\n/.exec(text);
  if (found === null) throw badFile(source, 'has no line DATA: it is no .pcd file, or is truncated.');
  const lines = new Map<string, string[]>();
  for (const { line } of linesOf(found[0])) {
    const [keyword = '', ...words] = line.split(/\s+/);
    lines.set(keyword, words);
  }
  const names = lines.get('FIELDS') ?? [];
  const [sizes = [], types = []] = [lines.get('SIZE'), lines.get('TYPE')];
  const counts = lines.get('COUNT') ?? names.map(() => '1');
  if (names.length === 0 || [sizes, types, counts].some((words) => words.length !== names.length)) {
    throw badFile(source, 'needs FIELDS, and as many entries of SIZE, TYPE and COUNT.');
  }
  const fields = names.map((name, k) => {
    const type = pcdTypes.get(`${types[k]}${sizes[k]}`);
    if (type === undefined) throw badFile(source, `has a field of TYPE ${types[k]} and SIZE ${sizes[k]}.`);
    const count = countOf(counts[k], source, 'COUNT');
    if (count < 1 || count > LONGEST) throw badFile(source, `has a field of COUNT ${count}.`);
    return { name, type, count };
  });
  const points = countOf(lines.get('POINTS')?.[0], source, 'POINTS');
  return { fields, points, data: lines.get('DATA')![0]!, end: found[0].length };
}
