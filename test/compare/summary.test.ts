import { describe, expect, it } from 'vitest';
import { finite, summaryTable } from '../../src/compare/index.ts';
import { failedResult, modelResult, results } from '../plot/example.ts';

describe('summaryTable', () => {
  const better = modelResult({ name: 'realnvp', klToTruth: 0.02, nfe: null, parameters: 123_456 });

  it('aligns models beside each other and stars the best', () => {
    const lines = summaryTable(results([modelResult(), better])).split('\n');
    expect(lines.slice(0, 6)).toEqual([
      '                                            ffjord           realnvp',
      'test log-likelihood, nats           -2.457 ± 0.012*   -2.457 ± 0.012*',
      'KL(data ‖ model), nats               0.063 ± 0.004     0.020 ± 0.004*',
      'KL(model ‖ data), nats               0.081 ± 0.006*    0.081 ± 0.006*',
      'energy distance (p)                 0.0022 (0.035)*   0.0022 (0.035)*',
      'sliced Wasserstein                           0.046*            0.046*',
    ]);
    expect(lines.at(-1)).toBe('* best, or not to be told from the best');
  });

  it('keeps to the width of the terminal', () => {
    const models = Array.from({ length: 7 }, (_, i) => modelResult({ name: `model-${i}` }));
    const text = summaryTable(results(models), 80);
    for (const line of text.split('\n')) expect(line.length).toBeLessThanOrEqual(80);
    for (const { name } of models) expect(text).toContain(name);
    expect(text.match(/^sliced Wasserstein/gm)!.length).toBeGreaterThan(1);
  });

  it('shows a model even where there is no room', () => {
    expect(summaryTable(results([modelResult()]), 10)).toContain('ffjord');
  });

  it('says why models failed', () => {
    const text = summaryTable(results([modelResult(), failedResult('nice', 'The loss became NaN.')]));
    expect(text).toContain('nice failed: The loss became NaN.');
    expect(text).not.toContain('*');
  });
});

describe('finite', () => {
  it('makes null of what JSON cannot say, everywhere, and leaves the rest', () => {
    const value = { a: NaN, b: [1, -Infinity, { c: Infinity, d: 'NaN', e: null }], f: 0, g: false };
    expect(finite(value)).toEqual({ a: null, b: [1, null, { c: null, d: 'NaN', e: null }], f: 0, g: false });
  });
});
