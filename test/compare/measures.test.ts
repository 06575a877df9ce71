import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { compare } from '../../src/compare/index.ts';
import type { ComparisonResults, Contestant, ModelProgress } from '../../src/compare/index.ts';
import { LiouvilleError } from '../../src/errors.ts';
import { AffineFlow } from '../train/affine-flow.ts';
import { temporaryFolder } from '../support/temporary.ts';
import { affine, DEVIATIONS, MEANS, quick, source } from './example.ts';

describe('what compare measures', () => {
  it('measures KL row by row where the density is known, both ways', async () => {
    const logNormal = (value: number, j: number) =>
      -0.5 * ((value - MEANS[j]!) / DEVIATIONS[j]!) ** 2 - Math.log(DEVIATIONS[j]! * Math.sqrt(2 * Math.PI));
    const logDensity = (x: number, y: number) => logNormal(x, 0) + logNormal(y, 1);
    const known = { ...quick, data: { ...source(), logDensity } };
    const row = (await compare(known)).results.models[0]!;
    // The model can be exact, so that only the few parameters' errors are left: about 4 / (2 * 2000).
    expect(Math.abs(row.klToTruth!)).toBeLessThan(0.01);
    expect(row.klStandardError).toBeLessThan(0.01);
    expect(row.klStandardError).toBeLessThan(row.testLogLikelihood.standardError! / 4);
    expect(Math.abs(row.reverseKl!.mean!)).toBeLessThan(0.01);
    expect(row.reverseKl).toMatchObject({ outsideSupport: 0 });

    const half = (x: number, y: number) => (x > MEANS[0]! ? Math.log(2) + logDensity(x, y) : -Infinity);
    const bounded = await compare({ ...quick, steps: 20, data: { ...source(), logDensity: half } });
    const { reverseKl } = bounded.results.models[0]!;
    expect(reverseKl).toMatchObject({ mean: null, standardError: null });
    expect(reverseKl!.outsideSupport).toBeCloseTo(0.5, 1);
  });

  it('tells samples that are like the data from samples that are not', async () => {
    const off: Contestant = {
      name: 'off',
      create({ dim }) {
        const flow = new AffineFlow(dim);
        flow.parameters.set('mean', [2, 0]);
        return flow;
      },
    };
    const { results } = await compare({ ...quick, models: [affine, off], learningRate: 1e-9, steps: 1 });
    const [good, bad] = results.models;
    expect(good!.twoSample!.pValue).toBeGreaterThan(0.05);
    expect(bad!.twoSample!.pValue).toBe(0.05);
    expect(bad!.twoSample!.slicedWasserstein).toBeGreaterThan(1);
    expect(good!.twoSample!.slicedWasserstein).toBeLessThan(0.3);
    expect(results.data.twoSample!.pValue).toBeGreaterThan(0.05);
  });

  it('trains with every seed, and measures in every way the first that does not fail', async () => {
    const made: number[] = [];
    const seeded: Contestant = {
      name: 'seeded',
      create({ dim, seed }) {
        made.push(seed);
        if (seed === 5) throw new LiouvilleError('numerical-failure', 'not this seed');
        const flow = new AffineFlow(dim);
        flow.parameters.set('mean', [seed - 6, 0]);
        return flow;
      },
    };
    const finished: [string, number][] = [];
    const { results, runs } = await compare({
      ...quick,
      models: [seeded, affine],
      steps: 2,
      learningRate: 1e-9,
      seed: 5,
      seeds: 3,
      onRun: (run) => void finished.push([run.result.name, run.seed]),
    });
    expect(made).toEqual([5, 6, 7]);
    expect(finished.slice(0, 4)).toEqual([['seeded', 5], ['seeded', 6], ['seeded', 7], ['affine', 5]]); // prettier-ignore
    const [row] = results.models;
    expect(row).toMatchObject({ status: 'ok', steps: 2 });
    expect(runs[0]!.seed).toBe(6);
    const { runs: bySeed, testLogLikelihood } = row!.seeds!;
    expect(bySeed.map(({ seed, status, message }) => [seed, status, message])).toEqual([
      [5, 'failed', 'not this seed'],
      [6, 'ok', undefined],
      [7, 'ok', undefined],
    ]);
    const [, second, third] = bySeed.map((run) => run.testLogLikelihood!);
    expect(row!.testLogLikelihood.mean).toBe(second);
    expect(testLogLikelihood.mean).toBeCloseTo((second! + third!) / 2, 12);
    expect(testLogLikelihood.standardDeviation).toBeCloseTo(Math.abs(second! - third!) / Math.SQRT2, 12);
    // Both models have the seeds 6 and 7: by row and by seed the difference is that of the means.
    const [difference] = results.differences;
    const other = results.models[1]!.seeds!.runs.slice(1).map((run) => run.testLogLikelihood!);
    expect(difference!.mean).toBeCloseTo((second! + third! - other[0]! - other[1]!) / 2, 10);
    expect(difference!.seedStandardError).toBeGreaterThan(0);
  });

  it('fits in closed form what can be', async () => {
    const fitted: Contestant = {
      name: 'fitted',
      create: ({ dim }) => new AffineFlow(dim),
      fit: (flow) => flow.parameters.set('mean', [0.25, 0]),
    };
    const { results, runs } = await compare({ ...quick, models: [fitted] });
    const [row] = results.models;
    expect(row).toMatchObject({ status: 'ok', learningRate: null, steps: 0, engine: 'reference' });
    expect([...runs[0]!.flow!.parameters.get('mean').data]).toEqual([0.25, 0]);
    expect(row!.trainSeconds).toBeGreaterThan(0);
    // A mean that is 0.25 standard deviations off costs 0.25^2 / 2.
    expect(row!.klToTruth).toBeCloseTo(0.03125, 1);
  });

  it('trains for a time where that is the budget', async () => {
    const { steps: _steps, ...rest } = quick;
    const { results } = await compare({ ...rest, seconds: 0.3 });
    expect(results.settings).toMatchObject({ steps: null, seconds: 0.3, validateEvery: null });
    const { steps, trainSeconds } = results.models[0]!;
    expect(steps).toBeGreaterThan(1);
    expect(trainSeconds).toBeGreaterThanOrEqual(0.3);
    const both = await compare({ ...quick, steps: 3, seconds: 60 });
    expect(both.results.models[0]!.steps).toBe(3);
  });
});

