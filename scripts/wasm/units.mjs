// What the WebAssembly engine is made of: the host, a backend for each precision, and one for point clouds. See native/wasm.

import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

const COMMON =
  '--target=wasm32-wasip1 -std=c++20 -Wall -Wextra -Werror -ffp-contract=off -msimd128 -Inative'.split(' ');

/** Exceptions as all browsers have them that have simd128. */
const HOST = ['-O2', '-fwasm-exceptions', '-mllvm', '-wasm-use-legacy-eh=true'];

const BACKEND =
  '-O3 -fno-math-errno -fno-trapping-math -fno-exceptions -fno-rtti -fno-threadsafe-statics'.split(' ');

const KERNELS = ['engine', 'kernel', 'math', 'random', 'simd', 'train'];

/** Not for a module that has one thread and one instruction set. */
const NOT_HERE = ['host/pool.cpp', 'host/backends.cpp'];

/**
 * @param {string} precision
 * @param {string} scalar
 * @param {string[]} [more]
 */
function backend(precision, scalar, more = []) {
  const names = [`-DLIOUVILLE_SCALAR=${scalar}`, `-DLIOUVILLE_BACKEND=liouville_backend_${precision}`];
  return {
    source: 'native/engine/backend.cpp',
    folders: KERNELS,
    flags: [...COMMON, ...BACKEND, ...more, ...names],
  };
}

/** @type {Record<string, { source: string, folders: string[], flags: string[] }>} */
export const units = {
  f32: backend('f32', 'float'),
  'f32-relaxed': backend('f32', 'float', ['-mrelaxed-simd']),
  f64: backend('f64', 'double'),
  clouds: {
    source: 'native/cloud/backend.cpp',
    folders: ['cloud', 'simd'],
    flags: [...COMMON, ...BACKEND, '-DLIOUVILLE_BACKEND=liouville_clouds'],
  },
  host: { source: 'host.cpp', folders: ['cloud', 'engine', 'host', 'wasm'], flags: [...COMMON, ...HOST] },
};

/** @type {Record<string, { parts: string[] }>} */
export const builds = {
  simd: { parts: ['host', 'clouds', 'f32', 'f64'] },
  relaxed: { parts: ['host', 'clouds', 'f32-relaxed', 'f64'] },
};

/**
 * @param {string} folder native/
 * @returns {Record<string, string>} sources and headers by their paths below it
 */
export function sourcesOf(folder) {
  const paths = [...KERNELS, 'cloud', 'host', 'wasm'].flatMap((room) =>
    readdirSync(join(folder, room), { recursive: true, encoding: 'utf8' })
      .map((path) => `${room}/${path.replaceAll('\\', '/')}`)
      .filter((path) => /\.(h|cpp)$/.test(path) && !path.startsWith('host/napi/')),
  );
  return Object.fromEntries(
    paths
      .filter((path) => !NOT_HERE.includes(path))
      .toSorted()
      // The compiler's file system knows no `..`: includes begin at native/ instead.
      .map((path) => [
        path,
        readFileSync(join(folder, path), 'utf8').replaceAll('#include "../', '#include "'),
      ]),
  );
}

/**
 * @param {string} unit
 * @param {Record<string, string>} sources
 * @returns {Promise<Uint8Array>} the object file
 */
export async function compileUnit(unit, sources) {
  const { source, flags } = /** @type {{ source: string, flags: string[] }} */ (units[unit]);
  const files = { native: treeOf(sources), 'host.cpp': hostOf(sources) };
  return run([...flags, '-c', source, '-o', 'object.o'], files, 'object.o');
}

/**
 * Links objects to a module without imports.
 *
 * @param {Record<string, Uint8Array>} objects
 * @returns {Promise<Uint8Array>}
 */
export async function link(objects) {
  const files = Object.fromEntries(Object.entries(objects).map(([name, object]) => [`${name}.o`, object]));
  const flags = ['--target=wasm32-wasip1', '-nostartfiles'];
  const linker = [
    '--no-entry --gc-sections --strip-all --stack-first',
    '-z stack-size=1048576 --max-memory=4294967296',
  ].flatMap((line) => line.split(' '));
  const passed = linker.flatMap((option) => ['-Xlinker', option]);
  return run([...flags, ...passed, ...Object.keys(files), '-o', 'module.wasm'], files, 'module.wasm');
}

/**
 * All sources of the host in one: its headers are read once, and they take longer than its code.
 *
 * @param {Record<string, string>} sources
 */
function hostOf(sources) {
  const paths = Object.keys(sources).filter((path) => /^(host|wasm)\/.*\.cpp$/.test(path));
  return paths.map((path) => `#include "${path}"\n`).join('');
}

/**
 * @param {Record<string, string>} sources
 * @returns {import('@yowasp/clang').Tree}
 */
function treeOf(sources) {
  /** @type {Record<string, Record<string, string>>} */
  const tree = {};
  for (const [path, text] of Object.entries(sources)) {
    const [folder = '', name = ''] = path.split('/');
    (tree[folder] ??= {})[name] = text;
  }
  return tree;
}

/**
 * @param {string[]} args
 * @param {import('@yowasp/clang').Tree} files
 * @param {string} result
 * @returns {Promise<Uint8Array>}
 */
async function run(args, files, result) {
  const { commands } = await import('@yowasp/clang');
  // Loading the compiler is reported, unless what loads it says otherwise; clang++ does not hand that on.
  const silent = { stdout: () => {}, stderr: () => {}, fetchProgress: () => {} };
  await commands['wasm-ld'](['--version'], {}, silent);
  let log = '';
  const decoder = new TextDecoder();
  /** @param {Uint8Array | null} bytes */
  const note = (bytes) => {
    if (bytes !== null) log += decoder.decode(bytes, { stream: true });
  };
  try {
    const made = await commands['clang++'](args, files, {
      stdout: note,
      stderr: note,
      fetchProgress: () => {},
    });
    const bytes = made?.[result];
    if (bytes instanceof Uint8Array) return bytes;
  } catch (error) {
    if (log === '') log = String(error);
  }
  const lines = log.split('\n');
  throw new Error(lines.find((line) => line.includes('error:')) ?? lines[0] ?? 'no output');
}
