import { describe, expect, test } from 'vitest';
import { encodeClouds, evidence, fitPointFlow, pointFlow } from '../../../src/pointcloud/index.ts';
import type { FitPointFlowOptions, PointFlow } from '../../../src/pointcloud/index.ts';
import { temporaryFolder } from '../../support/temporary.ts';
import { steadyClock } from '../../train/runs.ts';
import { cloudsFor, models } from './models.ts';

const options: FitPointFlowOptions = {
  steps: 12,
  points: 8,
  batchSize: 3,
  learningRate: 1e-2,
  ema: 0.9,
  seed: 3,
};

describe.each(Object.entries(models))('training %s', (_name, ofModel) => {
  const model = pointFlow(ofModel);
  const clouds = cloudsFor(model, [12, 5, 20, 8, 9]);

  test('makes the evidence larger, with the same bits for the same seed, on any number of threads', async () => {
    const mean = async (trained: PointFlow): Promise<number> =>
      (await evidence(trained, clouds)).total.reduce((a, b) => a + b);
    const before = await mean(model);
    const again = pointFlow(ofModel);
    await fitPointFlow(model, clouds, { ...options, threads: 1 });
    await fitPointFlow(again, clouds, { ...options, threads: 2 });
    expect(again.parameters.flat).toEqual(model.parameters.flat);
    expect(await mean(model)).toBeGreaterThan(before);
  });
});

describe('a training of clouds', () => {
  test('that was stopped goes on to the same bits', async () => {
    steadyClock();
    const ofModel = models['continuous, gates that see the latent']!;
    const make = (): PointFlow =>
      pointFlow({ ...ofModel, decoder: { model: 'ffjord', options: { hidden: [5], actNorm: true } } });
    const clouds = cloudsFor(make(), [12, 5, 20, 8, 9]);
    const validation = cloudsFor(make(), [25, 3], 7);
    const undisturbed = make();
    await fitPointFlow(undisturbed, clouds, { ...options, validation });
    const checkpoint = temporaryFolder();
    const stop = new AbortController();
    const stopped = fitPointFlow(make(), clouds, {
      ...options,
      validation,
      checkpoint,
      signal: stop.signal,
      onStep: ({ step }) => step === 7 && stop.abort(),
    });
    await expect(stopped).rejects.toMatchObject({ code: 'aborted' });
    const resumed = make();
    const { steps, bestValidation } = await fitPointFlow(resumed, clouds, {
      ...options,
      validation,
      checkpoint,
      resume: true,
    });
    expect(steps).toBe(12);
    expect(bestValidation).not.toBeNull();
    expect(resumed.parameters.flat).toEqual(undisturbed.parameters.flat);
    // Another number of points is another run.
    const other = fitPointFlow(make(), clouds, {
      ...options,
      points: 9,
      validation,
      checkpoint,
      resume: true,
    });
    await expect(other).rejects.toThrow(/objective/);
  });

  test('by flow matching learns shapes of two kinds apart', async () => {
    // Two kinds of clouds: points near (1, 0), and near (-1, 0).
    const clouds = cloudsFor({ dim: 2 }, Array<number>(8).fill(16));
    const data = clouds.data.map(
      (value, i) => 0.2 * value + (i % 2 === 0 ? (Math.floor(i / 32) % 2) * 2 - 1 : 0),
    );
    const model = pointFlow({
      dim: 2,
      latentDim: 2,
      deterministic: true,
      encoder: { features: [16, 16], head: [] },
      decoder: { model: 'cnf-fm', options: { hidden: [16, 16], conditioning: 'layers' } },
      prior: { model: 'cnf-fm', options: { hidden: [8] } },
    });
    const given = { ...clouds, data };
    await fitPointFlow(model, given, {
      steps: 300,
      points: 16,
      batchSize: 8,
      learningRate: 1e-2,
      decoder: 'flow-matching',
      prior: 'flow-matching',
    });
    const { mean } = await encodeClouds(model, given);
    const { x } = await model.decoder.inverse(
      [
        [0, 0],
        [0, 0],
      ],
      { context: { ...mean, data: mean.data.slice(0, 4), rows: 2 } },
    );
    expect(x.data[0]).toBeLessThan(-0.6);
    expect(x.data[2]).toBeGreaterThan(0.6);
  });

  test('refuses what is not for clouds', async () => {
    const model = pointFlow(models['one shape']);
    const loose = fitPointFlow as (...all: unknown[]) => Promise<unknown>;
    for (const name of ['objective', 'context', 'noise', 'logDet']) {
      await expect(loose(model, [[[1, 2, 3]]], { [name]: 1 })).rejects.toThrow(
        `${name}: fitPointFlow takes none.`,
      );
    }
    await expect(loose(model, [[[1, 2, 3]]], { poins: 1 })).rejects.toThrow("Unknown option of fit 'poins'");
  });
});
