// Puts the native engine of this machine where the packed package carries it: prebuilds/PLATFORM-ARCH/liouville.node.
// `npm pack` and `npm publish` run this first, and with --remove at the end: left behind, it would be installed in place
// of a build of newer sources.
//
//   node scripts/prebuild.mjs [--remove]

import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { buildNative } from './build-native.mjs';

/** The glibc that a prebuilt addon may ask for: Debian 12, Ubuntu 22.04, RHEL 9 and newer have it. */
export const GLIBC = [2, 34];

const root = fileURLToPath(new URL('..', import.meta.url));

/**
 * @param {Uint8Array} addon
 * @returns {number[]} the newest version of glibc whose symbols it uses
 */
export function glibcOf(addon) {
  const text = Buffer.from(addon).toString('latin1');
  const versions = [...text.matchAll(/GLIBC_(\d+)\.(\d+)/g)].map(([, major, minor]) => [
    Number(major),
    Number(minor),
  ]);
  return versions.reduce((newest, version) => (isNewer(version, newest) ? version : newest), [0, 0]);
}

/**
 * @param {readonly number[]} a
 * @param {readonly number[]} b
 */
function isNewer([a = 0, c = 0], [b = 0, d = 0]) {
  return a > b || (a === b && c > d);
}

/** @returns {Promise<string>} the file, below the root */
export async function prebuild() {
  const outcome = await buildNative();
  if (!outcome.built) throw new Error(`${outcome.reason} ${outcome.remedy}`);
  const folder = `prebuilds/${process.platform}-${process.arch}`;
  const path = join(root, folder, 'liouville.node');
  mkdirSync(join(root, folder), { recursive: true });
  const made = `${path}-${process.pid}`;
  copyFileSync(join(root, 'build/liouville.node'), made);
  // Names that only a debugger reads. Where there is no strip, they stay.
  spawnSync('strip', ['--strip-unneeded', made], { stdio: 'ignore' });
  const needed = glibcOf(readFileSync(made));
  if (process.platform === 'linux' && isNewer(needed, GLIBC)) {
    throw new Error(`The addon asks for glibc ${needed.join('.')}, newer than ${GLIBC.join('.')}.`);
  }
  renameSync(made, path);
  return `${folder}/liouville.node`;
}

async function main() {
  if (process.argv.includes('--remove')) {
    rmSync(join(root, 'prebuilds'), { recursive: true, force: true });
    return;
  }
  const path = await prebuild();
  const bytes = readFileSync(join(root, path));
  // Not on stdout, which `npm pack --json` keeps for itself.
  console.error(`${path}: ${(bytes.length / 1e6).toFixed(2)} MB, glibc ${glibcOf(bytes).join('.')} or newer`);
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) await main();
