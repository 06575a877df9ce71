import { afterEach, describe, expect, test, vi } from 'vitest';
import { chooseEngine, diagnose } from '../../src/engine/index.ts';
import { chooseInstructionSet } from '../../src/engine/native/instruction-set.ts';
import { nativeEngine } from '../../src/engine/native/index.ts';
import { expectRefused } from '../support/refused.ts';
import { missing } from './addon.ts';

afterEach(() => {
  vi.unstubAllEnvs();
});

const info = {
  version: 1,
  cores: 2,
  instructionSets: [
    { name: 'baseline', supported: true },
    { name: 'avx2', supported: true },
    { name: 'avx512', supported: false },
  ],
};

describe('the instruction set', () => {
  test('is the widest that the processor has, or the one that is asked for', () => {
    expect(chooseInstructionSet(info, undefined)).toBe(1);
    expect(chooseInstructionSet(info, '')).toBe(1);
    expect(chooseInstructionSet(info, 'baseline')).toBe(0);
  });

  test('that is asked for in vain is refused', () => {
    expectRefused(
      () => chooseInstructionSet(info, 'avx-512'),
      'unknown-name',
      /Unknown instruction set 'avx-512'\. Did you mean 'avx512'\? Known: baseline, avx2, avx512, neon/,
    );
    expectRefused(
      () => chooseInstructionSet(info, 'avx512'),
      'engine-unavailable',
      /LIOUVILLE_ISA: .*'avx512' is not supported by this processor\. Here there are: baseline, avx2\./,
    );
    expectRefused(
      () => chooseInstructionSet(info, 'neon'),
      'engine-unavailable',
      /'neon' is not among those that were compiled/,
    );
  });
});

describe.skipIf(missing !== undefined)('LIOUVILLE_ISA', () => {
  test('decides what the engine runs on', () => {
    vi.stubEnv('LIOUVILLE_ISA', 'baseline');
    expect(nativeEngine()).toMatchObject({ details: { instructionSet: 'baseline' } });
    const native = diagnose().engines.find(({ name }) => name === 'native');
    expect(native).toMatchObject({ available: true, details: { instructionSet: 'baseline' } });
    vi.stubEnv('LIOUVILLE_ISA', '');
    expect(nativeEngine()).toMatchObject({ engine: { name: 'native' } });
  });

  test('that cannot be had is an error: no other engine is what was meant', () => {
    vi.stubEnv('LIOUVILLE_ISA', 'avx3');
    expectRefused(() => chooseEngine(), 'unknown-name', /instruction set 'avx3'/);
    expectRefused(
      () => chooseEngine('native'),
      'engine-unavailable',
      /instruction set 'avx3'.*LIOUVILLE_ISA/,
    );
    expect(chooseEngine('reference').name).toBe('reference');
  });
});

describe.skipIf(missing !== undefined)('LIOUVILLE_THREADS', () => {
  const run = async (): Promise<unknown> => {
    const { ops, trace } = await import('../../src/program/index.ts');
    const none = { trained: new Float64Array(0), state: new Float64Array(0) };
    const program = trace('identity', { x: 1 }, ({ x }) => ({ y: ops.neg(x) }));
    return chooseEngine('native').run(program, none, 1, { x: Float64Array.of(1) });
  };

  test('has to be a positive whole number', async () => {
    vi.stubEnv('LIOUVILLE_THREADS', '3');
    await expect(run()).resolves.toEqual({ y: Float64Array.of(-1) });
    for (const value of ['0', '-1', '1.5', 'many']) {
      vi.stubEnv('LIOUVILLE_THREADS', value);
      await expect(run()).rejects.toMatchObject({
        code: 'invalid-argument',
        message: `LIOUVILLE_THREADS: expected a positive whole number; got '${value}'.`,
      });
    }
  });
});
