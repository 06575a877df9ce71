import { spawnSync } from 'node:child_process';
import { closeSync, mkdirSync, openSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, posix } from 'node:path';
import { publint } from 'publint';
import { formatMessage } from 'publint/utils';
import { beforeAll, describe, expect, it } from 'vitest';
import { read, root } from '../support/repository.ts';

interface Manifest {
  readonly dependencies: Readonly<Record<string, string>>;
  readonly peerDependencies: Readonly<Record<string, string>>;
  readonly peerDependenciesMeta: Readonly<Record<string, { optional?: boolean }>>;
  readonly exports: Readonly<Record<string, string | { readonly types: string }>>;
}

interface Packed {
  readonly filename: string;
  readonly size: number;
  readonly files: readonly { readonly path: string }[];
}

/** What attw says about the types. */
interface Analysis {
  readonly entrypoints: Readonly<Record<string, unknown>>;
  readonly problems: readonly { readonly kind: string; readonly resolutionKind?: string }[];
}

const manifest = JSON.parse(read('package.json')) as Manifest;

/** All that the package may hold. */
const WELCOME = [
  /^dist\/.*\.(js|d\.ts)(\.map)?$/,
  // Editors and debuggers go there from dist/.
  /^src\/.*\.ts$/,
  // For machines that the prebuilt engine does not fit.
  /^native\/(cloud|engine|host|kernel|math|random|simd|train)\/.*\.(cpp|h)$/,
  /^scripts\/(build-native|native\/[\w-]+)\.mjs$/,
  /^build\/wasm\/(simd|relaxed|worker)\.js$/,
  /^prebuilds\/\w+-\w+\/liouville\.node$/,
  /^(package\.json|LICENSE|README(\.zh)?\.md|CHANGELOG\.md)$/,
];

/** Of what is downloaded. */
const MOST_BYTES = 4_000_000;

const folder = join(root, 'build/packed');
let tarball = '';
let size = 0;
let paths: string[] = [];

beforeAll(() => {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  // Not the scripts of npm pack, which build the native engine again.
  const packing = ['pack', '--ignore-scripts', '--json', '--pack-destination', folder];
  const { stdout } = spawnSync('npm', packing, { cwd: root, encoding: 'utf8' });
  const [packed] = JSON.parse(stdout) as Packed[];
  tarball = join(folder, packed!.filename);
  size = packed!.size;
  paths = packed!.files.map(({ path }) => path);
}, 60_000);

/** What the first group of a pattern finds in the files with this ending, as [file, found]. */
function named(ending: string, pattern: RegExp): [file: string, what: string][] {
  return paths
    .filter((path) => path.endsWith(ending))
    .flatMap((path) =>
      [...read(path).matchAll(pattern)].map(([, what = '']): [string, string] => [path, what]),
    );
}

