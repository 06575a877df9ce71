import { LiouvilleError } from '../../errors.ts';
import { decodeNpy, decodeNpz, npzKeys, readBytes } from '../../files/index.ts';
import type { NpyArray } from '../../files/index.ts';
import { looksLike, looksLikeHint } from '../../files/signature.ts';
import { badFile } from '../../files/table.ts';
import { cloudsOf } from '../clouds.ts';
import type { Clouds } from '../clouds.ts';
import type { NotedMesh } from '../mesh/mesh.ts';
import { decodeObj } from './obj.ts';
import { decodeOff } from './off.ts';
import { decodePcd } from './pcd.ts';
import { decodePly } from './ply.ts';
import { decodeXyz } from './xyz.ts';

/** What holds one mesh or cloud. */
export type MeshFormat = 'ply' | 'obj' | 'off' | 'xyz' | 'pcd';
/** What may hold many clouds, too. */
export type CloudFormat = MeshFormat | 'npy' | 'npz';

const meshDecoders: Readonly<Record<MeshFormat, (bytes: Uint8Array, source: string) => NotedMesh>> = {
  ply: decodePly,
  obj: decodeObj,
  off: decodeOff,
  xyz: decodeXyz,
  pcd: decodePcd,
};

const meshFormats = Object.keys(meshDecoders) as MeshFormat[];
const cloudFormats: readonly CloudFormat[] = [...meshFormats, 'npy', 'npz'];

/**
 * Reads a mesh or a cloud from a .ply, .obj, .off, .xyz or .pcd file, or from bytes whose format is named or seen by what
 * they begin with. `sampleSurface` makes a cloud of a mesh. Throws 'bad-file' for another extension and bad contents, 'io'.
 */
export async function readMesh(
  source: string | Uint8Array,
  options: { readonly format?: MeshFormat } = {},
): Promise<NotedMesh> {
  const { bytes, format, name } = await open(source, options.format, meshFormats);
  return meshDecoders[format](bytes, name);
}

/** Options of the reader of clouds. */
export interface ReadCloudsOptions {
  /** Of the bytes or the file; unless given, by what bytes begin with, or by the extension of the path. */
  readonly format?: CloudFormat;
  /** Which array of an .npz file; 'points' unless given, or its only one. */
  readonly key?: string;
}

/**
 * Reads point clouds: of .npy and .npz files arrays of the shape [clouds, points, dim], or [points, dim] for one cloud; an
 * .npz file with arrays `points` [all points, dim] and `offsets` holds clouds of different sizes, as `writeClouds` writes them.
 * Of the formats that `readMesh` reads, the points are one cloud. Throws 'bad-file', 'io', 'unknown-name' for a key that is
 * not there, and what `cloudsOf` throws, such as 'invalid-data' for points that are NaN.
 */
export async function readClouds(
  source: string | Uint8Array,
  options: ReadCloudsOptions = {},
): Promise<Clouds> {
  const { bytes, format, name } = await open(source, options.format, cloudFormats);
  const { key } = options;
  if (key !== undefined && format !== 'npz') {
    throw new LiouvilleError(
      'invalid-argument',
      `key '${key}' was given, but ${name} holds no arrays by name.`,
    );
  }
  if (format === 'npy') return fromArray(decodeNpy(bytes, name), name);
  if (format === 'npz') return fromArchive(bytes, key, name);
  return cloudsOf([meshDecoders[format](bytes, name).points], name);
}

async function fromArchive(bytes: Uint8Array, key: string | undefined, name: string): Promise<Clouds> {
  const keys = npzKeys(bytes, name);
  const array = await decodeNpz(bytes, key ?? (keys.includes('points') ? 'points' : undefined), name);
  if (key !== undefined || !keys.includes('offsets')) return fromArray(array, name);
  const offsets = (await decodeNpz(bytes, 'offsets', name)).data;
  const [points, dim] = array.shape;
  const isCounting = offsets.every(
    (offset, i) => Number.isInteger(offset) && (i === 0 ? offset === 0 : offset >= offsets[i - 1]!),
  );
  if (array.shape.length !== 2 || !isCounting || offsets.at(-1) !== points) {
    throw badFile(name, `its offsets do not divide its ${points} points.`);
  }
  return cloudsOf({ data: array.data, dim: dim!, offsets: Uint32Array.from(offsets) }, name);
}

function fromArray({ shape, data }: NpyArray, name: string): Clouds {
  if (shape.length === 3) return cloudsOf({ shape, data }, name);
  if (shape.length === 2) return cloudsOf({ shape: [1, ...shape], data }, name);
  throw badFile(
    name,
    `has shape (${shape.join(', ')}); expected (clouds, points, dim), or (points, dim) for one cloud.`,
  );
}

async function open<F extends CloudFormat>(
  source: string | Uint8Array,
  format: F | undefined,
  known: readonly F[],
): Promise<{ bytes: Uint8Array; format: F; name: string }> {
  if (format !== undefined && !known.includes(format)) {
    throw new LiouvilleError(
      'invalid-argument',
      `format: expected ${known.join(', ')}; got '${String(format)}'.`,
    );
  }
  if (typeof source !== 'string') {
    const seen = format ?? formatOfBytes(source, known);
    return { bytes: source, format: seen, name: `the .${seen} bytes` };
  }
  const chosen = format ?? formatOfPath(source, known);
  return { bytes: await readBytes(source), format: chosen, name: source };
}

function formatOfPath<F extends CloudFormat>(path: string, known: readonly F[]): F {
  const extension = /\.([^./\\]+)$/.exec(path)?.[1]?.toLowerCase();
  const found = known.find((format) => format === extension);
  if (found !== undefined) return found;
  const came = extension === undefined ? 'no extension' : `the extension '.${extension}'`;
  throw badFile(path, `has ${came}; read are ${known.map((format) => `.${format}`).join(', ')}.`);
}

/** .obj and .xyz files begin with anything. */
function formatOfBytes<F extends CloudFormat>(bytes: Uint8Array, known: readonly F[]): F {
  const start = new TextDecoder('latin1').decode(bytes.subarray(0, 64));
  const what = looksLike(bytes);
  const seen: CloudFormat | undefined = /^ply\s/.test(start)
    ? 'ply'
    : /^[CN]{0,2}OFF/.test(start)
      ? 'off'
      : /^# \.PCD|^VERSION/.test(start)
        ? 'pcd'
        : what === 'an .npy file'
          ? 'npy'
          : what?.includes('zip archive') === true
            ? 'npz'
            : undefined;
  const found = known.find((format) => format === seen);
  if (found !== undefined) return found;
  throw badFile('the bytes', `their format is not seen by how they begin: name it.${looksLikeHint(bytes)}`);
}
