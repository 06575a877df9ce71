import { describe, expect, it } from 'vitest';
import type { Difference, ModelResult } from '../../src/compare/results.ts';
import { behindBest, bestIn, bestModel, quantitiesFor, significant } from '../../src/plot/index.ts';
import { quantityGroups } from '../../src/plot/quantities.ts';
import { failedResult, modelResult, results } from './example.ts';

const quantities = quantityGroups.flatMap((group) => group.quantities);

function quantity(title: string) {
  const found = quantities.find((candidate) => candidate.title === title);
  if (found === undefined) throw new Error(`no quantity '${title}'`);
  return found;
}

const worse = (name: string): ModelResult =>
  modelResult({ name, testLogLikelihood: { mean: -2.6, standardError: 0.01 } });

function difference(a: string, b: string, mean: number, pValue: number): Difference {
  return { a, b, mean, standardError: 0.003, seedStandardError: null, pValue };
}

describe('quantities', () => {
  it('say what was measured', () => {
    const model = modelResult();
    const text = quantities.map((each) => [each.title, each.text(model, results([model]))]);
    expect(Object.fromEntries(text)).toEqual({
      'test log-likelihood': '-2.457 ± 0.012',
      'over all seeds': '–',
      'behind the best': '–',
      'KL(data ‖ model)': '0.063 ± 0.004',
      'KL(model ‖ data)': '0.081 ± 0.006',
      'energy distance': '0.0022 (0.035)',
      'sliced Wasserstein': '0.046',
      parameters: '9,224',
      training: '12.3',
      step: '30.9',
      density: '1,235',
      sampling: '5,679',
      evaluations: '17.8 (26)',
      'evaluations to sample': '18.2 (25)',
      'inverse error': '1.2e-5 (3.2e-7)',
      'mass in box': '0.9999 (0.0002)',
      engine: 'reference',
    });
  });

  it('say what is special', () => {
    const text = (title: string, changes: Partial<ModelResult>) => {
      const model = modelResult(changes);
      return quantity(title).text(model, results([model]));
    };
    const grid = { intervals: 96, change: 0.01, converged: false };
    expect(text('mass in box', { normalisationGrid: grid })).toBe('~0.9999 (0.0002)');
    const reverseKl = { mean: null, standardError: null, outsideSupport: 0.034 };
    expect(text('KL(model ‖ data)', { reverseKl })).toBe('∞ (3.4 % outside)');
    expect(text('KL(data ‖ model)', { klStandardError: null })).toBe('0.063');
    const run = (seed: number, status: 'ok' | 'failed') => ({
      seed,
      status,
      testLogLikelihood: -2,
      klToTruth: null,
      trainSeconds: 1,
      steps: 4,
    });
    const seeds = {
      runs: [run(0, 'ok'), run(1, 'failed'), run(2, 'ok')],
      testLogLikelihood: { mean: -2.5, standardDeviation: 0.04 },
      klToTruth: null,
      trainSeconds: null,
    };
    expect(text('over all seeds', { seeds })).toBe('-2.500 ± 0.040 (1 of 3 failed)');
  });

  it('are left out when they have nothing to say about any model', () => {
    const titles = (models: ModelResult[]) =>
      quantitiesFor(results(models)).flatMap((group) => group.quantities.map(({ title }) => title));
    expect(titles([modelResult({ nfe: null, klToTruth: null })])).not.toContain('evaluations');
    expect(titles([modelResult({ nfe: null }), modelResult()])).toContain('evaluations');
    expect(titles([failedResult('nice', 'why')])).toEqual([]);
  });

  it('tell the difference to the best, whichever way round it was taken', () => {
    const models = [worse('a'), modelResult({ name: 'b' }), worse('c')];
    const compared = results(models, 'moons', [
      difference('a', 'b', -0.1433, 1e-9),
      difference('a', 'c', 0, 1),
      difference('b', 'c', 0.1433, 0.2),
    ]);
    const text = models.map((model) => quantity('behind the best').text(model, compared));
    expect(text).toEqual(['0.143 ± 0.003 (< 0.001)', '–', '0.143 ± 0.003 (0.2)']);
    expect(bestModel(compared)!.name).toBe('b');
    expect(behindBest(models[0]!, compared)).toMatchObject({ a: 'b', b: 'a', mean: 0.1433 });
    // What cannot be told from the best is marked with it.
    const marked = bestIn(quantity('test log-likelihood'), compared);
    expect([...marked].map(({ name }) => name)).toEqual(['b', 'c']);
  });

  it('go by the mean over the seeds where there are several', () => {
    const seeds = {
      runs: [],
      testLogLikelihood: { mean: -2.2, standardDeviation: 0.1 },
      klToTruth: null,
      trainSeconds: null,
    };
    expect(bestModel(results([modelResult(), { ...worse('steady'), seeds }]))!.name).toBe('steady');
  });
});

describe('bestIn', () => {
  const better = modelResult({ testLogLikelihood: { mean: -2.1, standardError: 0.1 }, trainSeconds: 99 });
  const other = modelResult();
  const best = (title: string, models: ModelResult[]) => [...bestIn(quantity(title), results(models))];

  it('knows whether more or less is better', () => {
    expect(best('test log-likelihood', [other, better])).toEqual([better]);
    expect(best('training', [other, better])).toEqual([other]);
    expect(best('engine', [other, better])).toEqual([]);
  });

  it('marks all that are equal, and nothing where there is no contest', () => {
    expect(best('step', [other, better])).toHaveLength(2);
    expect(best('step', [other])).toEqual([]);
    expect(best('step', [other, failedResult('nice', 'why')])).toEqual([]);
  });

  it('passes over failed models, whatever their numbers', () => {
    const failed = modelResult({ status: 'failed', trainSeconds: 1e-9 });
    expect(best('training', [failed, better, other])).toEqual([other]);
  });
});

describe('significant', () => {
  it.each([
    [null, '–'],
    [0, '0'],
    [0.0309, '0.0309'],
    [12.345, '12.3'],
    [999.6, '1000'],
    [12345.6, '12,346'],
    [-0.5, '-0.5'],
    [1.234e-7, '1.23e-7'],
    [3e12, '3.00e+12'],
  ])('writes %d as %s', (value, text) => {
    expect(significant(value)).toBe(text);
  });
});
