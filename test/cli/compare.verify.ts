import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ComparisonResults } from '../../src/compare/index.ts';
import { liouville } from './run.ts';

const miniboone = fileURLToPath(new URL('../../../shared/data/miniboone/val.npy', import.meta.url));

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'liouville-verify-'));
});
afterAll(() => rm(folder, { recursive: true }));

async function compare(...argv: string[]): Promise<ComparisonResults> {
  const ended = await liouville(['compare', '--json', '--out', join(folder, 'out'), ...argv]);
  expect(ended).toMatchObject({ status: 0, stderr: '' });
  return JSON.parse(ended.stdout) as ComparisonResults;
}

describe('the default comparison', () => {
  it('comes near the truth with normalised densities', async () => {
    const { models } = await compare();
    console.log(models);
    expect(models.map(({ name, status }) => [name, status])).toEqual([
      ['ffjord', 'ok'],
      ['realnvp', 'ok'],
    ]);
    const [ffjord, realnvp] = models;
    expect(ffjord!.klToTruth).toBeLessThan(0.15);
    expect(realnvp!.klToTruth).toBeLessThan(0.3);
    for (const { normalisation, massOutside, inverseError, klToTruth } of models) {
      // Two standard errors of the mean log-likelihood.
      expect(klToTruth).toBeGreaterThan(-0.02);
      expect(Math.abs(normalisation! + massOutside! - 1)).toBeLessThan(2e-3);
      expect(inverseError.max).toBeLessThan(1e-3);
    }
  });

  it('ends with finite numbers on 43 features', async (context) => {
    context.skip(!existsSync(miniboone), '../shared/data/miniboone/val.npy is not there');
    const { data, models } = await compare('--data', miniboone, '--steps', '5');
    expect(data).toMatchObject({ dim: 43, rows: { train: 2628, validation: 328, test: 328 } });
    for (const { testLogLikelihood, trainSeconds, densityRowsPerSecond, samplesPerSecond } of models) {
      for (const value of [
        testLogLikelihood.mean,
        testLogLikelihood.standardError,
        trainSeconds,
        densityRowsPerSecond,
        samplesPerSecond,
      ]) {
        expect(value).toBeTypeOf('number');
      }
    }
  });
});
