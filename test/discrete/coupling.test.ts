import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { additiveCoupling, affineCoupling, coupling, masks, univariates } from '../../src/discrete/index.ts';
import type { CouplingOptions } from '../../src/discrete/index.ts';
import { chain } from '../../src/flow/index.ts';
import { expectClose, negated, normalRows } from '../flow/rows.ts';
import { flowOf, perturbed } from '../flow/transforms.ts';

function couplingFlow(options: Partial<CouplingOptions> & Pick<CouplingOptions, 'dim' | 'kept'>) {
  return flowOf(affineCoupling({ contextDim: 0, hidden: [6], activation: 'tanh', ...options }));
}

const layer = (i: number): string => `conditioner.layers.${i}`;

describe('affine coupling', () => {
  it('begins as the identity', async () => {
    const flow = couplingFlow({ dim: 5, kept: [0, 3], contextDim: 2 });
    const x = normalRows(4, 5, 1);
    const context = normalRows(4, 2, 2);
    const { z, logDet } = await flow.transform(x, { context });
    expect(z.data).toEqual(x.data);
    expect(logDet).toEqual(new Float64Array(4));
    expect((await flow.inverse(x, { context })).x.data).toEqual(x.data);
  });

  it('begins elsewhere where that is asked for, so that an additive one has a gradient on symmetric rows', async () => {
    const gradientOf = async (start: 'identity' | 'random'): Promise<number> => {
      const options = { dim: 2, hidden: [6], activation: 'tanh', start } as const;
      const flow = flowOf(
        chain([additiveCoupling({ ...options, kept: [0] }), additiveCoupling({ ...options, kept: [1] })]),
      );
      const corners = [1, -1].flatMap((a) => [1, -1].map((b) => [a, b]));
      const { flat } = await flow.lossAndGradient(corners, { precision: 'float64' });
      return Math.max(...flat.map(Math.abs));
    };
    expect(await gradientOf('identity')).toBeLessThan(1e-15);
    expect(await gradientOf('random')).toBeGreaterThan(1e-3);
    expect(() => couplingFlow({ dim: 2, kept: [0], start: 'zero' as 'random' })).toThrow(
      expect.objectContaining({ code: 'unknown-name' }),
    );
  });

  it('keeps the kept features, bit for bit, and changes every other', async () => {
    const flow = perturbed(couplingFlow({ dim: 5, kept: [3, 0] }));
    const x = normalRows(4, 5, 1);
    const { z } = await flow.transform(x);
    x.data.forEach((value, i) => {
      const kept = [3, 0].includes(i % 5);
      expect(z.data[i] === value).toBe(kept);
    });
  });

  it('is z = x exp(s) + m with s = 3 tanh(raw / 3)', async () => {
    const flow = perturbed(couplingFlow({ dim: 3, kept: [1], hidden: [4] }));
    const data = (name: string): ArrayLike<number> => flow.parameters.get(name).data;
    const [w0, b0] = [data(`${layer(0)}.weight`), data(`${layer(0)}.bias`)];
    const [w1, b1] = [data(`${layer(1)}.weight`), data(`${layer(1)}.bias`)];
    const x = [0.7, -1.2, 2];
    const hidden = [0, 1, 2, 3].map((i) => Math.tanh(w0[i]! * x[1]! + b0[i]!));
    const [rawA, rawB, shiftA, shiftB] = [0, 1, 2, 3].map((i) =>
      hidden.reduce((sum, value, j) => sum + w1[4 * i + j]! * value, b1[i]!),
    ) as [number, number, number, number];
    const [sA, sB] = [3 * Math.tanh(rawA / 3), 3 * Math.tanh(rawB / 3)];
    const { z, logDet } = await flow.transform([x]);
    expectClose(z.data, [x[0]! * Math.exp(sA) + shiftA, x[1]!, x[2]! * Math.exp(sB) + shiftB], 1e-14);
    expectClose(logDet, [sA + sB], 1e-14);
  });

  it.each([1, 1e3, 1e300])('bounds the log scale by 3, whatever the conditioner says (%d)', async (size) => {
    const flow = couplingFlow({ dim: 4, kept: [0] });
    for (const sign of [1, -1]) {
      flow.parameters.get(`${layer(1)}.bias`).data.fill(sign * size, 0, 3);
      const { logDet } = await flow.transform([[1, 1, 1, 1]]);
      expect(Math.abs(logDet[0]!)).toBeLessThanOrEqual(9);
      expect(logDet[0]! * sign).toBeGreaterThan(0.9);
    }
  });

  it.each([1e-30, 1e-8, 1, 1e4])('is finite and undone at inputs of size %d', async (size) => {
    const flow = perturbed(couplingFlow({ dim: 4, kept: [0, 2], activation: 'relu' }));
    for (const sign of [1, -1]) {
      const x = normalRows(6, 4, 3, sign * size);
      const { z, logDet } = await flow.transform(x);
      expect([...z.data, ...logDet].every(Number.isFinite)).toBe(true);
      const back = await flow.inverse(z);
      expectClose(back.x.data, x.data, 1e-12 * Math.max(1, size));
      expectClose(
        back.logDet,
        logDet.map((value) => -value),
        1e-12,
      );
      const away = await flow.inverse(x);
      expect([...away.x.data, ...away.logDet].every(Number.isFinite)).toBe(true);
    }
  });

  it('of one feature depends on the context alone, or on nothing', async () => {
    const free = perturbed(couplingFlow({ dim: 1, kept: [] }));
    expect(new Set((await free.transform([[-1], [0], [5]])).logDet).size).toBe(1);
    const conditioned = perturbed(couplingFlow({ dim: 1, kept: [], contextDim: 1 }));
    const context = [[0], [0], [1]];
    const { logDet } = await conditioned.transform([[-1], [5], [5]], { context });
    expect(logDet[0]).toBe(logDet[1]);
    expect(logDet[1]).not.toBe(logDet[2]);
  });

  it.each([[[0, 1]], [[1, 0]], [[0, 0]], [[2]], [[-1]], [[0.5]]])(
    'refuses to keep %j of two features',
    (kept) => {
      expect(() => couplingFlow({ dim: 2, kept })).toThrow(
        expect.objectContaining({
          code: 'invalid-argument',
          message: `kept: expected different features below 2, not all of them; got [${kept.join(', ')}].`,
        }),
      );
    },
  );
});

