import { badFile } from './table.ts';

/** One tensor as the header describes it; begin and end count bytes from the end of the header. */
export interface TensorEntry {
  name: string;
  dtype: string;
  shape: number[];
  begin: number;
  end: number;
}

export interface SafetensorsHeader {
  entries: TensorEntry[];
  metadata: Map<string, string>;
  dataOffset: number;
}

/** Far beyond the header of any model here; a limit on what a hostile file makes the JSON parser build. */
const MAX_HEADER_BYTES = 16 * 2 ** 20;

/**
 * Reads the header of a .safetensors file: its length as an unsigned 64-bit integer, then that many bytes
 * of JSON. Names may stand once only. Throws 'bad-file'. What the entries say about the data is not
 * checked here.
 */
export function readSafetensorsHeader(bytes: Uint8Array, source: string): SafetensorsHeader {
  if (bytes.length < 8) {
    throw badFile(
      source,
      `has ${bytes.length} bytes; a .safetensors file begins with 8 that give its header's length.`,
    );
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const announced = view.getBigUint64(0, true);
  const length = Number(announced);
  if (length > MAX_HEADER_BYTES) {
    throw badFile(
      source,
      `announces a header of ${announced} bytes; at most ${MAX_HEADER_BYTES} are read. Is it a .safetensors file?`,
    );
  }
  if (8 + length > bytes.length) {
    throw badFile(
      source,
      `announces a header of ${length} bytes, but ends ${bytes.length - 8} bytes into it.`,
    );
  }
  const header = parseJson(bytes.subarray(8, 8 + length), source);
  const metadata = new Map<string, string>();
  const entries: TensorEntry[] = [];
  for (const [name, value] of Object.entries(header)) {
    if (name === '__metadata__') readMetadata(value, metadata, source);
    else entries.push(readEntry(name, value, source));
  }
  return { entries, metadata, dataOffset: 8 + length };
}

function parseJson(bytes: Uint8Array, source: string): Record<string, unknown> {
  let text: string;
  let value: unknown;
  try {
    text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
    value = JSON.parse(text);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw badFile(source, `its header is not JSON: ${reason}.`, error);
  }
  // The format asks for '{' as the very first byte, so that files are told apart by it.
  if (!isObject(value) || !text.startsWith('{')) throw badFile(source, 'its header is not a JSON object.');
  const twice = repeatedKey(text);
  if (twice !== undefined) throw badFile(source, `its header has the name ${JSON.stringify(twice)} twice.`);
  return value;
}

function readMetadata(value: unknown, metadata: Map<string, string>, source: string): void {
  if (!isObject(value)) throw badFile(source, 'its __metadata__ is not an object of strings.');
  for (const [key, text] of Object.entries(value)) {
    if (typeof text !== 'string') throw badFile(source, `its __metadata__.${key} is not a string.`);
    metadata.set(key, text);
  }
}

function readEntry(name: string, value: unknown, source: string): TensorEntry {
  const bad = (what: string) => badFile(source, `tensor ${JSON.stringify(name)}: ${what}.`);
  if (!isObject(value)) throw bad('its entry is not an object');
  const { dtype, shape, data_offsets: offsets } = value;
  if (typeof dtype !== 'string') throw bad('its dtype is not a string');
  if (!isCounts(shape)) throw bad('its shape is not a list of integers from 0 to 2^53 - 1');
  if (!isCounts(offsets) || offsets.length !== 2 || offsets[0]! > offsets[1]!) {
    throw bad('its data_offsets are not [begin, end] with begin <= end');
  }
  return { name, dtype, shape, begin: offsets[0]!, end: offsets[1]! };
}

/**
 * A key that stands twice in one object of a valid JSON text, which JSON.parse would silently resolve in
 * favour of the last.
 */
function repeatedKey(text: string): string | undefined {
  const open: Set<string>[] = [];
  let i = 0;
  while (i < text.length) {
    const character = text[i];
    if (character === '{') open.push(new Set());
    if (character === '}') open.pop();
    if (character !== '"') {
      i += 1;
      continue;
    }
    const start = i;
    i = endOfString(text, i);
    if (!/^\s*:/.test(text.slice(i, i + 64))) continue;
    const key = JSON.parse(text.slice(start, i)) as string;
    const keys = open.at(-1)!;
    if (keys.has(key)) return key;
    keys.add(key);
  }
  return undefined;
}

/** The position after the JSON string that begins at `start`. */
function endOfString(text: string, start: number): number {
  let i = start + 1;
  while (text[i] !== '"') i += text[i] === '\\' ? 2 : 1;
  return i + 1;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isCounts(value: unknown): value is number[] {
  return Array.isArray(value) && value.every((entry) => Number.isSafeInteger(entry) && entry >= 0);
}
