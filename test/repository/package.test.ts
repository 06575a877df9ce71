import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { read, root, writtenFiles } from '../support/repository.ts';

interface Manifest {
  name: string;
  version: string;
  bin: Record<string, string>;
  exports: Record<string, string | { types: string; default: string }>;
  scripts: Record<string, string>;
  dependencies: Record<string, string>;
  devDependencies: Record<string, string>;
}

interface Lockfile {
  version: string;
  packages: Record<string, { integrity?: string; funding?: unknown } & Partial<Manifest>>;
}

const manifest = JSON.parse(read('package.json')) as Manifest;
const lockfile = JSON.parse(read('package-lock.json')) as Lockfile;

/** The source that a file of dist/ is compiled from. */
function sourceOf(built: string): string {
  return built.replace(/^\.\/dist\//, 'src/').replace(/(\.d\.ts|\.js)$/, '.ts');
}

describe('package.json', () => {
  const subpaths = Object.entries(manifest.exports).filter(([subpath]) => subpath !== './package.json');

  it.each(subpaths)('exports %s from a source that exists', (subpath, target) => {
    const room = subpath === '.' ? '' : `${subpath.slice(2)}/`;
    expect(target).toEqual({ types: `./dist/${room}index.d.ts`, default: `./dist/${room}index.js` });
    expect(existsSync(join(root, `src/${room}index.ts`)), `src/${room}index.ts exists`).toBe(true);
  });

  it('names programs whose sources exist and can be started', () => {
    for (const built of Object.values(manifest.bin)) {
      expect(read(sourceOf(built))).toMatch(/^#!\/usr\/bin\/env node\n/);
    }
  });

  it('has the scripts that the documents name', () => {
    const named = writtenFiles()
      .filter((path) => path.endsWith('.md'))
      .flatMap((path) =>
        [...read(path).matchAll(/npm run ([\w:-]+)/g)].map(([, script]) => `${path}: ${script}`),
      );
    const missing = named.filter((line) => !Object.hasOwn(manifest.scripts, line.split(': ')[1] ?? ''));
    expect(missing).toEqual([]);
  });
});

describe('package-lock.json', () => {
  it('agrees with package.json, so that npm ci accepts it', () => {
    const { name, version, dependencies, devDependencies } = lockfile.packages['']!;
    expect({ name, version, dependencies, devDependencies }).toEqual({
      name: manifest.name,
      version: manifest.version,
      dependencies: manifest.dependencies,
      devDependencies: manifest.devDependencies,
    });
  });

  it('names no host that packages come from', () => {
    const hosts = Object.entries(lockfile.packages).filter(([, entry]) =>
      /resolved|:\/\//.test(JSON.stringify({ ...entry, funding: undefined })),
    );
    expect(hosts).toEqual([]);
  });

  it('has a checksum for every package', () => {
    const unchecked = Object.entries(lockfile.packages).filter(
      ([path, entry]) => path !== '' && entry.integrity === undefined,
    );
    expect(unchecked.map(([path]) => path)).toEqual([]);
  });
});
