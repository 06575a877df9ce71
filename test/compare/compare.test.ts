import { describe, expect, it } from 'vitest';
import { compare, defaultsFor, figureSections } from '../../src/compare/index.ts';
import type { CompareOptions, Contestant, ModelRun } from '../../src/compare/index.ts';
import { LiouvilleError } from '../../src/errors.ts';
import { AffineFlow } from '../train/affine-flow.ts';
import { affine, ENTROPY, quick, source } from './example.ts';

/** A flow of which one call goes wrong. */
function broken(name: string, call: 'lossAndGradient' | 'logProb' | 'sample', message: string): Contestant {
  return {
    name,
    create({ dim }) {
      const flow = new AffineFlow(dim);
      const fail = () => Promise.reject(new LiouvilleError('numerical-failure', message));
      Object.defineProperty(flow, call, { value: fail });
      return flow;
    },
  };
}

async function failureOf(options: CompareOptions): Promise<LiouvilleError> {
  try {
    await compare(options);
  } catch (error) {
    if (error instanceof LiouvilleError) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
}

describe('compare', () => {
  it('measures a model that can be right: likelihoods in nats of the data as given', async () => {
    const { results, runs } = await compare(quick);
    const row = results.models[0]!;
    expect(row).toMatchObject({
      name: 'affine',
      parameters: 4,
      steps: 200,
      engine: 'reference',
      status: 'ok',
    });
    // The mean log-density of 1000 rows of a Gaussian has a standard error of sqrt(dim / 2 / 1000).
    const { mean, standardError } = row.testLogLikelihood;
    expect(standardError).toBeCloseTo(Math.sqrt(1 / 1000), 2);
    expect(Math.abs(mean! + ENTROPY)).toBeLessThan(5 * standardError!);
    expect(row).toMatchObject({ klStandardError: null, reverseKl: null, learningRate: 0.05 });
    expect(row.klToTruth).toBeCloseTo(-ENTROPY - mean!, 12);
    expect(row.bestValidation).toBeCloseTo(ENTROPY, 0);
    const validations = runs[0]!.history.map((entry) => entry.validation ?? Infinity);
    expect(row.bestValidation).toBeCloseTo(Math.min(...validations), 12);
    // Of the first minibatch under N(0, I) in standardised coordinates.
    const first = 1 + Math.log(2 * Math.PI) + Math.log(2 * 0.1);
    expect(Math.abs(runs[0]!.history[0]!.loss - first)).toBeLessThan(0.5);
    expect(row.nfe).toBeNull();
    expect(row.inverseError.max).toBeLessThan(1e-12);
    expect(row.inverseError.median).toBeLessThanOrEqual(row.inverseError.max!);
    expect(row.secondsPerStep! * 200).toBeCloseTo(row.trainSeconds!, 10);
    for (const rate of [row.densityRowsPerSecond, row.samplesPerSecond, row.trainSeconds]) {
      expect(rate).toBeGreaterThan(0);
    }
  });

  it('integrates the density over the box of the test rows, grown by a quarter of its width', async () => {
    const { results, box, data, runs } = await compare(quick);
    const row = results.models[0]!;
    const xs = Array.from({ length: 1000 }, (_, i) => data.test.data[2 * i]!);
    const [low, high] = [Math.min(...xs), Math.max(...xs)];
    expect(box![0]![0]).toBeCloseTo(low - (high - low) / 4, 12);
    expect(box![0]![1]).toBeCloseTo(high + (high - low) / 4, 12);
    expect(row.normalisation).toBeCloseTo(1, 3);
    expect(row.normalisationGrid).toMatchObject({ converged: true });
    expect(row.massOutside).toBeLessThan(0.005);
    // The grid is the density in the coordinates of the data: its peak is that of the Gaussian.
    const peak = Math.max(...(runs[0]!.found.grid!.density as Float64Array));
    expect(peak).toBeCloseTo(1 / (2 * Math.PI * 2 * 0.1), 1);
  });

  it('draws samples in the coordinates of the data', async () => {
    const { runs } = await compare({ ...quick, samples: 500 });
    const { drawn } = runs[0]!.found;
    const mean = (j: number) =>
      Array.from({ length: 500 }, (_, i) => drawn!.data[2 * i + j]!).reduce((a, b) => a + b) / 500;
    expect(mean(0)).toBeCloseTo(5, 0);
    expect(mean(1)).toBeCloseTo(-3, 1);
  });

  it('counts the mass outside', async () => {
    // A model that learns nothing draws from the standard normal of standardised coordinates, shifted here.
    const shifted: Contestant = {
      name: 'shifted',
      create({ dim }) {
        const flow = new AffineFlow(dim);
        flow.parameters.set('mean', [100, 0]);
        return flow;
      },
    };
    const { results } = await compare({ ...quick, models: [shifted], steps: 1, learningRate: 1e-9 });
    expect(results.models[0]).toMatchObject({ massOutside: 1 });
    expect(results.models[0]!.normalisation).toBeCloseTo(0, 6);
  });

  it('gives all models the same rows, settings and seed', async () => {
    const flows: AffineFlow[] = [];
    const spy = (name: string): Contestant => ({
      name,
      create({ dim, seed }) {
        expect(seed).toBe(7);
        const flow = new AffineFlow(dim);
        flows.push(flow);
        return flow;
      },
    });
    const { results } = await compare({ ...quick, models: [spy('a'), spy('b')], steps: 5, seed: 7 });
    const rows = results.models.map(
      ({ name, trainSeconds, secondsPerStep, densityRowsPerSecond, samplesPerSecond, ...same }) => {
        expect([name, trainSeconds, secondsPerStep, densityRowsPerSecond, samplesPerSecond]).toHaveLength(5);
        return same;
      },
    );
    expect(rows[0]).toEqual(rows[1]);
    expect(flows[0]!.parameters.flat).toEqual(flows[1]!.parameters.flat);
    expect(flows[0]!.calls).toEqual(flows[1]!.calls);
  });

  it('trains with the tolerance of training and measures with that of measuring', async () => {
    const flow = new AffineFlow(2);
    await compare({
      ...quick,
      models: [{ name: 'affine', create: () => flow }],
      steps: 4,
      validateEvery: 4,
      trainTolerance: 0.01,
      tolerance: 1e-6,
    });
    const tolerances = (name: string) =>
      flow.calls.filter((call) => call.name === name).map(({ options }) => options.rtol);
    expect(new Set(tolerances('lossAndGradient'))).toEqual(new Set([0.01]));
    // One validation, then the test rows and the grid.
    expect(tolerances('logProb')[0]).toBe(0.01);
    expect(new Set(tolerances('logProb').slice(1))).toEqual(new Set([1e-6]));
    expect(new Set(tolerances('transform'))).toEqual(new Set([1e-6]));
  });

  it('measures no more rows than the settings say', async () => {
    const flow = new AffineFlow(2);
    const sizes = { testRows: 70, inverseRows: 30, samples: 20, validationRows: 10 };
    const { results } = await compare({
      ...quick,
      ...sizes,
      models: [{ name: 'affine', create: () => flow }],
      steps: 1,
    });
    const rows = (name: string) => flow.calls.filter((call) => call.name === name).map((call) => call.rows);
    // The validation, a few rows before the clock starts, the test rows.
    expect(rows('logProb').slice(0, 3)).toEqual([10, 16, 70]);
    expect(rows('transform')[0]).toBe(30);
    expect(rows('inverse').slice(0, 3)).toEqual([30, 16, 20]);
    expect(results.settings).toMatchObject(sizes);
    expect(results.data.rows).toEqual({ train: 2000, validation: 300, test: 1000 });
  });

  it('goes on after a model that fails, and says why it did', async () => {
    const { results, runs } = await compare({
      ...quick,
      steps: 3,
      models: [
        broken('never trains', 'lossAndGradient', 'the field returned NaN at t = 0.31'),
        broken('no samples', 'sample', 'step-underflow'),
        {
          name: 'not made',
          create: () => {
            throw new LiouvilleError('invalid-argument', 'dim must be at least 3; got 2.');
          },
        },
        affine,
      ],
    });
    const [first, second, third, last] = results.models;
    expect(first).toMatchObject({
      status: 'failed',
      steps: 0,
      engine: null,
      testLogLikelihood: { mean: null },
    });
    expect(first!.message).toMatch(/step 1: the field returned NaN at t = 0.31/);
    expect(second).toMatchObject({
      status: 'failed',
      message: 'sampling: step-underflow',
      steps: 3,
      samplesPerSecond: null,
    });
    expect(second!.testLogLikelihood.mean).toBeTypeOf('number');
    expect(third).toMatchObject({
      status: 'failed',
      message: 'dim must be at least 3; got 2.',
      parameters: null,
    });
    expect(last).toMatchObject({ status: 'ok' });
    expect(
      figureSections({ results, runs, data: (await compare(quick)).data, box: null }).length,
    ).toBeGreaterThan(0);
  });

  it('hands over each model as it is finished', async () => {
    const finished: ModelRun[] = [];
    const second: Contestant = {
      name: 'second',
      create: () => {
        expect(finished).toHaveLength(1);
        return new AffineFlow(2);
      },
    };
    await compare({
      ...quick,
      steps: 2,
      models: [affine, second],
      onRun: (run) => void finished.push(run),
    });
    expect(finished.map((run) => run.result.name)).toEqual(['affine', 'second']);
    expect(finished[0]!.history.map((entry) => entry.step)).toEqual([1, 2]);
  });

  it('tells its progress', async () => {
    const phases: string[] = [];
    await compare({ ...quick, steps: 2, onProgress: (model, { phase }) => phases.push(`${model} ${phase}`) });
    expect(phases).toEqual([
      'affine training',
      'affine training',
      'affine test log-likelihood',
      'affine inversion',
      'affine sampling',
      'affine samples against data',
      'affine normalisation',
      'affine paths',
      'affine inside',
    ]);
  });

  it('stops at an AbortSignal', async () => {
    const controller = new AbortController();
    const onProgress = () => controller.abort();
    expect((await failureOf({ ...quick, onProgress, signal: controller.signal })).code).toBe('aborted');
  });

  it('leaves out in more than two dimensions what cannot be had there', async () => {
    const comparison = await compare({ ...quick, steps: 2, data: source([1, 2, 3], [1, 1, 1]) });
    expect(comparison.results.models[0]).toMatchObject({
      normalisation: null,
      massOutside: null,
      klToTruth: null,
      status: 'ok',
    });
    expect(figureSections(comparison).map(({ id }) => id)).toEqual(['samples', 'flow', 'training']);
  });

  it('knows one dimension', async () => {
    const comparison = await compare({ ...quick, steps: 100, data: source([4], [3]) });
    expect(comparison.results.models[0]!.normalisation).toBeCloseTo(1, 3);
    expect(figureSections(comparison).map(({ id }) => id)).toEqual(['densities', 'training']);
  });

  it('knows what really ran', async () => {
    const { results } = await compare({ ...quick, steps: 1, precision: 'float32', threads: 8 });
    // The reference engine computes in float64 on one thread, whatever is asked.
    expect(results.settings).toMatchObject({ precision: 'float64', threads: 1, engine: 'reference' });
    // What was not chosen is the default of the engine.
    const { trainTolerance, clipNorm, testRows } = defaultsFor('reference');
    expect(results.settings).toMatchObject({ trainTolerance, clipNorm, testRows, steps: 1, batch: 100 });
    expect(defaultsFor('native').steps).toBeGreaterThan(defaultsFor('reference').steps);
  });

  it.each<[Partial<CompareOptions>, string, RegExp]>([
    [{ models: [] }, 'invalid-argument', /models: expected at least one of .*ffjord/],
    [{ models: ['ffjrd'] }, 'unknown-name', /Unknown model 'ffjrd'. Did you mean 'ffjord'/],
    [{ models: [affine, affine] }, 'invalid-argument', /each model once; got 'affine' twice/],
    [{ steps: 0 }, 'invalid-argument', /steps must be a positive integer; got 0/],
    [{ samples: -1 }, 'invalid-argument', /samples .* got -1/],
    [{ tolerance: 0 }, 'invalid-argument', /tolerance must be a positive number; got 0/],
    [{ seed: 0.5 }, 'invalid-argument', /seed must be an integer/],
    [{ seeds: 0 }, 'invalid-argument', /seeds must be a positive integer; got 0/],
    [{ learningRate: -1 }, 'invalid-argument', /learningRate must be a positive number; got -1/],
    [
      { twoSample: { rows: 0, permutations: 9, directions: 9 } },
      'invalid-argument',
      /rows must be a positive integer/,
    ],
    [{ engine: 'webgpu' }, 'engine-unavailable', /webgpu/],
    [{ data: source([1, 2], [1, 0]) }, 'invalid-data', /column 'c1' is constant/],
  ])('refuses %o before any model is made', async (change, code, message) => {
    const error = await failureOf({ ...quick, models: ['ffjord'], ...change });
    expect(error.code).toBe(code);
    expect(error.message).toMatch(message);
  });
});
