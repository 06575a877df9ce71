// Which file of src/ may import what. docs/architecture.md gives the reasons.

import { builtinModules } from 'node:module';
import { posix } from 'node:path';

/**
 * The rooms of src/ from the ground up: a file may import from its own room and from the layers below it.
 * Rooms that share a layer do not know each other.
 */
export const LAYERS = [
  ['errors'],
  ['matrix'],
  ['random'],
  ['program', 'ode'],
  ['engine'],
  ['nn', 'flow', 'system'],
  ['cnf', 'discrete', 'train', 'vae'],
  ['models'],
  ['compare', 'notebook', 'pointcloud', 'tfjs'],
  ['cli'],
];

/** These stand beside the layers: of everything but the ground they import types only. */
export const BESIDE = ['files', 'data', 'plot'];
const GROUND = ['errors', 'matrix', 'random'];
/** The lowest layer that may use what stands beside. */
const FIRST_USER_OF_BESIDE = 'cnf';

/** src/index.ts gathers the library. It is above everything except the command line. */
const LIBRARY_INDEX = 'index';

/** Who may use modules of Node. Everything else has to run in a browser. */
const NODE_MODULES_ALLOWED = [
  { folder: 'cli/', kinds: ['value', 'type', 'dynamic'] },
  { folder: 'engine/native/', kinds: ['value', 'type', 'dynamic'] },
  { folder: 'files/', kinds: ['dynamic'] },
];

/** Packages that `imports` of package.json chooses a build of, by the platform. */
const PACKAGES_BY_PLATFORM = new Map([
  ['#csv-parse', 'csv-parse'],
  ['#webgpu', 'webgpu'],
]);

/** Modules that the build writes, which one folder loads when it needs them. */
const MADE_MODULES = { prefix: '#wasm/', folder: 'engine/wasm/' };

/**
 * Packages that need not be there. The first folder knows how to do without: types, and `await import(...)` in a `try`;
 * others may know the types.
 */
const OPTIONAL_PACKAGES = new Map([
  ['@tensorflow/tfjs-core', ['engine/tfjs/', 'tfjs/']],
  ['webgpu', ['engine/webgpu/']],
]);

/** Packages that one room keeps to itself, because they need a terminal. */
const PACKAGES_OF_ONE_ROOM = new Map([
  ['commander', 'cli'],
  ['cli-progress', 'cli'],
]);

/**
 * @param {string} file path below src/, such as 'ode/solve.ts'
 * @param {import('./parse.mjs').Import} found one of its imports
 * @param {ReadonlySet<string>} dependencies the packages that whoever installs this package gets
 * @returns {string | undefined} what is wrong with it
 */
export function violation(file, found, dependencies) {
  const { specifier, kind } = found;
  if (specifier === undefined)
    return 'the argument of import() is not a plain string, so it cannot be checked';
  if (specifier.startsWith('.')) return roomViolation(file, target(file, specifier), kind);
  if (specifier.startsWith(MADE_MODULES.prefix)) return madeViolation(file, specifier, kind);
  if (isNodeModule(specifier)) return nodeViolation(file, specifier, kind);
  return packageViolation(file, PACKAGES_BY_PLATFORM.get(specifier) ?? specifier, kind, dependencies);
}

/**
 * @param {string} file path below src/
 * @param {string} specifier relative
 * @returns {string} the imported path, below src/
 */
export function target(file, specifier) {
  return posix.normalize(posix.join(posix.dirname(file), specifier));
}

/**
 * @param {string} file
 * @param {string} imported
 * @param {string} kind
 */
function roomViolation(file, imported, kind) {
  if (imported.startsWith('..')) return `${imported} lies outside src/`;
  const from = roomOf(file);
  const to = roomOf(imported);
  for (const room of [from, to]) {
    if (room !== LIBRARY_INDEX && !BESIDE.includes(room) && heightOf(room) < 0) {
      return `the room '${room}' has no place in LAYERS or BESIDE of scripts/imports/rules.mjs`;
    }
  }
  if (from === to) return undefined;
  if (to === LIBRARY_INDEX) return `no room imports the index of the whole library`;
  if (from === LIBRARY_INDEX)
    return to === 'cli' ? `the library does not import the command line` : undefined;

  if (BESIDE.includes(from)) {
    if (GROUND.includes(to) || kind === 'type') return undefined;
    return `'${from}' stands beside the layers: it imports only types from '${to}'`;
  }
  if (BESIDE.includes(to)) {
    if (heightOf(from) >= heightOf(FIRST_USER_OF_BESIDE)) return undefined;
    return `'${from}' is too near the ground to know '${to}'`;
  }
  if (heightOf(to) < heightOf(from)) return undefined;
  return heightOf(to) === heightOf(from)
    ? `'${from}' and '${to}' share a layer and do not know each other`
    : `'${to}' stands above '${from}': imports go down only`;
}

/**
 * @param {string} file
 * @param {string} specifier
 * @param {string} kind
 */
function nodeViolation(file, specifier, kind) {
  const rule = NODE_MODULES_ALLOWED.find(({ folder }) => file.startsWith(folder));
  if (rule === undefined) return `'${specifier}' is a module of Node, and this file has to run in a browser`;
  if (!rule.kinds.includes(kind))
    return `'${specifier}' has to be imported dynamically here: await import(...)`;
  if (!specifier.startsWith('node:')) return `write 'node:${specifier}'`;
  return undefined;
}

/**
 * @param {string} file
 * @param {string} specifier
 * @param {string} kind
 */
function madeViolation(file, specifier, kind) {
  if (!file.startsWith(MADE_MODULES.folder))
    return `only '${MADE_MODULES.folder}' may load '${specifier}', which the build writes`;
  return kind === 'dynamic'
    ? undefined
    : `'${specifier}' may not be there: it has to be imported dynamically, await import(...)`;
}

/**
 * @param {string} file
 * @param {string} specifier
 * @param {string} kind
 * @param {ReadonlySet<string>} dependencies
 */
function packageViolation(file, specifier, kind, dependencies) {
  const parts = specifier.split('/');
  const name = specifier.startsWith('@') ? parts.slice(0, 2).join('/') : String(parts[0]);
  const folders = OPTIONAL_PACKAGES.get(name);
  if (folders !== undefined) {
    const allowed = kind === 'type' ? folders : folders.slice(0, 1);
    if (!allowed.some((folder) => file.startsWith(folder)) && kind !== 'value')
      return `only '${String(allowed[0])}' may import '${name}'`;
    return kind === 'value'
      ? `'${name}' may not be there: it has to be imported dynamically, await import(...)`
      : undefined;
  }
  if (!dependencies.has(name)) return `'${name}' is not among the dependencies of package.json`;
  const owner = PACKAGES_OF_ONE_ROOM.get(name);
  if (owner !== undefined && roomOf(file) !== owner) return `only '${owner}' may import '${name}'`;
  return undefined;
}

/** @param {string} file the first folder, or the name of a file that lies in src/ itself */
function roomOf(file) {
  return String(file.split('/')[0]).replace(/\.ts$/, '');
}

/** @param {string} room its layer, or -1 */
function heightOf(room) {
  return LAYERS.findIndex((layer) => layer.includes(room));
}

/** @param {string} specifier */
function isNodeModule(specifier) {
  return specifier.startsWith('node:') || builtinModules.includes(specifier);
}
