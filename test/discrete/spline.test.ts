import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { elementwise, univariates } from '../../src/discrete/index.ts';
import type { SplineOptions } from '../../src/discrete/index.ts';
import type { Matrix } from '../../src/matrix.ts';
import { expectClose } from '../flow/rows.ts';
import { flowOf } from '../flow/transforms.ts';

function splineFlow(options: SplineOptions, raw?: readonly number[]) {
  const flow = flowOf(elementwise.parametric({ dim: 1, univariate: univariates.spline(options) }));
  if (raw !== undefined) flow.parameters.set('raw', raw);
  return flow;
}

const exact = { precision: 'float64' } as const;
const column = (values: readonly number[]): number[][] => values.map((x) => [x]);

/** Equations 4 and 5 of the paper for one number, piece by piece. */
function plain(x: number, raw: readonly number[], bins: number, bound: number): { y: number; slope: number } {
  if (Math.abs(x) > bound) return { y: x, slope: 1 };
  const shares = (part: readonly number[]): number[] => {
    const powers = part.map(Math.exp);
    const sum = powers.reduce((a, b) => a + b);
    return powers.map((p) => 2 * bound * (1e-3 + (1 - 1e-3 * bins) * (p / sum)));
  };
  const widths = shares(raw.slice(0, bins));
  const heights = shares(raw.slice(bins, 2 * bins));
  const slopes = [
    1,
    ...raw.slice(2 * bins).map((s) => 1e-3 + Math.log(1 + Math.exp(s) * (Math.exp(0.999) - 1))),
    1,
  ];
  let [left, bottom, i] = [-bound, -bound, 0];
  while (i < bins - 1 && x >= left + widths[i]!) {
    left += widths[i]!;
    bottom += heights[i]!;
    i++;
  }
  const [w, h, d0, d1] = [widths[i]!, heights[i]!, slopes[i]!, slopes[i + 1]!];
  const s = h / w;
  const t = (x - left) / w;
  const under = s + (d1 + d0 - 2 * s) * t * (1 - t);
  return {
    y: bottom + (h * (s * t * t + d0 * t * (1 - t))) / under,
    slope: (s * s * (d1 * t * t + 2 * s * t * (1 - t) + d0 * (1 - t) ** 2)) / under ** 2,
  };
}

const cases = fc.integer({ min: 2, max: 9 }).chain((bins) =>
  fc.record({
    bins: fc.constant(bins),
    bound: fc.double({ min: 0.5, max: 20, noNaN: true }),
    raw: fc.array(fc.double({ min: -4, max: 4, noNaN: true }), {
      minLength: 3 * bins - 1,
      maxLength: 3 * bins - 1,
    }),
  }),
);

describe('a rational-quadratic spline', () => {
  it('is that of the paper', async () => {
    await fc.assert(
      fc.asyncProperty(cases, async ({ bins, bound, raw }) => {
        const x = Array.from({ length: 60 }, (_, i) => (i / 59 - 0.5) * 2.2 * bound);
        const { z, logDet } = await splineFlow({ bins, bound }, raw).transform(column(x), exact);
        const expected = x.map((value) => plain(value, raw, bins, bound));
        expectClose(
          z.data,
          expected.map(({ y }) => y),
          1e-9 * bound,
        );
        expectClose(
          logDet,
          expected.map(({ slope }) => Math.log(slope)),
          1e-7,
        );
      }),
      { numRuns: 60, seed: 3 },
    );
  });

  it('gives several features what it gives each of them', async () => {
    const [bins, dim, rows] = [6, 3, 40];
    const number = (i: number): number => 3 * Math.sin(1.7 * i);
    const raws = Array.from({ length: dim }, (_, j) =>
      Array.from({ length: 3 * bins - 1 }, (_, i) => number(20 * j + i)),
    );
    const x = Array.from({ length: rows }, (_, row) =>
      Array.from({ length: dim }, (_, j) => 2 * number(dim * row + j)),
    );
    const together = flowOf(elementwise.parametric({ dim, univariate: univariates.spline({ bins }) }));
    const ends = [0, bins, 2 * bins, 3 * bins - 1];
    const groups = ends.slice(1).map((end, g) => raws.flatMap((raw) => raw.slice(ends[g], end)));
    together.parameters.set('raw', groups.flat());
    for (const way of ['transform', 'inverse'] as const) {
      const all = await together[way](x, exact);
      const logDet = new Float64Array(rows);
      for (const [j, raw] of raws.entries()) {
        const alone = await splineFlow({ bins }, raw)[way](
          x.map((row) => [row[j]!]),
          exact,
        );
        alone.logDet.forEach((value, row) => (logDet[row]! += value));
        const numbers =
          'z' in alone ? [alone.z, (all as typeof alone).z] : [alone.x, (all as typeof alone).x];
        const [expected, found] = numbers as [Matrix, Matrix];
        expectClose(
          x.map((_, row) => found.data[row * dim + j]!),
          expected.data,
          1e-13,
        );
      }
      expectClose(all.logDet, logDet, 1e-12);
    }
  });

  it('is increasing, continuous with its slope, and undone, whatever the parameters', async () => {
    const wild = fc.array(fc.double({ min: -300, max: 300, noNaN: true }), { minLength: 14, maxLength: 14 });
    await fc.assert(
      fc.asyncProperty(wild, async (raw) => {
        const flow = splineFlow({ bins: 5, bound: 2 }, raw);
        const x = Array.from({ length: 400 }, (_, i) => (i / 399 - 0.5) * 4.4);
        const { z, logDet } = await flow.transform(column(x), exact);
        expect(Array.from(logDet).every(Number.isFinite)).toBe(true);
        const y = Array.from(z.data);
        expect(y.every((value, i) => i === 0 || value > y[i - 1]!)).toBe(true);
        const back = await flow.inverse(z, exact);
        const again = await flow.transform(back.x, exact);
        expectClose(again.z.data, y, 1e-9);
      }),
      { numRuns: 60, seed: 4 },
    );
  });

  it('is the identity outside, to the last bit, and at zero parameters', async () => {
    const flow = splineFlow({ bins: 4, bound: 1 }, [3, -2, 1, 0, 1, 2, 3, 4, -1, 0, 1]);
    const x = column([-1e4, -1.001, 1.001, 7.25, 1e4]);
    const { z, logDet } = await flow.transform(x, exact);
    expect([...z.data]).toEqual(x.flat());
    expect([...logDet]).toEqual([0, 0, 0, 0, 0]);
    const inside = [-0.9, -0.5, 0, 0.3, 0.99];
    const same = await splineFlow({ bins: 4, bound: 1 }).transform(column(inside), exact);
    expectClose(same.z.data, inside, 1e-15);
    expectClose(same.logDet, [0, 0, 0, 0, 0], 1e-14);
  });

  it.each([
    [{ bins: 1 }, /^bins: expected a whole number from 2 to 256; got 1/],
    [{ bins: 2.5 }, /^bins: /],
    [{ bound: 0 }, /^bound: expected a finite number above 0; got 0/],
    [{ bound: Infinity }, /^bound: /],
  ])('refuses %j', (options, message) => {
    expect(() => univariates.spline(options)).toThrow(message);
  });
});
