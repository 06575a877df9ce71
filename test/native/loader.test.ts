import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { describe, expect, test } from 'vitest';
import { nativeEngine } from '../../src/engine/native/index.ts';
import { root } from '../support/repository.ts';
import { temporaryFolder } from '../support/temporary.ts';
import { missing } from './addon.ts';

interface Report {
  readonly available: boolean;
  readonly reason?: string;
  readonly remedy?: string;
  readonly details?: { readonly path: string };
  readonly chosen: string;
}

/** An installed package whose native engine is what these files make of it. */
function installed(files: Readonly<Record<string, string>>): string {
  const folder = temporaryFolder({ 'package.json': '{ "type": "module" }', ...files });
  cpSync(join(root, 'dist'), join(folder, 'dist'), { recursive: true });
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'));
  return folder;
}

/** What the package says about its native engine; `before` runs before it is loaded. */
function reportOf(folder: string, before = ''): Report {
  const entry = pathToFileURL(join(folder, 'dist/engine/index.js')).href;
  const source = `${before}
    const { diagnose } = await import(${JSON.stringify(entry)});
    const { engines, chosen } = diagnose();
    console.log(JSON.stringify({ ...engines.find(({ name }) => name === 'native'), chosen }));`;
  const { LIOUVILLE_ISA: _, LIOUVILLE_ENGINE: __, ...env } = process.env;
  const { stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', source], {
    encoding: 'utf8',
    env,
  });
  expect(stderr).toBe('');
  return JSON.parse(stdout) as Report;
}

const builtPath = (): string => {
  const found = nativeEngine();
  return 'details' in found ? found.details.path : '';
};

describe('a package', () => {
  test('that was not built says so, and what to do', () => {
    expect(reportOf(installed({}))).toEqual({
      name: 'native',
      available: false,
      reason: 'It has not been built.',
      remedy: expect.stringContaining('npm rebuild liouville') as string,
      chosen: 'reference',
    });
  });

  test('that could not be built gives the reason that was noted', () => {
    const note = { built: false, reason: 'No C++ compiler was found.', remedy: 'Install one.' };
    const report = reportOf(installed({ 'build/native.json': JSON.stringify(note) }));
    expect(report).toMatchObject({ available: false, reason: note.reason, remedy: note.remedy });
  });

  test('whose addon cannot be loaded gives every cause', () => {
    const prebuilt = `prebuilds/${process.platform}-${process.arch}/liouville.node`;
    const report = reportOf(installed({ 'build/liouville.node': 'no library', [prebuilt]: 'none either' }));
    expect(report.available).toBe(false);
    expect(report.reason).toMatch(/could not be loaded \(.*build\/liouville\.node.*; .*prebuilds\//);
    expect(report.chosen).toBe('reference');
  });

  test.skipIf(missing !== undefined)('takes the addon that came with it where it built none', () => {
    const folder = installed({});
    const place = `prebuilds/${process.platform}-${process.arch}`;
    mkdirSync(join(folder, place), { recursive: true });
    cpSync(builtPath(), join(folder, place, 'liouville.node'));
    expect(reportOf(folder)).toMatchObject({
      available: true,
      details: { path: join(folder, place, 'liouville.node') },
      chosen: 'native',
    });
  });

  test.skipIf(missing !== undefined)('may lie in a folder whose name needs escaping in addresses', () => {
    const folder = join(installed({}), 'with space, % and ü');
    mkdirSync(join(folder, 'build'), { recursive: true });
    cpSync(join(root, 'dist'), join(folder, 'dist'), { recursive: true });
    cpSync(builtPath(), join(folder, 'build/liouville.node'));
    expect(reportOf(folder)).toMatchObject({ available: true, chosen: 'native' });
  });

  test('is absent where there is no Node, as in a browser', () => {
    const report = reportOf(installed({}), `process.dlopen = undefined;`);
    expect(report).toMatchObject({ available: false, reason: expect.stringContaining('Node.js') as string });
    const nowhere = reportOf(
      installed({}),
      `const { log } = console; const env = process.env; globalThis.process = undefined;`,
    );
    expect(nowhere).toMatchObject({ available: false, chosen: 'wasm' });
  });
});
