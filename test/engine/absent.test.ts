import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { chooseEngine } from '../../src/engine/index.ts';
import { wasmEngine } from '../../src/engine/wasm/index.ts';
import { read, root } from '../support/repository.ts';
import { temporaryFolder } from '../support/temporary.ts';

interface Report {
  readonly name: string;
  readonly available: boolean;
  readonly reason?: string;
  readonly remedy?: string;
}

/** The packages that are installed here, but for some. */
function packagesWithout(folder: string, hidden: readonly string[]): void {
  mkdirSync(join(folder, 'node_modules'));
  for (const name of readdirSync(join(root, 'node_modules'))) {
    if (!name.startsWith('.') && !hidden.includes(name))
      symlinkSync(join(root, 'node_modules', name), join(folder, 'node_modules', name));
  }
}

/** The package with these files in build/, and what its doctor says. */
function doctor(
  files: Readonly<Record<string, string>>,
  wasm: boolean,
  env: Readonly<Record<string, string>> = {},
  hidden: readonly string[] = [],
): { engines: Report[]; chosen: string | null; problem?: string } {
  const folder = temporaryFolder({ 'package.json': read('package.json'), ...files });
  cpSync(join(root, 'dist'), join(folder, 'dist'), { recursive: true });
  packagesWithout(folder, hidden);
  if (wasm) {
    mkdirSync(join(folder, 'build'), { recursive: true });
    symlinkSync(join(root, 'build/wasm'), join(folder, 'build/wasm'));
  }
  const main = join(folder, 'dist/cli/main.js');
  const { LIOUVILLE_ENGINE: _, LIOUVILLE_ISA: __, ...environment } = process.env;
  const { stdout, stderr } = spawnSync(process.execPath, [main, 'doctor', '--json'], {
    encoding: 'utf8',
    env: { ...environment, ...env },
  });
  expect(stderr).toBe('');
  return JSON.parse(stdout) as ReturnType<typeof doctor>;
}

const of = ({ engines }: { engines: Report[] }, name: string): Report =>
  engines.find((engine) => engine.name === name)!;

afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
});

describe('what is missing', () => {
  test('without the native engine, auto is WebAssembly', () => {
    const noted = { reason: 'No C++ compiler was found.', remedy: 'Install GCC 12 or Clang 14.' };
    const report = doctor({ 'build/native.json': JSON.stringify(noted) }, true);
    expect(report.chosen).toBe('wasm');
    expect(of(report, 'native')).toMatchObject({ available: false, ...noted });
    expect(of(report, 'wasm')).toMatchObject({ available: true });
  });

  test('a corrupt addon is a reason, not a crash', () => {
    const report = doctor({ 'build/liouville.node': 'no library' }, true);
    expect(report.chosen).toBe('wasm');
    expect(of(report, 'native').reason).toMatch(/could not be loaded.*liouville\.node/);
    expect(of(report, 'native').remedy).toMatch(/npm rebuild liouville/);
  });

  test('without both, auto is the reference engine, and each says why', () => {
    const report = doctor({}, false);
    expect(report.chosen).toBe('reference');
    expect(of(report, 'wasm')).toMatchObject({
      available: false,
      reason: 'It has not been built.',
      remedy: expect.stringContaining('npm run build:wasm') as string,
    });
  });

  test('why WebAssembly was not built was noted by the build', () => {
    const noted = { built: false, reason: '@yowasp/clang is not installed.', remedy: 'Run `npm ci`.' };
    const report = doctor({ 'build/wasm.json': JSON.stringify(noted) }, false);
    expect(of(report, 'wasm')).toMatchObject({ reason: noted.reason, remedy: noted.remedy });
  });

  test('what the environment asks for in vain is a problem, never replaced', () => {
    const report = doctor({}, false, { LIOUVILLE_ENGINE: 'wasm' });
    expect(report.chosen).toBeNull();
    expect(report.problem).toMatch(/The engine 'wasm' is not available: It has not been built/);
  });

  test('without tfjs nothing breaks, and its engine says what to install', () => {
    const report = doctor({}, true, { LIOUVILLE_ENGINE: 'tfjs' }, ['@tensorflow']);
    expect(of(report, 'wasm').available).toBe(true);
    expect(of(report, 'tfjs')).toMatchObject({
      available: false,
      reason: 'The package @tensorflow/tfjs-core is not installed.',
      remedy: expect.stringMatching(
        /npm install @tensorflow\/tfjs-core .*tfjs-node-gpu.*tensorflow\/tfjs#8742/,
      ) as string,
    });
    expect(report.chosen).toBeNull();
    expect(report.problem).toMatch(/The engine 'tfjs' is not available.*npm install/);
  });

  test('an instruction set that the processor lacks is a problem', ({ skip }) => {
    if (!existsSync(join(root, 'build/liouville.node'))) skip('there is no native engine');
    vi.stubEnv('LIOUVILLE_ENGINE', '');
    vi.stubEnv('LIOUVILLE_ISA', process.arch === 'x64' ? 'neon' : 'avx2');
    expect(() => chooseEngine()).toThrow(/LIOUVILLE_ISA: the instruction set/);
    expect(chooseEngine('wasm').name).toBe('wasm');
  });

  test('a JavaScript engine without SIMD has no WebAssembly engine', () => {
    const { WebAssembly } = globalThis as unknown as {
      WebAssembly: { validate(bytes: Uint8Array): boolean };
    };
    vi.spyOn(WebAssembly, 'validate').mockReturnValue(false);
    expect(wasmEngine()).toMatchObject({ reason: expect.stringMatching(/SIMD/) as string });
    expect(() => chooseEngine('wasm')).toThrow(/The engine 'wasm' is not available.*SIMD/);
  });
});
