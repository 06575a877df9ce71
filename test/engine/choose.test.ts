import { afterEach, describe, expect, test, vi } from 'vitest';
import { chooseEngine, diagnose, engineNames } from '../../src/engine/index.ts';
import type { EngineName } from '../../src/engine/index.ts';
import { expectRefused } from '../support/refused.ts';

afterEach(() => {
  vi.unstubAllEnvs();
});

const preferred: readonly EngineName[] = ['native', 'wasm', 'reference'];

describe('the choice of an engine', () => {
  test('the reference engine is always there', () => {
    expect(chooseEngine('reference').name).toBe('reference');
  });

  test('auto is the first that is available', () => {
    vi.stubEnv('LIOUVILLE_ENGINE', '');
    const available = diagnose()
      .engines.filter((x) => x.available)
      .map(({ name }) => name);
    const first = preferred.find((name) => available.includes(name));
    expect(chooseEngine().name).toBe(first);
    expect(chooseEngine('auto').name).toBe(first);
    expect(diagnose().chosen).toBe(first);
  });

  test('LIOUVILLE_ENGINE decides what auto is, and nothing else', () => {
    vi.stubEnv('LIOUVILLE_ENGINE', 'reference');
    expect(chooseEngine('auto').name).toBe('reference');
    expect(diagnose().chosen).toBe('reference');
    vi.stubEnv('LIOUVILLE_ENGINE', 'refrence');
    expectRefused(() => chooseEngine(), 'unknown-name', /'refrence'.*Did you mean 'reference'\?/);
    expect(chooseEngine('reference').name).toBe('reference');
    vi.stubEnv('LIOUVILLE_ENGINE', 'auto');
    expect(preferred).toContain(chooseEngine().name);
  });

  test('a named engine that is absent is refused, never replaced', () => {
    const absent = diagnose().engines.filter((x) => !x.available);
    for (const { name, reason, remedy } of absent) {
      expect(reason).toMatch(/\w/);
      expect(remedy).toMatch(/\w/);
      expectRefused(
        () => chooseEngine(name),
        'engine-unavailable',
        new RegExp(`The engine '${name}' is not available`),
      );
      vi.stubEnv('LIOUVILLE_ENGINE', name);
      expectRefused(() => chooseEngine('auto'), 'engine-unavailable', new RegExp(`'${name}'`));
    }
    expect(absent.length).toBeLessThan(engineNames.length);
  });

  test('a name that is none is refused', () => {
    expectRefused(
      () => chooseEngine('nativ' as EngineName),
      'unknown-name',
      /Unknown engine 'nativ'\. Did you mean 'native'\? Known: auto, reference/,
    );
  });

  test('the diagnosis has every engine once', () => {
    expect(diagnose().engines.map(({ name }) => name)).toEqual(engineNames);
    expect(diagnose().engines.find(({ name }) => name === 'reference')).toEqual({
      name: 'reference',
      available: true,
    });
  });
});
