import { execFile, spawnSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { findCompiler } from '../../scripts/native/compiler.mjs';
import type { Compiler } from '../../scripts/native/compiler.mjs';
import { unitsFor } from '../../scripts/native/units.mjs';
import { root } from '../support/repository.ts';

const run = promisify(execFile);

/** What the sanitizers see ends the process. */
const sanitizers = ['-fsanitize=address,undefined', '-fno-sanitize-recover=undefined'];
const build = ['-O1', '-g1', ...sanitizers];

export interface SanitizedBuild {
  /** Links these objects of the native engine, all but the addon's own, with a test program. */
  readonly program: (source: string, name: string) => Promise<string>;
  /** Links the addon. It needs the sanitizers' libraries in its process: see `preload`. */
  readonly addon: () => Promise<string>;
  /** For LD_PRELOAD. */
  readonly preload: string;
}

/** Compiles the native engine with AddressSanitizer and UndefinedBehaviorSanitizer. */
export async function buildSanitized(folder: string): Promise<SanitizedBuild | string> {
  const found = findCompiler(process.env);
  if ('reason' in found) return found.reason;
  const { compiler } = found;
  mkdirSync(folder, { recursive: true });
  const headers = join(root, 'node_modules/node-api-headers/include');
  const waiting = [...unitsFor(root, process.arch, compiler, headers)];
  const objects: { path: string; isAddon: boolean }[] = [];
  const compileNext = async (): Promise<void> => {
    for (let unit = waiting.shift(); unit !== undefined; unit = waiting.shift()) {
      const path = join(folder, `${unit.name}.o`);
      objects.push({ path, isAddon: unit.source.includes('/napi/') });
      await run(compiler.command, [...unit.flags, ...build, '-c', unit.source, '-o', path], { cwd: root });
    }
  };
  await Promise.all(Array.from({ length: availableParallelism() }, compileNext));

  const link = async (name: string, flags: readonly string[], all: boolean): Promise<string> => {
    const parts = objects.filter(({ isAddon }) => all || !isAddon).map(({ path }) => path);
    await run(compiler.command, [...sanitizers, '-pthread', ...flags, ...parts, '-o', join(folder, name)], {
      cwd: root,
    });
    return join(folder, name);
  };
  return {
    program: (source, name) => link(name, ['-std=c++20', ...build, source], false),
    addon: () => link('liouville.node', ['-shared'], true),
    preload: ['asan', 'ubsan'].map((name) => libraryOf(compiler, name)).join(' '),
  };
}

function libraryOf(compiler: Compiler, name: string): string {
  return spawnSync(compiler.command, [`-print-file-name=lib${name}.so`], { encoding: 'utf8' }).stdout.trim();
}