describe('alternating masks', () => {
  it.each([2, 3, 7, 8])('of %d features: two in a row keep every feature once', (dim) => {
    const both = [...masks.alternating(dim, 4), ...masks.alternating(dim, 5)];
    expect(both.toSorted((a, b) => a - b)).toEqual(Array.from({ length: dim }, (_, i) => i));
    expect(masks.alternating(dim, 4)).toEqual(masks.alternating(dim, 0));
    expect(masks.alternating(dim, 0)).toContain(0);
  });

  it('keep nothing of a single feature', () => {
    expect([masks.alternating(1, 0), masks.alternating(1, 1)]).toEqual([[], []]);
  });
});

const shapes = fc.integer({ min: 1, max: 7 }).chain((dim) =>
  fc.record({
    dim: fc.constant(dim),
    kept: fc.subarray(
      Array.from({ length: dim }, (_, i) => i),
      { maxLength: dim - 1 },
    ),
    contextDim: fc.integer({ min: 0, max: 2 }),
    hidden: fc.array(fc.integer({ min: 1, max: 9 }), { maxLength: 3 }),
    activation: fc.constantFrom('tanh', 'relu', 'softplus', 'swish'),
    univariate: fc.constantFrom<keyof typeof kinds>('affine', 'additive', 'spline', 'sigmoidal'),
    seed: fc.integer({ min: 0, max: 1000 }),
    size: fc.constantFrom(1e-30, 1e-4, 1, 10),
  }),
);
const { additive, affine, sigmoidal, spline } = univariates;
const kinds = { affine: affine(), additive, spline: spline({ bins: 3 }), sigmoidal: sigmoidal({ units: 2 }) };

it('couplings of any shape and mask keep what they keep and are undone, with the opposite logDet', async () => {
  await fc.assert(
    fc.asyncProperty(shapes, async ({ univariate, seed, size, ...options }) => {
      const { dim, kept, contextDim } = options;
      const flow = perturbed(flowOf(coupling({ ...options, univariate: kinds[univariate] })), seed);
      const x = normalRows(4, dim, seed, size);
      const how = {
        precision: 'float64',
        ...(contextDim > 0 && { context: normalRows(4, contextDim, seed + 1) }),
      } as const;
      const there = await flow.transform(x, how);
      x.data.forEach((value, i) => {
        if (kept.includes(i % dim)) expect(there.z.data[i]).toBe(value);
      });
      const back = await flow.inverse(there.z, how);
      expectClose(back.x.data, x.data, 1e-9 * Math.max(1, size));
      expectClose(back.logDet, there.logDet.map(negated), 1e-8);
    }),
    { numRuns: 30, seed: 6, endOnFailure: true },
  );
});
