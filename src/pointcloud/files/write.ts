import { LiouvilleError } from '../../errors.ts';
import { encodeNpy, encodeNpz, writeBytesAtomically } from '../../files/index.ts';
import type { NpyArray } from '../../files/index.ts';
import { badFile } from '../../files/table.ts';
import { cloudAt, cloudCount, cloudsOf, pointCount } from '../clouds.ts';
import type { Clouds, CloudsLike } from '../clouds.ts';
import type { Mesh } from '../mesh/mesh.ts';
import { encodePly, encodeXyz } from './encode.ts';

/**
 * Writes clouds, as a whole or not at all: to .npz as array `points` of the shape [clouds, points, dim], or where sizes
 * differ as `points` [all points, dim] with `offsets`; to .npy, clouds of one size; to .ply and .xyz, one cloud in space.
 * Numbers are kept as they are, in the precision that they have. Throws 'bad-file' for another extension, 'shape-mismatch'
 * for clouds that the format does not hold, 'io', and what `cloudsOf` throws.
 */
export async function writeClouds(path: string, clouds: CloudsLike): Promise<void> {
  const all = cloudsOf(clouds, 'clouds');
  const write = writers[extensionOf(path)];
  if (write === undefined) {
    throw badFile(
      path,
      `has the extension '${extensionOf(path)}'; written are ${Object.keys(writers).join(', ')}.`,
    );
  }
  await writeBytesAtomically(path, await write(all));
}

/** Writes a mesh to a .ply file, as a whole or not at all. Throws 'bad-file' for another extension, 'shape-mismatch', 'io'. */
export async function writeMesh(path: string, mesh: Mesh): Promise<void> {
  if (extensionOf(path) !== '.ply') {
    throw badFile(path, `has the extension '${extensionOf(path)}'; meshes are written to .ply.`);
  }
  await writeBytesAtomically(path, encodePly(mesh));
}

const writers: Readonly<Record<string, (clouds: Clouds) => Uint8Array | Promise<Uint8Array>>> = {
  '.npz': (clouds) => encodeNpz(arraysOf(clouds)),
  '.npy': (clouds) => encodeNpy(stacked(clouds) ?? refuse('.npy', 'clouds of one size', clouds)),
  '.ply': (clouds) => encodePly({ points: onlyCloud(clouds, '.ply'), triangles: new Uint32Array(0) }),
  '.xyz': (clouds) => encodeXyz(onlyCloud(clouds, '.xyz')),
};

function arraysOf(clouds: Clouds): ReadonlyMap<string, NpyArray> {
  const whole = stacked(clouds);
  if (whole !== undefined) return new Map([['points', whole]]);
  const { data, dim, offsets } = clouds;
  return new Map([
    ['points', { shape: [offsets.at(-1)!, dim], data }],
    ['offsets', { shape: [offsets.length], data: Float64Array.from(offsets) }],
  ]);
}

/** One array of all clouds, where they have one size. */
function stacked(clouds: Clouds): NpyArray | undefined {
  const size = pointCount(clouds, 0);
  if (clouds.offsets.some((offset, i) => offset !== i * size)) return undefined;
  return { shape: [cloudCount(clouds), size, clouds.dim], data: clouds.data };
}

function onlyCloud(clouds: Clouds, format: string): ReturnType<typeof cloudAt> {
  return cloudCount(clouds) === 1 ? cloudAt(clouds, 0) : refuse(format, 'one cloud', clouds);
}

function refuse(format: string, holds: string, clouds: Clouds): never {
  throw new LiouvilleError(
    'shape-mismatch',
    `A ${format} file holds ${holds}; got ${cloudCount(clouds)} clouds: write an .npz file, or one file each.`,
  );
}

function extensionOf(path: string): string {
  return /\.[^./\\]+$/.exec(path)?.[0].toLowerCase() ?? '';
}
