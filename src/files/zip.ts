import { crc32 } from './crc32.ts';
import { mayUnpackTo } from './limits.ts';
import { looksLikeHint } from './signature.ts';
import { badFile } from './table.ts';

/*
 * The directory of a zip archive is read here, and only the packed bytes are given to fflate: its own
 * unzip allocates what the archive claims and does not compare checksums.
 */

/** One file of an archive, as the directory at the archive's end describes it. */
export interface ZipEntry {
  name: string;
  method: number;
  encrypted: boolean;
  crc: number;
  packedBytes: number;
  unpackedBytes: number;
  /** Where its local header begins. */
  offset: number;
}

const LOCAL_HEADER = 0x04034b50;
const DIRECTORY_HEADER = 0x02014b50;
const DIRECTORY_END = 0x06054b50;
const DIRECTORY_END_64 = 0x06064b50;
const DIRECTORY_LOCATOR_64 = 0x07064b50;
const LARGEST_COMMENT = 0xffff;
const STORED = 0;
const DEFLATED = 8;
/** No stream of deflate grows by more: a match of 258 bytes takes 2 bits at least. */
const LARGEST_DEFLATE_RATIO = 1032;

/**
 * The entries of a zip archive (PKWARE APPNOTE 6.3.9, with zip64), in the order of its directory. Throws 'bad-file'.
 */
export function readZipDirectory(bytes: Uint8Array, source: string): ZipEntry[] {
  const view = viewOf(bytes);
  const end = findEnd(view);
  if (end === undefined) {
    throw badFile(source, `is no whole zip archive: is it truncated?${looksLikeHint(bytes)}`);
  }
  const { count, size, offset } = locateDirectory(view, end, source);
  if (offset + size > end || count * 46 > size) {
    throw badFile(
      source,
      `its zip directory of ${count} entries in ${size} bytes at ${offset} does not fit into it.`,
    );
  }
  const entries: ZipEntry[] = [];
  const names = new Set<string>();
  let at = offset;
  for (let i = 0; i < count; i++) {
    const { entry, next } = readEntry(view, at, offset + size, source);
    if (names.has(entry.name)) throw badFile(source, `holds ${JSON.stringify(entry.name)} twice.`);
    names.add(entry.name);
    entries.push(entry);
    at = next;
  }
  return entries;
}

/**
 * The unpacked bytes of an entry. Sizes are checked before anything is allocated, the checksum after. Throws
 * 'bad-file'.
 */
export async function unzipEntry(bytes: Uint8Array, entry: ZipEntry, source: string): Promise<Uint8Array> {
  const { method, packedBytes, unpackedBytes } = entry;
  if (entry.encrypted) throw badFile(source, 'is encrypted.');
  if (method !== STORED && method !== DEFLATED) {
    throw badFile(source, `is packed with method ${method}; read are stored (0) and deflated (8) entries.`);
  }
  const packed = packedPart(bytes, entry, source);
  const sizes = `${packedBytes} bytes that claim to unpack to ${unpackedBytes}`;
  const possible =
    method === STORED ? unpackedBytes === packedBytes : unpackedBytes <= LARGEST_DEFLATE_RATIO * packedBytes;
  if (!possible) throw badFile(source, `has ${sizes}, which is impossible.`);
  if (!mayUnpackTo(unpackedBytes, packedBytes)) throw badFile(source, `has ${sizes}: refused as a zip bomb.`);
  const unpacked = method === STORED ? packed : await inflate(packed, unpackedBytes, source);
  if (unpacked.length !== unpackedBytes || crc32(unpacked) !== entry.crc) {
    throw badFile(source, 'is damaged: its size or its checksum is not what the archive says.');
  }
  return unpacked;
}

async function inflate(packed: Uint8Array, size: number, source: string): Promise<Uint8Array> {
  const { inflateSync } = await import('fflate');
  try {
    return inflateSync(packed, { out: new Uint8Array(size) });
  } catch (error) {
    throw badFile(source, `is damaged: ${error instanceof Error ? error.message : String(error)}.`, error);
  }
}

