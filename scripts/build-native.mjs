// Builds the native engine, build/liouville.node, with the C++ compiler that it finds.
//
//   node scripts/build-native.mjs             builds what has changed
//   node scripts/build-native.mjs --install   the same, but leaves it at a message if that fails
//
// Without a compiler it succeeds: build/native.json then says why there is no native engine, and `liouville
// doctor` shows it. The addon is linked beside its place and then moved there, so that a program that runs
// meanwhile keeps the file that it has loaded.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { availableParallelism } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { findCompiler } from './native/compiler.mjs';
import { strangeSymbolsOf } from './native/symbols.mjs';
import { hashOf, unitsFor } from './native/units.mjs';
import { writeWhole } from './native/write-whole.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));

/**
 * The standard library comes along, so that the addon runs where the compiler's own is not installed. libgcc does
 * not: Node itself needs the system's, and a static one would ask for a newer C library.
 */
const LINKING =
  process.platform === 'darwin'
    ? ['-bundle', '-undefined', 'dynamic_lookup']
    : ['-shared', '-static-libstdc++', '-Wl,--exclude-libs,ALL', '-Wl,--gc-sections'];

/**
 * What became of a build. `broken`: there was a compiler, but it did not get through.
 *
 * @typedef {{ built: true, compiler: string, instructionSets: string[], digest: string }
 *   | { built: false, broken: boolean, reason: string, remedy: string }} Outcome
 */

/**
 * Builds the addon unless it is up to date, and notes the outcome beside it.
 *
 * @param {{ folder?: string, environment?: Record<string, string | undefined> }} [options] folder: where to
 *   build instead of build/
 * @returns {Promise<Outcome>}
 */
export async function buildNative({ folder = join(root, 'build'), environment = process.env } = {}) {
  const outcome = await attempt(folder, environment);
  mkdirSync(folder, { recursive: true });
  if (!outcome.built) rmSync(join(folder, 'liouville.node'), { force: true });
  writeWhole(join(folder, 'native.json'), `${JSON.stringify(outcome, null, 2)}\n`);
  return outcome;
}

/**
 * @param {string} folder
 * @param {Record<string, string | undefined>} environment
 * @returns {Promise<Outcome>}
 */
async function attempt(folder, environment) {
  const again = 'then run `npm rebuild liouville` (in a checkout: `npm run build:native`)';
  if (process.platform !== 'linux' && process.platform !== 'darwin') {
    const reason = `The native engine is not built on ${process.platform}.`;
    return { built: false, broken: false, reason, remedy: 'Use Linux or macOS, or another engine.' };
  }
  const found = findCompiler(environment);
  if ('reason' in found) {
    const remedy = `Install GCC 12 or Clang 14, or newer (Debian: apt install g++), ${again}.`;
    return { built: false, broken: false, reason: found.reason, remedy };
  }
  const { compiler } = found;
  const headers = join(createRequire(import.meta.url).resolve('node-api-headers'), '..', 'include');
  const units = unitsFor(root, process.arch, compiler, headers);
  if (units.length === 0) {
    const reason = `There are no kernels for the architecture ${process.arch}.`;
    return { built: false, broken: false, reason, remedy: 'Use x64 or arm64, or another engine.' };
  }
  try {
    const digest = hashOf([...units.map((unit) => unit.digest), ...LINKING]);
    const sets = [...new Set(units.flatMap((unit) => unit.instructionSet ?? []))];
    if (digestOfBuilt(folder) !== digest) {
      const objects = await compileAll(units, compiler, join(folder, 'native'));
      await link(objects, compiler, join(folder, 'liouville.node'));
    }
    return { built: true, compiler: compiler.version, instructionSets: sets, digest };
  } catch (error) {
    const reason = `${compiler.command} did not build the native engine: ${/** @type {Error} */ (error).message}`;
    return {
      built: false,
      broken: true,
      reason,
      remedy: `Try another compiler, naming it in CXX, ${again}.`,
    };
  }
}

/**
 * @param {string} folder
 * @returns {string | undefined} the digest of the addon that is there
 */
function digestOfBuilt(folder) {
  if (!existsSync(join(folder, 'liouville.node')) || !existsSync(join(folder, 'native.json')))
    return undefined;
  const noted = /** @type {Outcome} */ (JSON.parse(readFileSync(join(folder, 'native.json'), 'utf8')));
  return noted.built ? noted.digest : undefined;
}

