// Builds the WebAssembly engine with the clang of @yowasp/clang: no compiler of the system is needed.
//
//   node scripts/build-wasm.mjs     builds what has changed, and reports sizes
//
// build/wasm/ gets three modules of JavaScript: the binaries simd.js and relaxed.js, compressed, in base64, and
// the program of the workers. As modules they load in Node, pass through every bundler, and need no server that
// knows their type. What they are made from decides what they hold: no path, date or name of a machine.

import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { Worker } from 'node:worker_threads';
import { deflateRawSync } from 'node:zlib';
import { rolldown } from 'rolldown';
import { hashOf } from './native/units.mjs';
import { writeWhole } from './native/write-whole.mjs';
import { builds, link, sourcesOf, units } from './wasm/units.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));

/**
 * @typedef {{ built: true, compiler: string, digest: string, bytes: Record<string, number> }
 *   | { built: false, reason: string, remedy: string }} Outcome
 */

/**
 * Builds unless everything is up to date, and notes the outcome beside it.
 *
 * @param {{ folder?: string }} [options] folder: where to build instead of build/
 * @returns {Promise<Outcome>}
 */
export async function buildWasm({ folder = join(root, 'build') } = {}) {
  const outcome = await attempt(folder);
  mkdirSync(folder, { recursive: true });
  writeWhole(join(folder, 'wasm.json'), `${JSON.stringify(outcome, null, 2)}\n`);
  return outcome;
}

/**
 * @param {string} folder
 * @returns {Promise<Outcome>}
 */
async function attempt(folder) {
  const remedy = 'In a checkout, run `npm ci` and then `npm run build:wasm`.';
  let version;
  try {
    version = versionOfClang();
  } catch {
    return { built: false, reason: '@yowasp/clang is not installed.', remedy };
  }
  const compiler = `@yowasp/clang ${version}`;
  try {
    const sources = sourcesOf(join(root, 'native'));
    const worker = await bundledWorker();
    const digest = hashOf([
      compiler,
      worker,
      JSON.stringify(sources),
      JSON.stringify(units),
      JSON.stringify(builds),
    ]);
    const noted = noteOf(folder);
    if (noted?.built === true && noted.digest === digest && isComplete(folder)) return noted;
    const objects = await compileAll(compiler, sources, join(folder, 'wasm-objects'));
    /** @type {Record<string, number>} */
    const bytes = {};
    mkdirSync(join(folder, 'wasm'), { recursive: true });
    for (const [name, { parts }] of Object.entries(builds)) {
      const binary = await link(
        Object.fromEntries(Object.entries(objects).filter(([part]) => parts.includes(part))),
      );
      bytes[name] = binary.length;
      writeModule(folder, name, deflateRawSync(binary, { level: 9 }).toString('base64'));
    }
    writeModule(folder, 'worker', worker);
    return { built: true, compiler, digest, bytes };
  } catch (error) {
    rmSync(join(folder, 'wasm'), { recursive: true, force: true });
    return {
      built: false,
      reason: `${compiler} did not build it: ${/** @type {Error} */ (error).message}`,
      remedy,
    };
  }
}

/** @returns {string} */
function versionOfClang() {
  const bundle = createRequire(import.meta.url).resolve('@yowasp/clang');
  const manifest = readFileSync(join(bundle, '../../package.json'), 'utf8');
  return /** @type {{ version: string }} */ (JSON.parse(manifest)).version;
}

/**
 * @param {string} folder
 * @returns {Outcome | undefined}
 */
function noteOf(folder) {
  const path = join(folder, 'wasm.json');
  if (!existsSync(path)) return undefined;
  return /** @type {Outcome} */ (JSON.parse(readFileSync(path, 'utf8')));
}

/** @param {string} folder */
function isComplete(folder) {
  return [...Object.keys(builds), 'worker'].every((name) => existsSync(join(folder, 'wasm', `${name}.js`)));
}

/**
 * @param {string} folder
 * @param {string} name
 * @param {string} text
 */
function writeModule(folder, name, text) {
  writeWhole(join(folder, 'wasm', `${name}.js`), `export const text = ${JSON.stringify(text)};\n`);
}

/** @returns {Promise<string>} the program of the workers as one script */
async function bundledWorker() {
  const bundle = await rolldown({ input: join(root, 'src/engine/wasm/worker.ts'), logLevel: 'warn' });
  const { output } = await bundle.generate({ format: 'iife', minify: true });
  await bundle.close();
  return output[0].code;
}

/**
 * Compiles what has changed, on all cores.
 *
 * @param {string} compiler
 * @param {Record<string, string>} sources
 * @param {string} folder for the object files
 * @returns {Promise<Record<string, Uint8Array>>} by unit
 */
async function compileAll(compiler, sources, folder) {
  mkdirSync(folder, { recursive: true });
  /** @type {Record<string, Uint8Array>} */
  const objects = {};
  const waiting = Object.entries(units);
  const next = async () => {
    for (let unit = waiting.shift(); unit !== undefined; unit = waiting.shift()) {
      const [name, { folders, flags }] = unit;
      const mine = Object.fromEntries(
        Object.entries(sources).filter(([path]) => folders.includes(path.split('/')[0] ?? '')),
      );
      const digest = hashOf([compiler, flags.join(' '), JSON.stringify(mine)]);
      const [object, note] = [join(folder, `${name}.o`), join(folder, `${name}.sha256`)];
      if (!existsSync(note) || readFileSync(note, 'utf8') !== digest || !existsSync(object)) {
        writeFileSync(object, await compile(name, mine));
        writeFileSync(note, digest);
      }
      objects[name] = readFileSync(object);
    }
  };
  await Promise.all(Array.from({ length: Math.min(4, availableParallelism()) }, next));
  return objects;
}

/**
 * Compiles a unit on a thread of its own: the compiler keeps its thread busy from begin to end.
 *
 * @param {string} unit
 * @param {Record<string, string>} sources
 * @returns {Promise<Uint8Array>}
 */
function compile(unit, sources) {
  return new Promise((resolve, reject) => {
    const worker = new Worker(new URL('./wasm/compile.mjs', import.meta.url), {
      workerData: { unit, sources },
    });
    worker.once('message', (/** @type {{ object: Uint8Array } | { error: string }} */ made) => {
      if ('object' in made) resolve(made.object);
      else reject(new Error(made.error));
    });
    worker.once('error', reject);
  });
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const begin = performance.now();
  const outcome = await buildWasm();
  const seconds = ((performance.now() - begin) / 1000).toFixed(1);
  if (outcome.built) {
    const sizes = Object.entries(outcome.bytes).map(
      ([name, bytes]) => `${name} ${(bytes / 1000).toFixed(0)} kB`,
    );
    console.log(`WebAssembly engine: ${sizes.join(', ')} (${outcome.compiler}, ${seconds} s)`);
  } else {
    console.log(`WebAssembly engine: not built. ${outcome.reason} ${outcome.remedy}`);
    process.exitCode = 1;
  }
}
