// Compiles src/ to dist/: JavaScript, declarations and source maps.
//
//   node scripts/build.mjs               builds
//   node scripts/build.mjs --if-stale    builds unless dist/ was made from exactly these sources
//
// The output is written beside dist/ and then swapped in, so that no file of a deleted source survives
// and a program that starts during a build never loads half of one.

import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmodSync, existsSync, readFileSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const dist = join(root, 'dist');
const stampFile = '.sources.sha256';
const program = 'cli/main.js';

/**
 * Builds unless dist/ is up to date. Type errors do not keep the compiler from writing its output, but they
 * make the build fail and leave it unstamped, so that the next call builds again.
 *
 * @param {{ force?: boolean, quiet?: boolean }} [options] quiet: type errors are not printed
 * @returns {boolean} whether the sources compiled without an error
 */
export function build({ force = false, quiet = false } = {}) {
  const sources = digestOfSources();
  if (!force && builtFrom() === sources) return true;

  const staging = join(root, `dist-${process.pid}`);
  try {
    rmSync(staging, { recursive: true, force: true });
    const clean = compile(staging, quiet);
    if (!existsSync(staging)) throw new Error('The TypeScript compiler wrote nothing.');
    renameImports(staging);
    if (existsSync(join(staging, program))) chmodSync(join(staging, program), 0o755);
    if (clean) writeFileSync(join(staging, stampFile), sources);
    swapIn(staging);
    return clean;
  } finally {
    rmSync(staging, { recursive: true, force: true });
  }
}

/** @returns {string | undefined} the digest that dist/ was built from */
function builtFrom() {
  const stamp = join(dist, stampFile);
  return existsSync(stamp) ? readFileSync(stamp, 'utf8') : undefined;
}

/** @returns {string} a digest of everything that decides what the compiler writes */
function digestOfSources() {
  const hash = createHash('sha256');
  const sources = readdirSync(join(root, 'src'), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .toSorted();
  const settings = ['tsconfig.json', 'tsconfig.build.json', 'package-lock.json'].map((name) =>
    join(root, name),
  );
  for (const path of [...settings, ...sources]) {
    const content = readFileSync(path);
    hash.update(`${path.slice(root.length)}\0${content.length}\0`).update(content);
  }
  return hash.digest('hex');
}

/**
 * @param {string} outDir
 * @param {boolean} quiet
 * @returns {boolean} whether there was no error
 */
function compile(outDir, quiet) {
  const compiler = createRequire(import.meta.url).resolve('typescript/package.json');
  const tsc = join(compiler, '..', 'bin', 'tsc');
  const { status, error } = spawnSync(
    process.execPath,
    [tsc, '-p', join(root, 'tsconfig.build.json'), '--outDir', outDir],
    { stdio: ['ignore', quiet ? 'ignore' : 'inherit', 'inherit'] },
  );
  if (error !== undefined) throw error;
  return status === 0;
}

/**
 * The compiler writes './x.js' for './x.ts' into JavaScript, and leaves declarations as they are. Deno and older compilers
 * then find nothing.
 *
 * @param {string} folder
 */
function renameImports(folder) {
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.name.endsWith('.d.ts')) continue;
    const path = join(entry.parentPath, entry.name);
    const text = readFileSync(path, 'utf8');
    writeFileSync(path, text.replaceAll(/(\bfrom |\bimport\()(['"])(\.[^'"]*)\.ts\2/g, '$1$2$3.js$2'));
  }
}

/** @param {string} staging */
function swapIn(staging) {
  const retired = `${staging}-retired`;
  try {
    // A build that runs at the same time may put its own output there between the two renames.
    for (let attempt = 1; ; attempt++) {
      if (existsSync(dist)) renameSync(dist, retired);
      try {
        renameSync(staging, dist);
        return;
      } catch (error) {
        if (attempt === 5) throw error;
        rmSync(retired, { recursive: true, force: true });
      }
    }
  } finally {
    rmSync(retired, { recursive: true, force: true });
  }
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const clean = build({ force: !process.argv.includes('--if-stale') });
  if (!clean) process.exitCode = 1;
}
