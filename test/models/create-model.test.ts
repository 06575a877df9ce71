import { describe, expect, it } from 'vitest';
import { createModel, modelNames } from '../../src/models/index.ts';
import { normalRows } from '../flow/rows.ts';

describe('createModel', () => {
  it('knows the names of the command line', () => {
    for (const name of ['gaussian', 'ffjord', 'realnvp']) expect(modelNames).toContain(name);
    expect(new Set(modelNames).size).toBe(modelNames.length);
  });

  it.each(modelNames.flatMap((name) => [1, 2, 5].map((dim) => [name, dim] as const)))(
    'makes %s of %d features, by its name, with and without context',
    async (name, dim) => {
      const flow = createModel(name, { dim });
      expect(flow).toMatchObject({ name, dim, contextDim: 0 });
      const x = normalRows(2, dim, 1);
      const options = { solver: 'rk4', stepSize: 0.25 };
      expect((await flow.logProb(x, options)).every(Number.isFinite)).toBe(true);
      const conditioned = createModel(name, { dim, contextDim: 2, seed: 4 });
      expect(conditioned).toMatchObject({ name, dim, contextDim: 2 });
      const context = normalRows(2, 2, 2);
      expect((await conditioned.logProb(x, { ...options, context })).every(Number.isFinite)).toBe(true);
      expect(flow.configuration.options).toMatchObject({ dim });
    },
  );

  it.each(modelNames)('presets %s for every dimension, never smaller for more features', (name) => {
    const counts = [1, 2, 3, 4, 8, 43].map((dim) => createModel(name, { dim }).parameters.count);
    expect(counts.toSorted((a, b) => a - b)).toEqual(counts);
    expect(counts[0]).toBeGreaterThan(0);
  });

  it('passes the seed on', () => {
    const flat = (seed?: number): Float64Array =>
      createModel('realnvp', { dim: 2, ...(seed !== undefined && { seed }) }).parameters.flat;
    expect(flat()).toEqual(flat(0));
    expect(flat(1)).not.toEqual(flat(0));
  });

  it.each([
    ['fjord', { dim: 2 }, 'unknown-name', /^Unknown model 'fjord'\. Did you mean 'ffjord'\? Known: .*ffjord/],
    ['RealNVP ', { dim: 2 }, 'unknown-name', /Did you mean 'realnvp'\?/],
    ['transformer', { dim: 2 }, 'unknown-name', /^Unknown model 'transformer'\. Known: /],
    ['constructor', { dim: 2 }, 'unknown-name', /^Unknown model 'constructor'/],
    ['', { dim: 2 }, 'unknown-name', /^Unknown model ''/],
    [undefined, { dim: 2 }, 'unknown-name', /^Unknown model 'undefined'/],
    ['ffjord', undefined, 'invalid-argument', /expected an object; got undefined/],
    ['ffjord', {}, 'invalid-argument', /^dim: .*got undefined/],
    ['realnvp', { dim: '2' }, 'invalid-argument', /^dim: .*got 2/],
    ['ffjord', { dim: 2, hidden: [8] }, 'unknown-name', /^Unknown option of createModel 'hidden'/],
  ])('refuses %j with %j', (name, options, code, message) => {
    const make = createModel as (name: unknown, options: unknown) => unknown;
    expect(() => make(name, options)).toThrow(
      expect.objectContaining({ code, message: expect.stringMatching(message) as string }),
    );
  });
});
