import { badFile } from '../../files/table.ts';
import { plyTypes } from './binary.ts';
import type { BinaryType } from './binary.ts';
import { countOf, textOf } from './text.ts';

export interface PlyProperty {
  readonly name: string;
  readonly type: BinaryType;
  /** Of a list, what its length is written as. */
  readonly lengthType: BinaryType | undefined;
}

export interface PlyElement {
  readonly name: string;
  readonly count: number;
  readonly properties: PlyProperty[];
}

export interface PlyHeader {
  readonly format: 'ascii' | 'binary_little_endian' | 'binary_big_endian';
  readonly elements: readonly PlyElement[];
  /** Where the data begin. */
  readonly end: number;
}

/** No header is longer. */
const LONGEST = 1 << 16;
const FORMATS: readonly string[] = ['ascii', 'binary_little_endian', 'binary_big_endian'];

/** The header of a .ply file (Turk, "The PLY polygon file format", 1994). Throws 'bad-file'. */
export function readPlyHeader(bytes: Uint8Array, source: string): PlyHeader {
  const text = textOf(bytes.subarray(0, LONGEST));
  const found = /^ply[ \t]*\r?\n(?:[^\n]*\n)*?end_header[ \t]*\r?\n/.exec(text);
  if (found === null) {
    const why = text.startsWith('ply')
      ? 'has no end_header: is it truncated?'
      : "does not begin with 'ply' on a line.";
    throw badFile(source, why);
  }
  let format: string | undefined;
  const elements: PlyElement[] = [];
  for (const line of found[0].trimEnd().split('\n').slice(1, -1)) {
    const [keyword, ...words] = line.trim().split(/\s+/);
    if (keyword === 'format') {
      format = words[0];
      if (!FORMATS.includes(String(format)) || words[1] !== '1.0') {
        throw badFile(source, `has the format '${words.join(' ')}'; read are ${FORMATS.join(', ')} 1.0.`);
      }
    } else if (keyword === 'element') {
      const name = words[0] ?? '';
      elements.push({ name, count: countOf(words[1], source, `the number of '${name}'`), properties: [] });
    } else if (keyword === 'property') {
      const element = elements.at(-1);
      if (element === undefined) throw badFile(source, 'has a property before any element.');
      element.properties.push(propertyOf(words, source));
    } else if (keyword !== 'comment' && keyword !== 'obj_info' && keyword !== '') {
      throw badFile(source, `has a line '${line.slice(0, 40)}' in its header, which is not known.`);
    }
  }
  if (format === undefined) throw badFile(source, 'names no format.');
  const empty = elements.find(({ count, properties }) => count > 0 && properties.length === 0);
  if (empty !== undefined) throw badFile(source, `has ${empty.count} '${empty.name}' without properties.`);
  return { format: format as PlyHeader['format'], elements, end: found[0].length };
}

function propertyOf(words: readonly string[], source: string): PlyProperty {
  const isList = words[0] === 'list';
  const [lengthName, typeName, name] = isList ? words.slice(1) : [undefined, ...words];
  const type = plyTypes.get(typeName ?? '');
  const lengthType = lengthName === undefined ? undefined : plyTypes.get(lengthName);
  if (type === undefined || name === undefined || (isList && lengthType === undefined)) {
    throw badFile(source, `has a property '${words.join(' ').slice(0, 40)}', which is not known.`);
  }
  return { name, type, lengthType };
}
