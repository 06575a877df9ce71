import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { elementwise, naf, univariates } from '../../src/discrete/index.ts';
import { expectClose } from '../flow/rows.ts';
import { flowOf } from '../flow/transforms.ts';

const exact = { precision: 'float64' } as const;

/** A flow of one feature, and the mixture that its parameters stand for. */
function mixture(units: number, raw: readonly number[]): ReturnType<typeof flowOf> {
  const flow = flowOf(elementwise.parametric({ dim: 1, univariate: univariates.sigmoidal({ units }) }));
  flow.parameters.flat.set(raw);
  return flow;
}

const drawn = fc.integer({ min: 2, max: 6 }).chain((units) =>
  fc.record({
    units: fc.constant(units),
    raw: fc.array(fc.double({ min: -4, max: 4, noNaN: true }), {
      minLength: 3 * units,
      maxLength: 3 * units,
    }),
  }),
);

describe('the sigmoidal transformer', () => {
  it('is the logit of a mixture of sigmoids, and its slope the derivative of that', async () => {
    await fc.assert(
      fc.asyncProperty(drawn, fc.double({ min: -3, max: 3, noNaN: true }), async ({ units, raw }, x) => {
        const { z, logDet } = await mixture(units, raw).transform([[x], [x - 1e-4], [x + 1e-4]], exact);
        expect(z.data[0]).toBeCloseTo(byHand(units, raw, x), 9);
        const slope = (Number(z.data[2]) - Number(z.data[1])) / 2e-4;
        expect(Math.exp(Number(logDet[0]))).toBeCloseTo(slope, 4 - Math.log10(Math.max(1, slope)));
      }),
      { numRuns: 60, seed: 3 },
    );
  });

  it('reaches every number, from where the inverse says', async () => {
    const far = fc.tuple(fc.constantFrom(-1, 1), fc.constantFrom(0, 1e-30, 1e-3, 1, 20, 300, 1e4));
    await fc.assert(
      fc.asyncProperty(drawn, far, async ({ units, raw }, [sign, size]) => {
        const y = sign * size;
        const flow = mixture(units, raw);
        const { x, logDet } = await flow.inverse([[y]], exact);
        const back = await flow.transform(x, exact);
        expectClose(back.z.data, [y], 1e-11 * Math.max(1, size));
        expectClose(back.logDet, [-Number(logDet[0])], 1e-9);
      }),
      { numRuns: 60, seed: 4 },
    );
  });

  it('is nearly the identity when all parameters are zero', async () => {
    for (const units of [2, 8, 32]) {
      const x = Array.from({ length: 61 }, (_, i) => [(i - 30) / 10]);
      const { z } = await mixture(units, Array<number>(3 * units).fill(0)).transform(x, exact);
      z.data.forEach((value, i) => expect(Math.abs(value - x[i]![0]!)).toBeLessThan(0.25));
    }
  });

  it('keeps units apart that begin with the same parameters: each has a gradient of its own', async () => {
    const flow = mixture(4, Array<number>(12).fill(0));
    const { flat } = await flow.lossAndGradient([[0.3], [-2], [1.1]], exact);
    expect(new Set([...flat].map((value) => value.toFixed(6))).size).toBe(12);
  });

  it.each([1, 0, 2.5, 257])('refuses %j units', (units) => {
    expect(() => univariates.sigmoidal({ units })).toThrow(
      expect.objectContaining({ code: 'invalid-argument' }),
    );
    expect(() => naf({ dim: 2, units })).toThrow(/^units: /);
  });
});

/** Straight from the paper's equation, with the offsets and slopes that zeros stand for. */
function byHand(units: number, raw: readonly number[], x: number): number {
  const places = Array.from({ length: units }, (_, k) => 1 - (2 * k) / (units - 1));
  const variance = places.reduce((sum, place) => sum + place * place, 0) / units;
  const slope = 1 / Math.sqrt(1 - (3 * variance) / Math.PI ** 2);
  const weights = raw.slice(0, units).map(Math.exp);
  const total = weights.reduce((a, b) => a + b);
  let above = 0;
  let below = 0;
  weights.forEach((weight, k) => {
    const a = Math.log1p(Math.expm1(slope - 0.001) * Math.exp(raw[units + k]!)) + 0.001;
    const t = a * x + raw[2 * units + k]! + places[k]! * slope;
    above += weight / total / (1 + Math.exp(-t));
    below += weight / total / (1 + Math.exp(t));
  });
  return Math.log(above / below);
}
