import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { rocArea } from '../../src/data/index.ts';
import { namedStream, normal } from '../../src/random/index.ts';

/** Every pair of a positive and a negative row, and DeLong's variance as the paper writes it. */
function bruteForce(
  scores: readonly number[],
  labels: readonly number[],
): { area: number; variance: number } {
  const of = (kind: number): number[] => scores.filter((_, i) => labels[i] === kind);
  const [X, Y] = [of(1), of(0)];
  const psi = (x: number, y: number): number => (x > y ? 1 : x === y ? 0.5 : 0);
  const mean = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0) / values.length;
  const V10 = X.map((x) => mean(Y.map((y) => psi(x, y))));
  const V01 = Y.map((y) => mean(X.map((x) => psi(x, y))));
  const area = mean(V10);
  const S = (values: readonly number[]): number =>
    values.reduce((sum, value) => sum + (value - area) ** 2, 0) / (values.length - 1);
  return { area, variance: S(V10) / X.length + S(V01) / Y.length };
}

describe('rocArea', () => {
  it('is the share of pairs in the right order, with the standard error of DeLong, ties and all', () => {
    const row = fc.record({
      score: fc.oneof(fc.integer({ min: -3, max: 3 }), fc.double({ noNaN: true })),
      label: fc.constantFrom(0, 1),
    });
    const enough = (rows: readonly { label: number }[]): boolean =>
      [0, 1].every((kind) => rows.filter(({ label }) => label === kind).length >= 2);
    fc.assert(
      fc.property(fc.array(row, { minLength: 4, maxLength: 40 }).filter(enough), (rows) => {
        const [scores, labels] = [rows.map(({ score }) => score), rows.map(({ label }) => label)];
        const found = rocArea(scores, labels);
        const { area, variance } = bruteForce(scores, labels);
        expect(found.area).toBeCloseTo(area, 12);
        expect(found.standardError! ** 2).toBeCloseTo(variance, 12);
        expect(found.positives + found.negatives).toBe(rows.length);
        // Turned round, the other side of the diagonal.
        const turned = rocArea(
          scores,
          labels.map((label) => 1 - label),
        );
        expect(turned.area).toBeCloseTo(1 - area, 12);
        expect(turned.standardError).toBeCloseTo(found.standardError!, 12);
      }),
    );
  });

  it('has an error that is the spread over repetitions', () => {
    const [repeats, rows] = [400, 60];
    const stream = namedStream('roc');
    const found = Array.from({ length: repeats }, (_, repeat) => {
      const labels = Array.from({ length: rows }, (__, i) => Number(i % 3 === 0));
      return rocArea(
        labels.map((label, i) => label + normal(1, stream, repeat * rows + i)),
        labels,
      );
    });
    const mean = found.reduce((sum, { area }) => sum + area, 0) / repeats;
    const spread = Math.sqrt(found.reduce((sum, { area }) => sum + (area - mean) ** 2, 0) / repeats);
    const stated = Math.sqrt(
      found.reduce((sum, { standardError }) => sum + standardError! ** 2, 0) / repeats,
    );
    // Phi(1 / sqrt 2) for two normals a deviation apart.
    expect(Math.abs(mean - 0.7602)).toBeLessThan(0.01);
    expect(Math.abs(stated / spread - 1)).toBeLessThan(0.12);
  });

  it('is 1 for perfect scores, 1/2 for equal ones, and has no error for a single positive', () => {
    expect(rocArea([1, 2, 3, Infinity], [false, false, true, true])).toEqual({
      area: 1,
      standardError: 0,
      positives: 2,
      negatives: 2,
    });
    expect(rocArea([5, 5, 5], [0, 1, 0])).toMatchObject({ area: 0.5, standardError: null });
  });

  it.each<[number[], number[], string, RegExp]>([
    [[1, 2], [1], 'shape-mismatch', /expected 2 labels.* got 1/],
    [[1, NaN], [1, 0], 'invalid-data', /scores: .* row 1 is NaN/],
    [[1, 2], [1, 2], 'invalid-data', /positive: expected zeros and ones; row 1 is 2/],
    [[1, 2], [1, 1], 'invalid-data', /none of 2 is negative/],
    [[], [], 'invalid-data', /both kinds/],
  ])('refuses %j with %j', (scores, labels, code, message) => {
    expect(() => rocArea(scores, labels)).toThrow(
      expect.objectContaining({ code, message: expect.stringMatching(message) as string }),
    );
  });
});
