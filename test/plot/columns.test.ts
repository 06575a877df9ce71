import { describe, expect, it } from 'vitest';
import { bestIn, columns, columnsFor } from '../../src/plot/columns.ts';
import { significant } from '../../src/plot/index.ts';
import { failedResult, modelResult } from './example.ts';

function column(title: string) {
  const found = columns.find((column) => column.title[0] === title);
  if (found === undefined) throw new Error(`no column '${title}'`);
  return found;
}

describe('columns', () => {
  it('say what was measured', () => {
    const model = modelResult();
    expect(Object.fromEntries(columns.map((column) => [column.title[0], column.text(model)]))).toEqual({
      'test log-likelihood': '-2.457 ± 0.012',
      'KL to truth': '0.063',
      parameters: '9,224',
      training: '12.3',
      step: '0.0309',
      density: '1,235',
      sampling: '5,679',
      evaluations: '17.8 (26)',
      'inverse error': '1.2e-5',
      'mass in box': '0.9999 (0.0002)',
      engine: 'reference',
    });
  });

  it('mark an integral that had not settled', () => {
    const grid = { intervals: 96, change: 0.01, converged: false };
    expect(column('mass in box').text(modelResult({ normalisationGrid: grid }))).toBe('~0.9999 (0.0002)');
  });

  it('are left out when they have nothing to say about any model', () => {
    const titles = (models: Parameters<typeof columnsFor>[0]) =>
      columnsFor(models).map(({ title }) => title[0]);
    expect(titles([modelResult({ nfe: null, klToTruth: null })])).not.toContain('evaluations');
    expect(titles([modelResult({ nfe: null }), modelResult()])).toContain('evaluations');
    expect(titles([failedResult('nice', 'why')])).toEqual([]);
  });
});

describe('bestIn', () => {
  const better = modelResult({ testLogLikelihood: { mean: -2.1, standardError: 0.1 }, trainSeconds: 99 });
  const other = modelResult();

  it('knows whether more or less is better', () => {
    expect([...bestIn(column('test log-likelihood'), [other, better])]).toEqual([better]);
    expect([...bestIn(column('training'), [other, better])]).toEqual([other]);
    expect([...bestIn(column('engine'), [other, better])]).toEqual([]);
  });

  it('marks all that are equal, and nothing where there is no contest', () => {
    expect(bestIn(column('step'), [other, better]).size).toBe(2);
    expect(bestIn(column('step'), [other]).size).toBe(0);
    expect(bestIn(column('step'), [other, failedResult('nice', 'why')]).size).toBe(0);
  });

  it('passes over failed models, whatever their numbers', () => {
    const failed = modelResult({ status: 'failed', trainSeconds: 1e-9 });
    expect([...bestIn(column('training'), [failed, better, other])]).toEqual([other]);
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