describe('a comparison that was stopped', () => {
  const names = ['realnvp', 'gaussian'];
  const asked = {
    ...quick,
    models: names,
    steps: 6,
    batch: 10,
    learningRate: 0.01,
    validationRows: 20,
    testRows: 30,
    samples: 30,
    inverseRows: 10,
    quadrature: { intervals: { 1: 4, 2: 4 }, maxIntervals: { 1: 8, 2: 8 }, tolerance: 1e-4 },
  };
  const numbers = ({ models, differences }: ComparisonResults) => ({
    differences,
    models: models.map(({ testLogLikelihood, inverseError, twoSample, normalisation, bestValidation }) => {
      return { testLogLikelihood, inverseError, twoSample, normalisation, bestValidation };
    }),
  });

  it('ends as if it had not been, whenever it was', async () => {
    const { results: whole } = await compare(asked);
    for (const stop of [1, 4, 6]) {
      const folder = temporaryFolder();
      const folderOf = (model: string) => join(folder, model);
      const controller = new AbortController();
      const stopped = compare({
        ...asked,
        folderOf,
        signal: controller.signal,
        onProgress: (_, progress) => {
          if ('step' in progress && progress.step === stop) controller.abort();
        },
      });
      await expect(stopped).rejects.toMatchObject({ code: 'aborted' });
      const steps: number[] = [];
      const onProgress = (_: string, progress: ModelProgress) => {
        if ('step' in progress) steps.push(progress.step);
      };
      const { results, runs } = await compare({ ...asked, folderOf, resume: true, onProgress });
      expect(numbers(results)).toEqual(numbers(whole));
      expect(runs[0]!.history.map(({ step }) => step)).toEqual([1, 2, 3, 4, 5, 6]);
      // What was done is not done again.
      expect(steps).toEqual([1, 2, 3, 4, 5, 6].slice(stop));
      const again = await compare({ ...asked, folderOf, resume: true, onProgress: () => undefined });
      expect(numbers(again.results)).toEqual(numbers(whole));
    }
  });

  it('trains nothing again that was trained to the end', async () => {
    const folder = temporaryFolder();
    const folderOf = (model: string) => join(folder, model);
    const { results } = await compare({ ...asked, folderOf });
    const phases = new Set<string>();
    const onProgress = (model: string, { phase }: ModelProgress) => void phases.add(`${model} ${phase}`);
    const again = await compare({ ...asked, folderOf, resume: true, onProgress });
    expect(phases).not.toContain('realnvp training');
    expect(numbers(again.results)).toEqual(numbers(results));
    expect(again.results.models[0]!.trainSeconds).toBe(results.models[0]!.trainSeconds);
  });

  it('says of a model whose checkpoint is broken that it is, and goes on', async () => {
    const folder = temporaryFolder();
    const folderOf = (model: string) => join(folder, model);
    await compare({ ...asked, folderOf });
    const path = join(folder, 'realnvp', 'checkpoint.safetensors');
    await writeFile(path, (await readFile(path)).subarray(0, 500));
    const { results } = await compare({ ...asked, folderOf, resume: true });
    expect(results.models[0]).toMatchObject({ status: 'failed' });
    expect(results.models[0]!.message).toContain('checkpoint.safetensors');
    expect(results.models[1]).toMatchObject({ status: 'ok' });
  });
});