/**
 * Compiles the units that have changed, on all cores.
 *
 * @param {readonly import('./native/units.mjs').Unit[]} units
 * @param {import('./native/compiler.mjs').Compiler} compiler
 * @param {string} folder for the object files
 * @returns {Promise<string[]>} the object files
 */
async function compileAll(units, compiler, folder) {
  mkdirSync(folder, { recursive: true });
  const waiting = [...units];
  const worker = async () => {
    for (let unit = waiting.shift(); unit !== undefined; unit = waiting.shift()) {
      try {
        await compile(unit, compiler, folder);
      } catch (error) {
        waiting.length = 0;
        throw error;
      }
    }
  };
  await Promise.all(Array.from({ length: availableParallelism() }, worker));
  return units.map((unit) => join(folder, `${unit.name}.o`));
}

/**
 * @param {import('./native/units.mjs').Unit} unit
 * @param {import('./native/compiler.mjs').Compiler} compiler
 * @param {string} folder
 */
async function compile(unit, compiler, folder) {
  const [object, note] = [join(folder, `${unit.name}.o`), join(folder, `${unit.name}.sha256`)];
  if (existsSync(object) && existsSync(note) && readFileSync(note, 'utf8') === unit.digest) return;
  const made = `${object}-${process.pid}`;
  try {
    await run(compiler.command, [...unit.flags, '-c', unit.source, '-o', made]);
    const strange = unit.instructionSet === undefined ? [] : strangeSymbolsOf(made, unit.instructionSet);
    if (strange.length > 0) {
      throw new Error(`${unit.name} holds symbols that do not belong there: ${strange.join(', ')}`);
    }
    renameSync(made, object);
    writeFileSync(note, unit.digest);
  } finally {
    rmSync(made, { force: true });
  }
}

/**
 * @param {readonly string[]} objects
 * @param {import('./native/compiler.mjs').Compiler} compiler
 * @param {string} addon
 */
async function link(objects, compiler, addon) {
  const made = `${addon}-${process.pid}`;
  try {
    await run(compiler.command, [...LINKING, '-pthread', ...objects, '-o', made]);
    renameSync(made, addon);
  } finally {
    rmSync(made, { force: true });
  }
}

/**
 * @param {string} command
 * @param {readonly string[]} args
 */
async function run(command, args) {
  const child = spawn(command, args, { cwd: root, stdio: ['ignore', 'ignore', 'pipe'] });
  let text = '';
  child.stderr.setEncoding('utf8').on('data', (/** @type {string} */ part) => (text += part));
  const [status] = /** @type {[number | null]} */ (await once(child, 'close'));
  if (status === 0) return;
  const [first = text.trim()] = text.split('\n').filter((line) => /error/i.test(line));
  throw new Error(`${first || `${command} ended with ${status}`} (${args.at(-3)})`);
}

/**
 * The addon that came with the package, if it runs here.
 *
 * @param {string} folder of the package
 * @returns {string | undefined} its place below the folder
 */
export function prebuiltOf(folder) {
  const place = `prebuilds/${process.platform}-${process.arch}/liouville.node`;
  try {
    process.dlopen({ exports: {} }, join(folder, place));
    return place;
  } catch {
    return undefined;
  }
}

async function main() {
  const installing = process.argv.includes('--install');
  const prebuilt = installing ? prebuiltOf(root) : undefined;
  if (prebuilt !== undefined) {
    console.log(`native engine: ${prebuilt}`);
    return;
  }
  const begin = performance.now();
  const outcome = await buildNative();
  const seconds = ((performance.now() - begin) / 1000).toFixed(1);
  if (outcome.built) {
    // Whoever only uses the package does not build again: the object files need not lie around.
    if (dirname(root.replace(/[/\\]$/, '')).endsWith('node_modules')) {
      rmSync(join(root, 'build/native'), { recursive: true, force: true });
    }
    console.log(`native engine: ${outcome.instructionSets.join(', ')} (${outcome.compiler}, ${seconds} s)`);
  } else {
    console.log(`native engine: not built. ${outcome.reason} ${outcome.remedy}`);
    if (outcome.broken && !installing) process.exitCode = 1;
  }
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  process.chdir(dirname(dirname(fileURLToPath(import.meta.url))));
  try {
    await main();
  } catch (error) {
    // A folder that cannot be written to, say: an installation goes on with another engine.
    if (!process.argv.includes('--install')) throw error;
    console.log(`native engine: not built. ${/** @type {Error} */ (error).message}`);
  }
}
