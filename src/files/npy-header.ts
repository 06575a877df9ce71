import { looksLikeHint } from './signature.ts';
import { badFile } from './table.ts';

/** What the header of an .npy file says, checked for its form only. */
export interface NpyHeader {
  /** NumPy's type code, such as '<f8'. */
  descr: string;
  fortranOrder: boolean;
  shape: number[];
  /** Where the data begin. */
  dataOffset: number;
}

const MAGIC = [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59];
/** Numeric arrays of any rank fit many times; longer headers are those of structured types. */
const MAX_HEADER_BYTES = 65535;
/** The largest rank that NumPy has. */
const MAX_RANK = 64;
/** One entry of the dictionary: its key, then a string, a truth value or a tuple, then a comma or the end. */
const ENTRY = /\s*(['"])(\w+)\1\s*:\s*(?:(['"])([^'"]*)\3|(True|False)|\(([^()]*)\))\s*(?:,|(?=\}))/y;

/**
 * Reads the header of an .npy file, format versions 1.0, 2.0 and 3.0 (NumPy Enhancement Proposal 1): the
 * magic string, the version, the header's length, and a Python dictionary with the keys 'descr',
 * 'fortran_order' and 'shape'. Throws 'bad-file'.
 */
export function readNpyHeader(bytes: Uint8Array, source: string): NpyHeader {
  if (!MAGIC.every((byte, i) => bytes[i] === byte)) {
    throw badFile(source, `is no .npy file: it does not begin with \\x93NUMPY.${looksLikeHint(bytes)}`);
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const major = bytes[6];
  const minor = bytes[7];
  if (major === undefined || minor === undefined || bytes.length < (major === 1 ? 10 : 12)) {
    throw badFile(source, `ends after ${bytes.length} bytes, inside the .npy preamble.`);
  }
  if (major < 1 || major > 3 || minor !== 0) {
    throw badFile(source, `has .npy version ${major}.${minor}; known are 1.0, 2.0 and 3.0.`);
  }
  const start = major === 1 ? 10 : 12;
  const length = major === 1 ? view.getUint16(8, true) : view.getUint32(8, true);
  if (length > MAX_HEADER_BYTES) {
    throw badFile(source, `announces a header of ${length} bytes; at most ${MAX_HEADER_BYTES} are read.`);
  }
  if (start + length > bytes.length) {
    throw badFile(
      source,
      `announces a header of ${length} bytes, but ends ${bytes.length - start} bytes into it.`,
    );
  }
  // Every header that this library can use is ASCII; the other encodings only matter for field names.
  const text = new TextDecoder('latin1').decode(bytes.subarray(start, start + length));
  return { ...parseDictionary(text, source), dataOffset: start + length };
}

function parseDictionary(text: string, source: string): Omit<NpyHeader, 'dataOffset'> {
  const malformed = (what: string) => badFile(source, `has a malformed .npy header: ${what}.`);
  const open = /^\s*\{/.exec(text);
  if (open === null) throw malformed(`expected a dictionary, got ${quote(text)}`);
  if (/['"]descr['"]\s*:\s*\[/.test(text)) {
    throw badFile(source, 'holds a structured array; plain numbers are expected.');
  }
  const entries = new Map<string, RegExpExecArray>();
  let position = open[0].length;
  for (;;) {
    ENTRY.lastIndex = position;
    const entry = ENTRY.exec(text);
    if (entry === null) break;
    const key = entry[2]!;
    if (entries.has(key)) throw malformed(`key '${key}' stands twice`);
    entries.set(key, entry);
    position = ENTRY.lastIndex;
  }
  if (!/^\s*\}\s*$/.test(text.slice(position))) {
    throw malformed(`cannot read ${quote(text.slice(position))}`);
  }
  const descr = entries.get('descr')?.[4];
  const fortranOrder = entries.get('fortran_order')?.[5];
  const shape = entries.get('shape')?.[6];
  if (descr === undefined) throw malformed(`'descr' must be a string`);
  if (fortranOrder === undefined) throw malformed(`'fortran_order' must be True or False`);
  if (shape === undefined) throw malformed(`'shape' must be a tuple`);
  if (entries.size > 3) throw malformed(`unexpected keys among ${[...entries.keys()].join(', ')}`);
  return { descr, fortranOrder: fortranOrder === 'True', shape: parseShape(shape, malformed) };
}

/** The integers between the parentheses of a tuple. Python 2 wrote long integers with an L. */
function parseShape(text: string, malformed: (what: string) => Error): number[] {
  const parts = text.split(',').map((part) => part.trim());
  if (parts.at(-1) === '') parts.pop();
  else if (parts.length === 1) throw malformed(`(${text}) is not a tuple`);
  if (parts.length > MAX_RANK) throw malformed(`${parts.length} dimensions, at most ${MAX_RANK} exist`);
  return parts.map((part) => {
    const size = /^\d+L?$/.test(part) ? Number.parseInt(part, 10) : NaN;
    if (!Number.isSafeInteger(size)) throw malformed(`${quote(part)} is no dimension`);
    return size;
  });
}

function quote(text: string): string {
  return JSON.stringify(text.length > 60 ? `${text.slice(0, 60)}...` : text);
}
