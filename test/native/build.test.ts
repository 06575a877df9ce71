import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { buildNative } from '../../scripts/build-native.mjs';
import { findCompiler } from '../../scripts/native/compiler.mjs';
import { strangeSymbols, strangeSymbolsOf } from '../../scripts/native/symbols.mjs';
import { hashOf, unitsFor } from '../../scripts/native/units.mjs';
import { root } from '../support/repository.ts';
import { temporaryFolder } from '../support/temporary.ts';

const note = join(root, 'build/native.json');

describe('the build of this checkout', () => {
  test('went through, if there is a compiler', ({ skip }) => {
    const outcome = JSON.parse(readFileSync(note, 'utf8')) as {
      built: boolean;
      broken?: boolean;
      reason?: string;
    };
    expect(outcome.broken ?? false, `${outcome.reason}`).toBe(false);
    if (!outcome.built) skip(outcome.reason);
    expect(outcome).toMatchObject({ built: true, digest: expect.stringMatching(/^[0-9a-f]{64}$/) as string });
  });

  test('leaves an addon alone whose sources have not changed', async ({ skip }) => {
    const addon = join(root, 'build/liouville.node');
    if (!existsSync(addon)) skip('there is no addon');
    const { ino, mtimeMs } = statSync(addon);
    await buildNative();
    expect(statSync(addon)).toMatchObject({ ino, mtimeMs });
  });
});

describe('without a compiler', () => {
  test('nothing is built, and the reason is noted', async () => {
    const folder = temporaryFolder({ 'liouville.node': 'an old one' });
    const outcome = await buildNative({ folder, environment: { CXX: 'no-such-compiler' } });
    expect(outcome).toEqual({
      built: false,
      broken: false,
      reason: 'No C++ compiler was found that can build the native engine (no-such-compiler: not found).',
      remedy: expect.stringMatching(/Install GCC.*npm rebuild liouville/) as string,
    });
    expect(JSON.parse(readFileSync(join(folder, 'native.json'), 'utf8'))).toEqual(outcome);
    expect(existsSync(join(folder, 'liouville.node'))).toBe(false);
  });

  test('a program that compiles nothing is none', () => {
    // It succeeds whatever it is told, until it gets C++ to read.
    const found = findCompiler({ CXX: 'node' });
    expect(found).toMatchObject({
      reason: expect.stringMatching(/node: v\d+.* does not compile C\+\+20/) as string,
    });
  });
});

describe('the units', () => {
  const compiler = { command: 'g++', version: '12', gcc: true };
  const units = unitsFor(root, 'x64', compiler, '/headers');

  test('are backends for each instruction set: two precisions and clouds; and the host', () => {
    const backends = units.filter((unit) => unit.instructionSet !== undefined).map((unit) => unit.name);
    const sets = ['baseline', 'avx2', 'avx512'];
    expect(backends).toEqual([
      ...sets.flatMap((set) => [`backend-${set}-f32`, `backend-${set}-f64`]),
      ...sets.map((set) => `clouds-${set}`),
    ]);
    expect(units.map((unit) => unit.source)).toContain('native/host/napi/addon.cpp');
    expect(new Set(units.map((unit) => unit.name)).size).toBe(units.length);
    expect(unitsFor(root, 'arm64', compiler, '').flatMap((unit) => unit.instructionSet ?? [])).toEqual([
      'neon',
      'neon',
      'neon',
    ]);
    expect(unitsFor(root, 's390x', compiler, '')).toEqual([]);
  });

  test('change with the compiler and the flags', () => {
    const other = unitsFor(root, 'x64', { ...compiler, version: '13' }, '/headers');
    expect(other.map((unit) => unit.digest)).not.toContain(units[0]!.digest);
    expect(new Set(units.map((unit) => unit.digest)).size).toBeGreaterThan(6);
    expect(hashOf(['a', 'bc'])).not.toBe(hashOf(['ab', 'c']));
  });

  test('let only the host and the baseline be compiled for every processor', () => {
    for (const { instructionSet, flags, name } of units) {
      const special = flags.some((flag) => /^-m(avx|fma|sse|arch)/.test(flag));
      expect(special, `unit ${name}`).toBe(instructionSet === 'avx2' || instructionSet === 'avx512');
    }
  });
});

describe('the symbols of a backend', () => {
  test('belong to its instruction set', () => {
    const symbols = [
      '0000000000000000 W _ZN9liouville6avx5123runIfEEvPKNS_7RunTaskE',
      '0000000000000000 V _ZN9liouville6avx51212CoefficientsIfE3logE',
      '0000000000000000 t _ZN9liouvilleL6helperEv',
      '0000000000000000 r .LC0',
      '0000000000000000 R liouville_backend_avx512_f32',
      '                 U memcpy',
    ];
    expect(strangeSymbols(symbols.join('\n'), 'avx512')).toEqual([]);
  });

  test.each([
    ['a template of the standard library', '0000 W _ZSt4sqrtf'],
    ['an inline function of the shared headers', '0000 W _ZN9liouville5valueEv'],
    ['a function of another instruction set', '0000 W _ZN9liouville4avx23runIfEEvv'],
    ['a table that the linker would share', '0000 u _ZN9liouville5tableE'],
    ['a constant in a weak object', '0000 V _ZN9liouville5otherE'],
    ['a global function', '0000 T helper'],
    ['a function of the mathematical library', '     U expf'],
    ['the table of another precision set', '0000 R liouville_backend_avx2_f32'],
  ])('are not %s', (_what, line) => {
    expect(strangeSymbols(`0000 W _ZN9liouville6avx5121fEv\n${line}\n`, 'avx512')).toHaveLength(1);
  });

  test('are right in what was built', ({ skip }) => {
    const folder = join(root, 'build/native');
    if (!existsSync(folder)) skip('nothing was built');
    for (const { name, instructionSet } of unitsFor(
      root,
      process.arch,
      { command: '', version: '', gcc: true },
      '',
    )) {
      if (instructionSet === undefined) continue;
      expect(strangeSymbolsOf(join(folder, `${name}.o`), instructionSet), `unit ${name}`).toEqual([]);
      // The check sees what there is: for another instruction set nothing would be right.
      expect(strangeSymbolsOf(join(folder, `${name}.o`), 'other').length, `unit ${name}`).toBeGreaterThan(10);
    }
  });
});
