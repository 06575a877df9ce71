import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { Option } from 'commander';
import { LiouvilleError } from '../../errors.ts';
import { namesIn, readTable } from '../../files/index.ts';
import { cloudsOf, readClouds, readMesh, sampleSurface } from '../../pointcloud/index.ts';
import type { Clouds, PointCloud } from '../../pointcloud/index.ts';
import * as argument from '../arguments.ts';

/** Formats that have one cloud or mesh, of which there may be a folder. */
const oneEach = /\.(ply|obj|off|xyz|pcd)$/i;
/** Those that may have faces. */
const withFaces = /\.(ply|obj|off)$/i;

/** Points of a surface when no number is given. */
const usualSurface = 8192;

/** `--surface`, of every command that reads meshes. */
export function surfaceOption(): Option {
  return new Option(
    '--surface [points]',
    `of a mesh (.ply, .obj, .off), points drawn evenly on its surface in place of its corners (${usualSurface} unless given)`,
  )
    .argParser(argument.count)
    .preset(String(usualSurface));
}

/** How clouds are read. */
export interface CloudReading {
  /** Which array of a file that holds several. */
  readonly key?: string | null;
  /** So many points of the surface of each mesh, in proportion to area, in place of its corners. */
  readonly surface?: number | null | undefined;
  /** Of the points of surfaces. */
  readonly seed: number;
  /** Hears in sentences what of the files is not in the clouds. */
  readonly onNote?: (sentence: string) => void;
}

/**
 * Clouds of any file that `readClouds` reads, of a table whose rows are the points of one cloud, of a mesh, or of all
 * meshes and clouds in a folder, by their names. Throws 'invalid-argument' where points of a surface are asked of what holds no
 * mesh, 'invalid-data' of a mesh without faces, and what the readers throw.
 */
export async function readCloudFile(path: string, reading: CloudReading): Promise<Clouds> {
  const { key = null, surface = null } = reading;
  if (await isFolder(path)) return readFolder(path, reading);
  if (surface !== null && !withFaces.test(path)) {
    throw new LiouvilleError(
      'invalid-argument',
      `--surface: expected an .ply, .obj or .off file, or a folder of such; got '${path}'.`,
    );
  }
  const keyed = key !== null && { key };
  if (/\.(csv|parquet)$/i.test(path)) {
    const { matrix } = await readTable(path, { ...keyed });
    return cloudsOf([matrix], path);
  }
  // A key is refused by readClouds, whose message says why.
  if (!oneEach.test(path) || key !== null) return readClouds(path, { ...keyed });
  const { cloud, faces } = await readOne(path, reading);
  if (faces > 0 && surface === null) noteCorners(path, `this mesh of ${faces} triangles`, reading);
  return cloudsOf([cloud], path);
}

/** Can points of a surface be asked of it, by its name? */
export async function mayHaveFaces(path: string): Promise<boolean> {
  return withFaces.test(path) || (await isFolder(path));
}

async function readFolder(folder: string, reading: CloudReading): Promise<Clouds> {
  const names = (await namesIn(folder)).filter((name) => oneEach.test(name)).toSorted();
  if (names.length === 0 || (reading.key ?? null) !== null) {
    const why = names.length === 0 ? 'no .ply, .obj, .off, .xyz or .pcd file' : 'no arrays by name';
    throw new LiouvilleError('bad-file', `${folder}: there is ${why} in this folder.`);
  }
  const clouds: PointCloud[] = [];
  let meshes = 0;
  for (const [i, name] of names.entries()) {
    const { cloud, faces } = await readOne(join(folder, name), { ...reading, seed: reading.seed + i });
    if (faces > 0) meshes += 1;
    clouds.push(cloud);
  }
  if (meshes > 0 && (reading.surface ?? null) === null) noteCorners(folder, `${meshes} meshes`, reading);
  return cloudsOf(clouds, folder);
}

async function readOne(
  path: string,
  { surface = null, seed, onNote }: CloudReading,
): Promise<{ cloud: PointCloud; faces: number }> {
  const mesh = await readMesh(path);
  for (const note of mesh.notes) onNote?.(`${path}: ${note}`);
  const faces = mesh.triangles.length / 3;
  if (surface === null) return { cloud: mesh.points, faces };
  try {
    return { cloud: sampleSurface(mesh, surface, { seed }), faces };
  } catch (error) {
    if (!(error instanceof LiouvilleError)) throw error;
    throw new LiouvilleError(error.code, `--surface: ${path}: ${error.message}`, { cause: error });
  }
}

function noteCorners(path: string, what: string, { onNote }: CloudReading): void {
  onNote?.(`${path}: of ${what}, the corners are taken; --surface draws points of surfaces.`);
}

async function isFolder(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isDirectory();
  } catch {
    // What is not there is refused by the reader, whose message says so.
    return false;
  }
}
