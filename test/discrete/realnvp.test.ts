import { afterEach, describe, expect, it, vi } from 'vitest';
import { affineCoupling, masks, realNVP } from '../../src/discrete/index.ts';
import { reference } from '../../src/engine/reference/index.ts';
import { chain, invert } from '../../src/flow/index.ts';
import { segmentsOf } from '../../src/flow/segments.ts';
import { modelTables } from '../../src/program/index.ts';
import { normalRows } from '../flow/rows.ts';
import { perturbed } from '../flow/transforms.ts';

afterEach(() => {
  vi.restoreAllMocks();
});

describe('realNVP', () => {
  it('is one program and one call of the engine, however many layers', async () => {
    const run = vi.spyOn(reference, 'run');
    const flow = realNVP({ dim: 4, layers: 8, hidden: [5] });
    const x = normalRows(3, 4, 1);
    await flow.logProb(x);
    expect(run).toHaveBeenCalledTimes(1);
    await flow.sample(3);
    expect(run).toHaveBeenCalledTimes(2);
    const pullback = vi.spyOn(reference, 'pullback');
    await flow.lossAndGradient(x);
    expect(run).toHaveBeenCalledTimes(2);
    expect(pullback).toHaveBeenCalledTimes(1);
    expect(vi.spyOn(reference, 'solve')).not.toHaveBeenCalled();
  });

  it('composes closed forms through chains and inverses into one segment', () => {
    const coupling = affineCoupling({ dim: 2, contextDim: 0, kept: [0], hidden: [3], activation: 'relu' });
    const nested = chain([chain([coupling, invert(coupling)]), invert(chain([coupling, coupling]))]);
    for (const direction of ['forward', 'inverse'] as const) {
      const steps = nested.steps(direction, '');
      expect(steps).toHaveLength(4);
      const segments = segmentsOf(steps, modelTables(), 2, 0, { method: 'none', probes: 0 });
      expect(segments.map(({ kind }) => kind)).toEqual(['map']);
    }
  });

  it('has eight layers with two hidden layers of 64 by default', () => {
    const { parameters, name, dim } = realNVP({ dim: 3 });
    expect([name, dim]).toEqual(['realnvp', 3]);
    expect(parameters.names()).toHaveLength(8 * 3 * 2);
    const shape = (name: string): number[] => [parameters.get(name).rows, parameters.get(name).cols];
    expect(shape('chain.0.conditioner.layers.0.weight')).toEqual([64, masks.alternating(3, 0).length]);
    expect(shape('chain.7.conditioner.layers.2.weight')).toEqual([4, 64]);
  });

  it('begins as the identity, with the hidden parameters of its seed', async () => {
    const x = normalRows(3, 2, 1);
    expect((await realNVP({ dim: 2, hidden: [4] }).transform(x)).z.data).toEqual(x.data);
    const flat = (seed: number): Float64Array => realNVP({ dim: 2, hidden: [4], seed }).parameters.flat;
    expect(flat(1)).toEqual(flat(1));
    expect(flat(1)).not.toEqual(flat(2));
  });

  it('of a single feature changes it in every layer', async () => {
    const flow = perturbed(realNVP({ dim: 1, layers: 2, hidden: [4] }));
    const { flat } = await flow.lossAndGradient([[0.3], [1]]);
    const last = flow.parameters.names().filter((name) => name.endsWith('layers.1.bias'));
    expect(last).toHaveLength(2);
    expect(flat.every((value) => Number.isFinite(value))).toBe(true);
    const [a, b] = (await flow.transform([[0], [1]])).z.data;
    expect(b! - a!).not.toBe(1);
  });

  it.each([
    [{ dim: 0 }, 'invalid-argument', /^dim: expected a whole number from 1 to/],
    [{ dim: 2, layers: 0 }, 'invalid-argument', /^layers: expected a whole number from 1 to 1000; got 0/],
    [{ dim: 2, layers: 1e7 }, 'invalid-argument', /^layers: .*got 10000000/],
    [{ dim: 2, hidden: [1.5] }, 'invalid-argument', /^hidden\[0\]: /],
    [{ dim: 2, contextDim: NaN }, 'invalid-argument', /^contextDim: .*got NaN/],
    [{ dim: 2, seed: 0.5 }, 'invalid-argument', /^seed: /],
    [{ dim: 2, blocks: 3 }, 'unknown-name', /^Unknown option of realNVP 'blocks'/],
    [null, 'invalid-argument', /expected an object; got null/],
  ])('refuses %j', (options, code, message) => {
    const make = realNVP as (options: unknown) => unknown;
    expect(() => make(options)).toThrow(
      expect.objectContaining({ code, message: expect.stringMatching(message) as string }),
    );
  });
});
