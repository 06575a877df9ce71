import { describe, expect, it } from 'vitest';
import { compare } from '../../src/compare/index.ts';
import type { Contestant } from '../../src/compare/index.ts';
import { LiouvilleError } from '../../src/errors.ts';
import { AffineFlow } from '../train/affine-flow.ts';
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

  it('fits in closed form what can be, and trains nothing that is there already', async () => {
    const fitted: Contestant = {
      name: 'fitted',
      create: ({ dim }) => new AffineFlow(dim),
      fit: (flow) => flow.parameters.set('mean', [0.25, 0]),
    };
    const flow = new AffineFlow(2);
    const { results, runs } = await compare({
      ...quick,
      models: [fitted, affine],
      restore: async (model, seed) => {
        if (model !== 'affine') return null;
        expect(seed).toBe(0);
        const history = [{ step: 9, loss: 1, seconds: 3 }];
        return { flow, history, engine: 'reference', seconds: 3, bestValidation: 1.5 };
      },
    });
    expect(results.models[0]).toMatchObject({
      status: 'ok',
      learningRate: null,
      steps: 0,
      engine: 'reference',
    });
    expect([...runs[0]!.flow!.parameters.get('mean').data]).toEqual([0.25, 0]);
    expect(results.models[0]!.trainSeconds).toBeGreaterThan(0);
    expect(results.models[1]).toMatchObject({ steps: 9, trainSeconds: 3, bestValidation: 1.5, status: 'ok' });
    expect(runs[1]!.flow).toBe(flow);
    expect(flow.calls.filter(({ name }) => name === 'lossAndGradient')).toEqual([]);
  });
});
