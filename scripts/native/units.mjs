// What the addon is made of: the units of the host, one backend for each instruction set and precision, and one for
// point clouds for each instruction set.

import { createHash } from 'node:crypto';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

/**
 * @typedef {object} Unit
 * @property {string} name of the object file, without its ending
 * @property {string} source below the root
 * @property {string[]} flags
 * @property {string} digest of everything that the object is made from
 * @property {string} [instructionSet] of a backend
 */

/** The flags of each instruction set; native/simd/isa.h tells them apart by the macros that these define. */
const INSTRUCTION_SETS = {
  x64: {
    baseline: [],
    avx2: ['-mavx2', '-mfma'],
    avx512: [
      '-mavx2',
      '-mfma',
      '-mavx512f',
      '-mavx512dq',
      '-mavx512vl',
      '-mavx512bw',
      '-mprefer-vector-width=512',
    ],
  },
  arm64: { neon: [] },
};

const PRECISIONS = { f32: 'float', f64: 'double' };

const COMMON = '-std=c++20 -Wall -Wextra -fPIC -fvisibility=hidden -ffp-contract=off'.split(' ');

/** The parts around the kernels, which may use the standard library. */
const HOST = ['-O2', '-pthread'];

/** Kernels: no exceptions, no standard library, and a multiply-add only where the source says so. */
const BACKEND = (
  '-O3 -Wno-psabi -fno-math-errno -fno-trapping-math -fno-exceptions -fno-rtti -fno-threadsafe-statics ' +
  '-fno-asynchronous-unwind-tables'
).split(' ');

/** The folders of native/ that the backends for point clouds are made from. */
const CLOUD_FOLDERS = ['cloud', 'simd'];

/** The folders of native/ that backends are made from. */
const BACKEND_FOLDERS = ['engine', 'kernel', 'math', 'random', 'simd', 'train'];

/**
 * @param {string} root of the package
 * @param {string} architecture as in process.arch
 * @param {import('./compiler.mjs').Compiler} compiler
 * @param {string} headers the folder of node_api.h
 * @returns {Unit[]} none for an architecture without kernels
 */
export function unitsFor(root, architecture, compiler, headers) {
  const sets = /** @type {Record<string, Record<string, string[]>>} */ (INSTRUCTION_SETS)[architecture];
  if (sets === undefined) return [];
  const vendor = compiler.gcc ? ['-fno-gnu-unique'] : [];
  const backendSources = digestOf(root, BACKEND_FOLDERS, compiler);
  const cloudSources = digestOf(root, CLOUD_FOLDERS, compiler);
  const hostSources = digestOf(root, ['host', 'engine', 'cloud'], compiler);
  const backends = Object.entries(sets).flatMap(([set, flags]) =>
    Object.entries(PRECISIONS).map(([precision, scalar]) => ({
      name: `backend-${set}-${precision}`,
      source: 'native/engine/backend.cpp',
      flags: [
        ...COMMON,
        ...vendor,
        ...BACKEND,
        ...flags,
        `-DLIOUVILLE_SCALAR=${scalar}`,
        `-DLIOUVILLE_BACKEND=liouville_backend_${set}_${precision}`,
      ],
      instructionSet: set,
      sources: backendSources,
    })),
  );
  const clouds = Object.entries(sets).map(([set, flags]) => ({
    name: `clouds-${set}`,
    source: 'native/cloud/backend.cpp',
    flags: [...COMMON, ...vendor, ...BACKEND, ...flags, `-DLIOUVILLE_BACKEND=liouville_clouds_${set}`],
    instructionSet: set,
    sources: cloudSources,
  }));
  const host = sourcesIn(join(root, 'native/host'))
    .filter((path) => path.endsWith('.cpp'))
    .map((path) => ({
      name: `host-${path.replaceAll(/[/\\]/g, '-').replace(/\.cpp$/, '')}`,
      source: `native/host/${path}`,
      flags: [...COMMON, ...vendor, ...HOST, '-isystem', headers],
      sources: hostSources,
    }));
  // The backends take longest, so they begin.
  return [...backends, ...clouds, ...host].map(({ sources, ...unit }) => ({
    ...unit,
    digest: hashOf([sources, unit.flags.join(' ')]),
  }));
}

/**
 * @param {string} root
 * @param {readonly string[]} folders below native/
 * @param {import('./compiler.mjs').Compiler} compiler
 */
function digestOf(root, folders, compiler) {
  const files = folders.flatMap((folder) =>
    sourcesIn(join(root, 'native', folder)).map((path) => join(root, 'native', folder, path)),
  );
  return hashOf([compiler.command, compiler.version, ...files.map((path) => readFileSync(path, 'utf8'))]);
}

/**
 * @param {string} folder
 * @returns {string[]} its sources and headers, as paths below it
 */
function sourcesIn(folder) {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((path) => /\.(h|cpp)$/.test(path))
    .toSorted();
}

/** @param {readonly string[]} parts */
export function hashOf(parts) {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(`${part.length}\0`).update(part);
  return hash.digest('hex');
}
