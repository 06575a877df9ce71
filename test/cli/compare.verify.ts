import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ComparisonResults } from '../../src/compare/index.ts';
import { toyNames } from '../../src/data/index.ts';
import { liouville } from './run.ts';

const shared = (path: string): string =>
  fileURLToPath(new URL(`../../../shared/data/${path}`, import.meta.url));

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'liouville-verify-'));
});
afterAll(() => rm(folder, { recursive: true }));

async function compare(...argv: string[]): Promise<ComparisonResults> {
  const ended = await liouville(['compare', '--json', '--out', join(folder, 'out'), '--overwrite', ...argv]);
  expect(ended).toMatchObject({ status: 0, stderr: '' });
  return JSON.parse(ended.stdout) as ComparisonResults;
}

describe('the default comparison', () => {
  it('comes near the truth with normalised densities', async () => {
    const { models, settings } = await compare();
    console.log(models);
    expect(models.map(({ name, status }) => [name, status])).toEqual([
      ['gaussian', 'ok'],
      ['ffjord', 'ok'],
      ['realnvp', 'ok'],
    ]);
    expect(models[0]!.engine).not.toBe('reference');
    for (const { klToTruth, reverseKl } of models.slice(1)) {
      expect(klToTruth).toBeLessThan(0.05);
      expect(reverseKl!.mean).toBeLessThan(0.1);
    }
    expect(models[0]!.klToTruth).toBeGreaterThan(0.8);
    for (const { normalisation, massOutside, inverseError, klToTruth } of models) {
      expect(klToTruth).toBeGreaterThan(-0.005);
      const outside = 3 * Math.sqrt(massOutside! / settings.samples);
      expect(Math.abs(normalisation! + massOutside! - 1)).toBeLessThan(1e-3 + outside);
      expect(inverseError.max).toBeLessThan(5e-3);
      expect(inverseError.median).toBeLessThan(1e-4);
    }
  });

  it.each(toyNames)('ends with both flows above the Gaussian on %s', async (name) => {
    const { models } = await compare('--data', name, '--steps', '1000');
    console.log(
      name,
      models.map(({ klToTruth }) => klToTruth),
    );
    const [gaussian, ...flows] = models.map(({ klToTruth }) => klToTruth!);
    for (const kl of flows) expect(kl).toBeLessThan(gaussian!);
  });
});

describe('real data', () => {
  it.each(['miniboone/val.npy'])('%s: both flows are above the Gaussian', async (path) => {
    const { models, data } = await compare('--data', shared(path));
    console.log(data.name, models);
    const [gaussian, ...flows] = models.map(({ testLogLikelihood }) => testLogLikelihood.mean!);
    for (const mean of flows) expect(mean).toBeGreaterThan(gaussian!);
  });
});
