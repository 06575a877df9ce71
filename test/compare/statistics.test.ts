import { describe, expect, it } from 'vitest';
import { differencesOf } from '../../src/compare/differences.ts';
import { meanOf, median, momentsOf, twoSidedP } from '../../src/compare/statistics.ts';
import { energyTest, slicedWasserstein } from '../../src/compare/two-sample.ts';
import type { Matrix } from '../../src/matrix.ts';
import { gaussianRows } from '../train/affine-flow.ts';

describe('statistics', () => {
  it('know mean, deviation and standard error', () => {
    expect(momentsOf([1, 2, 3, 6])).toEqual({ mean: 3, standardDeviation: Math.sqrt(14 / 3) });
    expect(meanOf([1, 2, 3, 6]).standardError).toBeCloseTo(Math.sqrt(14 / 3) / 2, 14);
    expect(meanOf([7])).toEqual({ mean: 7, standardError: null });
    expect(median([5, 1, 3])).toBe(3);
    expect(median([5, 1, 3, 100])).toBe(4);
    expect(median([])).toBeNaN();
  });

  // From published tables of Student's and the normal distribution.
  it.each([
    [12.706, 1, 0.05],
    [2.776, 4, 0.05],
    [3.169, 10, 0.01],
    [2.042, 30, 0.05],
    [1.984, 100, 0.05],
    [-1.96, 1e6, 0.05],
    [3.2905, 1e6, 0.001],
    [0, 7, 1],
  ])('twoSidedP(%d, %d) is %d', (t, freedom, p) => {
    expect(Math.abs(twoSidedP(t, freedom) / p - 1)).toBeLessThan(0.01);
  });
});

describe('differencesOf', () => {
  it('pairs rows: what is common to both falls out', () => {
    const hard = Float64Array.from({ length: 400 }, (_, i) => 100 * Math.sin(i));
    const a = hard.map((value, i) => value + 0.1 + 0.02 * (i % 2));
    const found = differencesOf([
      { name: 'a', bySeed: new Map([[0, a]]) },
      { name: 'b', bySeed: new Map([[0, hard]]) },
    ]);
    expect(found).toHaveLength(1);
    expect(found[0]).toMatchObject({ a: 'a', b: 'b', seedStandardError: null });
    expect(found[0]!.mean).toBeCloseTo(0.11, 10);
    expect(found[0]!.standardError).toBeCloseTo(0.01 / Math.sqrt(399), 10);
    expect(found[0]!.pValue).toBeLessThan(1e-6);
  });

  it('is modest with few seeds, and compares those that both have', () => {
    const rows = (level: number) => Float64Array.from({ length: 1000 }, (_, i) => level + 0.001 * (i % 2));
    const zero = new Map([0, 1, 9].map((seed) => [seed, rows(0)]));
    const found = differencesOf([
      { name: 'a', bySeed: new Map([[0, rows(0.1)], [1, rows(0.2)], [2, rows(99)]]) }, // prettier-ignore
      { name: 'b', bySeed: zero },
    ])[0]!;
    expect(found.mean).toBeCloseTo(0.15, 10);
    expect(found.seedStandardError).toBeCloseTo(0.05, 10);
    // t = 3 with one degree of freedom: p = 1 - 2 atan(3) / pi.
    expect(found.pValue).toBeCloseTo(1 - (2 * Math.atan(3)) / Math.PI, 3);
  });

  it('knows no difference of models without a common seed, and of equal ones a p of 1', () => {
    const rows = Float64Array.of(1, 2, 3);
    const one = { name: 'a', bySeed: new Map([[0, rows]]) };
    expect(differencesOf([one, { name: 'b', bySeed: new Map([[1, rows]]) }])).toEqual([]);
    expect(differencesOf([one, { ...one, name: 'b' }])[0]).toMatchObject({ mean: 0, pValue: 1 });
  });
});

describe('two-sample checks', () => {
  const rows = (...values: number[][]): Matrix => ({
    data: Float64Array.from(values.flat()),
    rows: values.length,
    cols: values[0]!.length,
  });

  it('compute the energy distance', () => {
    // 2 E|X - Y| - E|X - X'| - E|Y - Y'| of {0, 1} and {3}: 2 * 2.5 - 0.5 - 0.
    expect(energyTest(rows([0], [1]), rows([3]), 9, 0).energyDistance).toBeCloseTo(4.5, 6);
    expect(energyTest(rows([0, 0], [3, 4]), rows([0, 0], [3, 4]), 9, 0).energyDistance).toBeCloseTo(0, 6);
  });

  it('give p-values that are uniform where there is no difference', () => {
    const values = Array.from({ length: 60 }, (_, k) => {
      const [x, y] = [gaussianRows(40, [0, 0], [1, 1], k + 1), gaussianRows(30, [0, 0], [1, 1], k + 1000)];
      return energyTest(x, y, 39, k).pValue;
    });
    const { mean } = meanOf(values);
    // The mean of 60 uniform numbers has a standard deviation of 0.037.
    expect(Math.abs(mean - 0.5)).toBeLessThan(0.15);
    expect(values.filter((p) => p <= 0.1).length).toBeLessThan(15);
    expect(Math.min(...values)).toBeGreaterThanOrEqual(1 / 40);
  });

  it('find a shift, and a change of dependence alone', () => {
    const x = gaussianRows(300, [0, 0], [1, 1], 1);
    expect(energyTest(x, gaussianRows(200, [0.5, 0], [1, 1], 2), 99, 0).pValue).toBe(0.01);
    const data = gaussianRows(300, [0, 0], [1, 1], 3).data.slice();
    for (let i = 0; i < 300; i++) data[2 * i + 1] = data[2 * i]!;
    expect(energyTest(x, { data, rows: 300, cols: 2 }, 99, 0).pValue).toBe(0.01);
  });

  it('compute the sliced Wasserstein distance: of a shift s it is |s| / sqrt(dim)', () => {
    const x = gaussianRows(500, [0, 0, 0], [1, 2, 3], 1);
    const data = Float64Array.from(x.data, (value, k) => value + [3, 0, 4][k % 3]!);
    expect(slicedWasserstein(x, { ...x, data }, 4000, 0)).toBeCloseTo(5 / Math.sqrt(3), 1);
    expect(slicedWasserstein(x, x, 8, 0)).toBe(0);
    const one = (values: number[]): Matrix => rows(...values.map((value) => [value]));
    expect(slicedWasserstein(one([3, 1, 2]), one([5, 4, 6]), 4, 0)).toBeCloseTo(3, 12);
  });
});
