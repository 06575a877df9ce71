import { describe, expect, it } from 'vitest';
import { LiouvilleError } from '../../src/errors.ts';
import type { ObjectiveValue } from '../../src/flow/index.ts';
import { realNVP } from '../../src/discrete/index.ts';
import { adam, fit, likelihood } from '../../src/train/index.ts';
import type { FitOptions, Objective, Optimiser, StepEvent } from '../../src/train/index.ts';
import { AffineFlow, gaussianRows } from './affine-flow.ts';

const rows = gaussianRows(600, [2, -1], [0.5, 3]);
const quick: FitOptions = { steps: 40, batchSize: 50, learningRate: 0.05 };

/** Maximum likelihood that goes wrong in one step. */
function brokenAt(step: number, change: (found: ObjectiveValue) => ObjectiveValue): Objective {
  let calls = 0;
  return {
    name: 'broken',
    nats: true,
    async evaluate(flow, batch, options) {
      const found = await likelihood.evaluate(flow, batch, options);
      calls += 1;
      return calls === step ? change(found) : found;
    },
  };
}

async function parametersAfter(options: FitOptions): Promise<number[]> {
  const flow = new AffineFlow(2);
  await fit(flow, rows, options);
  return [...flow.parameters.flat];
}

async function rejection(work: Promise<unknown>): Promise<LiouvilleError> {
  try {
    await work;
  } catch (error) {
    if (error instanceof LiouvilleError) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
}

/** Maximum likelihood that remembers its gradients. */
function remembering(gradients: Float64Array[]): Objective {
  return {
    name: 'remembering',
    nats: true,
    async evaluate(flow, batch, options) {
      const found = await likelihood.evaluate(flow, batch, options);
      gradients.push(found.flat);
      return found;
    },
  };
}

describe('fit', () => {
  it('gives the memory of gradients back that nobody else has seen', async () => {
    const seen: Float64Array[] = [];
    const small = { ...quick, steps: 3 };
    const noting: Optimiser = {
      ...adam(),
      update: (state, parameters, gradient) => {
        seen.push(gradient);
        state.step += 1;
        parameters.forEach((value, i) => (parameters[i] = value - 0.01 * gradient[i]!));
      },
    };
    const { engine } = await fit(realNVP({ dim: 2, layers: 1, hidden: [2] }), rows, {
      ...small,
      optimiser: noting,
    });
    expect(seen).toHaveLength(3);
    if (engine === 'native') expect(seen.map(({ length }) => length)).toEqual([0, 0, 0]);
    const kept: Float64Array[] = [];
    const flow = realNVP({ dim: 2, layers: 1, hidden: [2] });
    await fit(flow, rows, { ...small, objective: remembering(kept) });
    expect(kept.map(({ length }) => length)).toEqual(Array(3).fill(flow.parameters.count));
  });

  it('finds the mean and the deviation of Gaussian rows', async () => {
    const flow = new AffineFlow(2);
    const result = await fit(flow, rows, {
      steps: 1500,
      batchSize: 200,
      learningRate: 0.02,
      schedule: 'cosine',
    });
    const { flat } = flow.parameters;
    const column = (j: number) => Array.from({ length: rows.rows }, (_, i) => rows.data[i * 2 + j]!);
    for (const j of [0, 1]) {
      const mean = column(j).reduce((sum, value) => sum + value, 0) / rows.rows;
      const variance = column(j).reduce((sum, value) => sum + (value - mean) ** 2, 0) / rows.rows;
      // The last batches leave some noise; the standard error of a batch is 0.07 of a deviation.
      expect(Math.abs(flat[j]! - mean)).toBeLessThan(0.02 * Math.sqrt(variance));
      expect(flat[2 + j]).toBeCloseTo(Math.log(variance) / 2, 1);
    }
    expect(result).toMatchObject({ steps: 1500, bestValidation: null, engine: 'reference' });
    expect(result.history).toHaveLength(1500);
    expect(result.loss).toBe(result.history.at(-1)!.loss);
    expect(result.loss).toBeLessThan(result.history[0]!.loss);
    expect(result.seconds).toBeGreaterThan(0);
  });

  it('is the same for the same seed and different for another', async () => {
    const first = await parametersAfter({ ...quick, seed: 4 });
    expect(await parametersAfter({ ...quick, seed: 4 })).toEqual(first);
    expect(await parametersAfter({ ...quick, seed: 5 })).not.toEqual(first);
  });

  it('is not changed by watching, nor by the time between validations', async () => {
    const plain = await parametersAfter({ ...quick, seed: 4 });
    const losses: number[] = [];
    const watched = await parametersAfter({
      ...quick,
      seed: 4,
      onStep: (event) => losses.push(event.loss),
      // The loss falls all the way here, so the last validation is the best.
      validation: rows,
      validateEvery: 3,
    });
    expect(watched).toEqual(plain);
    expect(losses).toHaveLength(40);
  });

  it('gives each step a seed of its own and all validations the same', async () => {
    const flow = new AffineFlow(2);
    await fit(flow, rows, { ...quick, steps: 6, seed: 1, validation: rows, validateEvery: 2 });
    const seeds = (name: string) =>
      flow.calls.filter((call) => call.name === name).map((call) => call.options.seed);
    expect(new Set(seeds('lossAndGradient')).size).toBe(6);
    expect(seeds('logProb')).toHaveLength(3);
    expect(new Set(seeds('logProb')).size).toBe(1);
  });

  it('hands the options of the evaluation on', async () => {
    const flow = new AffineFlow(2);
    await fit(flow, rows, { steps: 1, rtol: 1e-3, trace: 'exact', engine: 'reference', validation: rows });
    for (const { options } of flow.calls) {
      expect(options).toMatchObject({ rtol: 1e-3, trace: 'exact', engine: 'reference' });
    }
  });

  it('tells what happens after each step', async () => {
    const events: StepEvent[] = [];
    await fit(new AffineFlow(2), rows, {
      ...quick,
      steps: 5,
      validation: rows,
      validateEvery: 2,
      onStep: (event) => events.push(event),
    });
    expect(events.map((event) => event.step)).toEqual([1, 2, 3, 4, 5]);
    expect(events.filter((event) => 'validation' in event).map((event) => event.step)).toEqual([2, 4, 5]);
    for (const event of events) {
      expect(event.secondsPerStep).toBeGreaterThan(0);
      expect('nfe' in event).toBe(false);
    }
  });

  it('keeps the parameters of the best validation', async () => {
    const flow = new AffineFlow(2);
    // Each step of this learning rate overshoots, so that the best validation is not the last.
    const result = await fit(flow, rows, {
      steps: 30,
      batchSize: 100,
      learningRate: 1.5,
      validation: rows,
      validateEvery: 1,
    });
    const validations = result.history.map((entry) => entry.validation!);
    expect(Math.min(...validations)).toBeLessThan(validations.at(-1)!);
    expect(result.bestValidation).toBe(Math.min(...validations));
    const { loss } = await flow.lossAndGradient(rows);
    expect(loss).toBeCloseTo(result.bestValidation!, 10);
  });

  it('clips the gradient by its norm over all parameters', async () => {
    const lengths: number[] = [];
    const plain = new AffineFlow(2);
    await fit(plain, rows, {
      steps: 3,
      clipNorm: 0.25,
      optimiser: {
        name: 'probe',
        start: () => ({ step: 0, slots: {} }),
        update: (_state, _parameters, gradient) => lengths.push(Math.hypot(...Array.from(gradient))),
      },
    });
    for (const length of lengths) expect(length).toBeCloseTo(0.25, 12);
  });

  it('ends at a loss that is not finite, names the step and gives back the last sound parameters', async () => {
    const flow = new AffineFlow(2);
    const objective = brokenAt(4, (found) => ({ ...found, loss: NaN }));
    const error = await rejection(fit(flow, rows, { ...quick, objective }));
    expect(error.code).toBe('numerical-failure');
    expect(error.message).toMatch(/step 4: the loss became NaN/);
    // The parameters after two steps gave the last finite loss: that of step 3.
    expect([...flow.parameters.flat]).toEqual(await parametersAfter({ ...quick, steps: 2 }));
  });

  it('ends at a gradient that is not finite', async () => {
    const flow = new AffineFlow(2);
    const objective = brokenAt(3, (found) => ({ ...found, flat: found.flat.map(() => Infinity) }));
    const error = await rejection(fit(flow, rows, { ...quick, objective }));
    expect(error.message).toMatch(/step 3: the norm of the gradient became Infinity/);
    expect(flow.parameters.flat.every(Number.isFinite)).toBe(true);
  });

  it('names the step of a failure inside the flow', async () => {
    const objective = brokenAt(2, () => {
      throw new LiouvilleError('numerical-failure', 'The field returned NaN at t = 0.31 for row 17.');
    });
    const error = await rejection(fit(new AffineFlow(2), rows, { ...quick, objective }));
    expect(error.message).toMatch(/step 2: The field returned NaN at t = 0.31 for row 17/);
  });

  it('stops between steps at an AbortSignal and keeps what was done', async () => {
    const flow = new AffineFlow(2);
    const controller = new AbortController();
    const onStep = ({ step }: StepEvent) => {
      if (step === 7) controller.abort();
    };
    const error = await rejection(fit(flow, rows, { ...quick, onStep, signal: controller.signal }));
    expect(error.code).toBe('aborted');
    // The schedule is constant, so seven of forty steps are what seven steps are.
    expect([...flow.parameters.flat]).toEqual(await parametersAfter({ ...quick, steps: 7 }));
  });

  it('takes no step when the signal has fired before', async () => {
    const flow = new AffineFlow(2);
    expect((await rejection(fit(flow, rows, { signal: AbortSignal.abort() }))).code).toBe('aborted');
    expect([...flow.parameters.flat]).toEqual([0, 0, 0, 0]);
  });

  it('lets other work run while it trains', async () => {
    let ticks = 0;
    const timer = setInterval(() => (ticks += 1), 5);
    const slow: Objective = {
      name: 'slow',
      nats: true,
      evaluate(flow, batch, options) {
        const until = performance.now() + 20;
        while (performance.now() < until);
        return likelihood.evaluate(flow, batch, options);
      },
    };
    await fit(new AffineFlow(2), rows, { steps: 10, objective: slow });
    clearInterval(timer);
    expect(ticks).toBeGreaterThan(0);
  });

  it.each<[Record<string, unknown>, string, RegExp]>([
    [{ learningrate: 0.1 }, 'unknown-name', /option of fit 'learningrate'. Did you mean 'learningRate'/],
    [{ weightDecay: -0.1 }, 'invalid-argument', /weightDecay must be 0 or a positive number; got -0.1/],
    [{ ema: 1 }, 'invalid-argument', /ema must be at least 0 and below 1; got 1/],
    [{ warmUp: 7, steps: 7 }, 'invalid-argument', /warmUp must be less than steps, which is 7; got 7/],
    [{ seconds: 0 }, 'invalid-argument', /seconds must be a positive number; got 0/],
    [{ patience: 3 }, 'invalid-argument', /patience is given without validation/],
    [{ patience: 0, validation: [[1, 2]] }, 'invalid-argument', /patience must be a positive integer; got 0/],
    [{ logDet: NaN }, 'invalid-argument', /logDet must be a finite number; got NaN/],
    [{ resume: true }, 'invalid-argument', /resume is given without checkpoint/],
    [{ checkpointEvery: 5 }, 'invalid-argument', /checkpointEvery is given without checkpoint/],
    [{ optimiser: {} }, 'invalid-argument', /optimiser must be one such as adam/],
    [{ objective: null }, 'invalid-argument', /objective must be one such as likelihood/],
    [{ checkpoint: 7 }, 'invalid-argument', /checkpoint must be the path of a folder/],
    [{ schedule: 'cosin' }, 'unknown-name', /Did you mean 'cosine'/],
    [{ steps: 0 }, 'invalid-argument', /steps must be a positive integer; got 0/],
    [{ steps: -5 }, 'invalid-argument', /got -5/],
    [{ batchSize: 1.5 }, 'invalid-argument', /batchSize must be a positive integer; got 1.5/],
    [{ learningRate: NaN }, 'invalid-argument', /learningRate must be a positive number; got NaN/],
    [{ clipNorm: -1 }, 'invalid-argument', /clipNorm .* got -1/],
    [{ validateEvery: 0 }, 'invalid-argument', /validateEvery .* got 0/],
    [{ seed: -1 }, 'invalid-argument', /seed must be an integer/],
    [{ onFailure: 'report' }, 'invalid-argument', /onFailure must be 'throw'/],
    [{ validationContext: [[1]] }, 'invalid-argument', /without validation/],
    [{ validation: [[1, 2, 3]] }, 'shape-mismatch', /validation: expected any number of rows of 2/],
    [{ validation: [[1, NaN]] }, 'invalid-data', /validation: .* row 0, column 1 is NaN/],
  ])('refuses %o', async (options, code, message) => {
    const error = await rejection(fit(new AffineFlow(2), rows, options));
    expect(error.code).toBe(code);
    expect(error.message).toMatch(message);
  });

  it('refuses rows that do not fit', async () => {
    expect((await rejection(fit(new AffineFlow(2), [[1, 2, 3]]))).code).toBe('shape-mismatch');
    expect((await rejection(fit(new AffineFlow(2), []))).message).toMatch(/x: /);
  });
});
