import { describe, expect, it } from 'vitest';
import { overviewHtml } from '../../src/plot/index.ts';
import { failedResult, modelResult, results } from './example.ts';

const hostile = `x</td><script>alert("1")</script>`;
const likelihood = (mean: number) => ({ mean, standardError: 0.01 });

/** The cells of the line of a model in the nth table. */
function line(page: string, table: number, model: string): string[] {
  const body = page.split('<tbody>')[table + 1]!.split('</tbody>')[0]!;
  const row = body.split('<tr>').find((text) => text.includes(`<th scope="row">${model}</th>`))!;
  return [...row.matchAll(/<td[^>]*>([^]*?)<\/td>/g)].map(([, cell]) =>
    cell!
      .replaceAll(/<[^>]*>/g, '')
      .replaceAll(/\s+/g, ' ')
      .trim(),
  );
}

describe('overviewHtml', () => {
  const page = overviewHtml([
    {
      report: 'moons/report.html',
      results: results(
        [
          modelResult({ name: 'maf', klToTruth: 0.04, trainSeconds: 2, samplesPerSecond: 1000 }),
          modelResult({ name: 'nsf', klToTruth: 0.008, trainSeconds: 3, samplesPerSecond: 2000 }),
          modelResult({ name: 'naf', klToTruth: 0.015 }),
        ],
        'moons',
      ),
    },
    {
      report: 'rings/report.html',
      results: results(
        [
          modelResult({ name: 'maf', klToTruth: 0.7 }),
          failedResult('nsf', hostile),
          modelResult({ name: 'residual', klToTruth: 0.9 }),
        ],
        hostile,
      ),
    },
    {
      report: 'table/report.html',
      results: results(
        [
          modelResult({ name: 'maf', klToTruth: null, testLogLikelihood: likelihood(-3) }),
          modelResult({ name: 'nsf', klToTruth: null, testLogLikelihood: likelihood(-2.5) }),
        ],
        'table',
      ),
    },
  ]);

  it('has a line for each model and a column for each data set, the best marked', () => {
    expect(line(page, 0, 'maf')).toEqual(['0.040', '0.700 ★', '0.500']);
    expect(line(page, 0, 'nsf')).toEqual(['0.008 ★', 'failed', '0.000 ★']);
    // Within 0.01 of the best.
    expect(line(page, 0, 'naf')).toEqual(['0.015 ★', '–', '–']);
    expect(line(page, 2, 'nsf')[0]).toBe('3');
    expect(line(page, 3, 'maf')[0]).toBe('1,000');
  });

  it('says where each model does best, worst, and not at all', () => {
    const [best, worst, failed] = line(page, 1, 'maf');
    expect([best, failed]).toEqual(['moons, 0.040', 'none']);
    expect(worst).toMatch(/, 0\.700$/);
    expect(line(page, 1, 'nsf')[0]).toBe('table, 0.000');
    expect(line(page, 1, 'nsf')[2]).toMatch(/^x&lt;/);
  });

  it('leads to the reports, lets nothing become markup, and needs nothing from elsewhere', () => {
    expect(page.match(/href="moons\/report\.html"/g)!.length).toBeGreaterThan(0);
    expect(page).not.toMatch(/<script/);
    expect(page).not.toMatch(/@import|url\(|https?:/);
    expect(page).toContain('title="x&lt;/td&gt;&lt;script&gt;');
  });
});
