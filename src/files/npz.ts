import { LiouvilleError, unknownName } from '../errors.ts';
import type { Matrix } from '../matrix.ts';
import { decodeNpy, encodeNpy } from './npy.ts';
import type { NpyArray } from './npy.ts';
import { badFile } from './table.ts';
import { readZipDirectory, unzipEntry } from './zip.ts';
import type { ZipEntry } from './zip.ts';

/** The names of the arrays of an .npz file, as NumPy gives them: without '.npy'. Throws 'bad-file'. */
export function npzKeys(bytes: Uint8Array, source = 'the .npz bytes'): string[] {
  return [...arraysOf(bytes, source).keys()];
}

/**
 * Reads one array of an .npz file (NumPy's savez and savez_compressed): the one named `key`, else its only one.
 * Throws 'bad-file', also for sizes that are impossible or out of all proportion, before anything is allocated;
 * 'invalid-argument' for several arrays and no key; 'unknown-name' for a key that is not there.
 */
export async function decodeNpz(
  bytes: Uint8Array,
  key?: string,
  source = 'the .npz bytes',
): Promise<NpyArray> {
  const arrays = arraysOf(bytes, source);
  const name = key ?? onlyKey(arrays, source);
  const entry = arrays.get(name) ?? arrays.get(name.replace(/\.npy$/, ''));
  if (entry === undefined) throw unknownName('array', name, [...arrays.keys()]);
  const place = `${source}, array '${name}'`;
  return decodeNpy(await unzipEntry(bytes, entry, place), place);
}

/**
 * An .npz file, as NumPy's savez_compressed makes it, of arrays by name. The same arrays give the same bytes. Throws what
 * `encodeNpy` throws.
 */
export async function encodeNpz(arrays: ReadonlyMap<string, Matrix | NpyArray>): Promise<Uint8Array> {
  const { zipSync } = await import('fflate');
  const entries = [...arrays].map(([name, array]) => [`${name}.npy`, encodeNpy(array)] as const);
  // The time that zip archives begin with: one of now would be another with every call.
  return zipSync(Object.fromEntries(entries), { mtime: new Date(1980, 0, 1) });
}

function arraysOf(bytes: Uint8Array, source: string): Map<string, ZipEntry> {
  const entries = readZipDirectory(bytes, source).filter(({ name }) => name.endsWith('.npy'));
  if (entries.length === 0) throw badFile(source, 'holds no .npy array.');
  return new Map(entries.map((entry) => [entry.name.slice(0, -4), entry]));
}

function onlyKey(arrays: ReadonlyMap<string, ZipEntry>, source: string): string {
  const [name, second] = arrays.keys();
  if (name !== undefined && second === undefined) return name;
  throw new LiouvilleError(
    'invalid-argument',
    `${source} holds ${arrays.size} arrays; choose one with key: ${[...arrays.keys()].join(', ')}.`,
  );
}