/** The last record that says where the directory is; nothing but a comment may follow it. */
function findEnd(view: DataView): number | undefined {
  const least = Math.max(0, view.byteLength - 22 - LARGEST_COMMENT);
  for (let at = view.byteLength - 22; at >= least; at--) {
    if (view.getUint32(at, true) !== DIRECTORY_END) continue;
    if (at + 22 + view.getUint16(at + 20, true) === view.byteLength) return at;
  }
  return undefined;
}

function locateDirectory(
  view: DataView,
  end: number,
  source: string,
): { count: number; size: number; offset: number } {
  const count = view.getUint16(end + 10, true);
  const size = view.getUint32(end + 12, true);
  const offset = view.getUint32(end + 16, true);
  if (count !== 0xffff && size !== 0xffffffff && offset !== 0xffffffff) return { count, size, offset };
  const locator = end - 20;
  if (locator < 0 || view.getUint32(locator, true) !== DIRECTORY_LOCATOR_64) return { count, size, offset };
  const at = Number(view.getBigUint64(locator + 8, true));
  if (at + 56 > locator || view.getUint32(at, true) !== DIRECTORY_END_64) {
    throw badFile(source, 'its zip64 directory is not where it is said to be.');
  }
  return {
    count: Number(view.getBigUint64(at + 32, true)),
    size: Number(view.getBigUint64(at + 40, true)),
    offset: Number(view.getBigUint64(at + 48, true)),
  };
}

function readEntry(
  view: DataView,
  at: number,
  end: number,
  source: string,
): { entry: ZipEntry; next: number } {
  if (at + 46 > end || view.getUint32(at, true) !== DIRECTORY_HEADER) {
    throw badFile(source, `its zip directory is damaged at byte ${at}.`);
  }
  const nameEnd = at + 46 + view.getUint16(at + 28, true);
  const extraEnd = nameEnd + view.getUint16(at + 30, true);
  const next = extraEnd + view.getUint16(at + 32, true);
  if (next > end) throw badFile(source, `its zip directory is damaged at byte ${at}.`);
  const entry: ZipEntry = {
    name: new TextDecoder().decode(new Uint8Array(view.buffer, view.byteOffset + at + 46, nameEnd - at - 46)),
    encrypted: (view.getUint16(at + 8, true) & 1) === 1,
    method: view.getUint16(at + 10, true),
    crc: view.getUint32(at + 16, true),
    packedBytes: view.getUint32(at + 20, true),
    unpackedBytes: view.getUint32(at + 24, true),
    offset: view.getUint32(at + 42, true),
  };
  widen(entry, view, nameEnd, extraEnd);
  return { entry, next };
}

/** Sizes of 2^32 - 1 stand for those of the zip64 field, which holds only the ones that need it. */
function widen(entry: ZipEntry, view: DataView, from: number, to: number): void {
  for (let at = from; at + 4 <= to; at += 4 + view.getUint16(at + 2, true)) {
    if (view.getUint16(at, true) !== 1) continue;
    let field = at + 4;
    for (const name of ['unpackedBytes', 'packedBytes', 'offset'] as const) {
      if (entry[name] !== 0xffffffff || field + 8 > to) continue;
      entry[name] = Number(view.getBigUint64(field, true));
      field += 8;
    }
    return;
  }
}

function packedPart(bytes: Uint8Array, { offset, packedBytes }: ZipEntry, source: string): Uint8Array {
  const view = viewOf(bytes);
  if (offset + 30 > bytes.length || view.getUint32(offset, true) !== LOCAL_HEADER) {
    throw badFile(source, 'is not where the zip directory says.');
  }
  const start = offset + 30 + view.getUint16(offset + 26, true) + view.getUint16(offset + 28, true);
  if (start + packedBytes > bytes.length) {
    throw badFile(source, `claims ${packedBytes} bytes, which the archive does not hold.`);
  }
  return bytes.subarray(start, start + packedBytes);
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