/** The declarations that an entry reads, itself and all that they import. */
function declarationsFrom(entry: string): string[] {
  const reached = new Set([posix.normalize(entry)]);
  for (const path of reached) {
    for (const [, what = ''] of read(path).matchAll(/\b(?:from |import\()['"](\.[^'"]+)\.js['"]/g)) {
      reached.add(posix.join(dirname(path), `${what}.d.ts`));
    }
  }
  return [...reached];
}

describe('the packed package', () => {
  it('holds nothing that users do not need', () => {
    expect(paths.filter((path) => !WELCOME.some((pattern) => pattern.test(path)))).toEqual([]);
    expect(size).toBeLessThan(MOST_BYTES);
  });

  it('holds what was compiled, and what it was compiled from', () => {
    const sources = paths
      .filter((path) => /^src\/.*(?<!\.d)\.ts$/.test(path))
      .map((path) => path.slice('src/'.length, -'.ts'.length));
    expect(sources.length).toBeGreaterThan(100);
    for (const ending of ['.js', '.d.ts', '.js.map', '.d.ts.map']) {
      const built = paths
        .filter((path) => path.startsWith('dist/') && path.endsWith(ending))
        .map((path) => path.slice('dist/'.length, -ending.length));
      expect({ ending, built }).toEqual({ ending, built: sources });
    }
  });

  it.each([
    ['.js', /\b(?:from |import\()'(\.[^']+)'/g],
    ['.d.ts', /\b(?:from |import\()['"](\.[^'"]+)['"]/g],
    ['.mjs', /\bfrom '(\.[^']+)'/g],
    ['.h', /^#include "([^"]+)"/gm],
    ['.cpp', /^#include "([^"]+)"/gm],
    ['.js.map', /"sources":\["([^"]+)"\]/g],
  ])('holds what its %s files name', (ending, pattern) => {
    const present = new Set(paths);
    const all = named(ending, pattern);
    expect(all.length).toBeGreaterThan(0);
    expect(all.filter(([file, what]) => !present.has(posix.join(dirname(file), what)))).toEqual([]);
  });

  it('imports only packages that come with it, and optional peers', () => {
    const { dependencies, peerDependencies } = manifest;
    const packages = new Set(
      named('.js', /(?:^(?:import|export|\}).* from |\bimport\()'([^'.#][^']*)'/gm)
        .map(([, what]) => what)
        .filter((what) => !what.startsWith('node:'))
        .map((what) => what.split('/', what.startsWith('@') ? 2 : 1).join('/')),
    );
    expect(packages.size).toBeGreaterThan(0);
    const known = Object.keys({ ...dependencies, ...peerDependencies });
    expect([...packages].filter((name) => !known.includes(name))).toEqual([]);
  });

  it('asks for no peer that it can do without', () => {
    const wanted = Object.keys(manifest.peerDependencies);
    const optional = wanted.filter((name) => manifest.peerDependenciesMeta[name]?.optional === true);
    expect(optional).toEqual(wanted);
  });

  it('needs the types of no peer but where its entry is for that peer', () => {
    const asking = Object.entries(manifest.exports).flatMap(([subpath, target]) =>
      typeof target === 'string' || subpath === './tfjs' ? [] : declarationsFrom(target.types),
    );
    const peers = Object.keys(manifest.peerDependencies).map((name) => `from '${name}`);
    expect(asking.length).toBeGreaterThan(100);
    expect(asking.filter((path) => peers.some((peer) => read(path).includes(peer)))).toEqual([]);
  });

  it('is what publint finds right', async () => {
    const bytes = new Uint8Array(readFileSync(tarball));
    const { messages, pkg } = await publint({ pack: { tarball: bytes.buffer }, strict: true });
    expect(messages.map((message) => formatMessage(message, pkg, { color: false }))).toEqual([]);
  });

  // The resolution of old compilers knows no subpaths. CommonJS gets the same modules: Node's require takes them.
  it('has types that every entry resolves to', { timeout: 60_000 }, () => {
    const attw = createRequire(import.meta.url).resolve('@arethetypeswrong/cli/package.json');
    const program = join(dirname(attw), 'dist/index.js');
    // Into a file: it ends before a pipe has taken everything.
    const report = join(folder, 'attw.json');
    const stdout = openSync(report, 'w');
    const ending = spawnSync(process.execPath, [program, tarball, '--format', 'json'], {
      stdio: ['ignore', stdout, 'pipe'],
      encoding: 'utf8',
    });
    closeSync(stdout);
    expect(ending.stderr).toBe('');
    const { analysis } = JSON.parse(readFileSync(report, 'utf8')) as { analysis: Analysis };
    expect(Object.keys(analysis.entrypoints)).toEqual(Object.keys(manifest.exports));
    const wrong = analysis.problems.filter(
      ({ kind, resolutionKind }) => kind !== 'CJSResolvesToESM' && resolutionKind !== 'node10',
    );
    expect(wrong).toEqual([]);
  });
});
