import { describe, expect, it } from 'vitest';
import { realNVP } from '../../src/discrete/index.ts';
import type { EvaluateOptions, Objective } from '../../src/flow/index.ts';
import type { Matrix } from '../../src/matrix.ts';
import { decays, fit, likelihood } from '../../src/train/index.ts';
import type { FitOptions, StepEvent } from '../../src/train/index.ts';
import { updateAverage } from '../../src/train/average.ts';
import { rateFactor, schedules, usedUp } from '../../src/train/schedule.ts';
import { AffineFlow, gaussianRows } from './affine-flow.ts';
import { steadyClock } from './runs.ts';

const rows = gaussianRows(400, [2, -1], [0.5, 3]);
const small = () => realNVP({ dim: 2, layers: 2, hidden: [4], seed: 2 });

/** The likelihood, that remembers what it was asked. */
function recording(calls: { batch: Matrix; options: EvaluateOptions }[]): Objective {
  return {
    ...likelihood,
    evaluate(flow, batch, options) {
      calls.push({ batch, options });
      return likelihood.evaluate(flow, batch, options);
    },
  };
}

describe('AdamW in fit', () => {
  it('is the algorithm of the paper, written out, with decay, clipping, warm-up and schedule', async () => {
    const calls: { batch: Matrix; options: EvaluateOptions }[] = [];
    const [learningRate, weightDecay, clipNorm, steps, warmUp] = [0.05, 0.3, 3, 8, 3];
    const trained = small();
    const options = {
      engine: 'reference',
      batchSize: 20,
      schedule: 'linear',
      objective: recording(calls),
    } as const;
    await fit(trained, rows, { ...options, steps, learningRate, weightDecay, clipNorm, warmUp });

    const byHand = small();
    const { parameters } = byHand;
    const m = new Float64Array(parameters.count);
    const v = new Float64Array(parameters.count);
    let clipped = 0;
    for (const [i, call] of calls.entries()) {
      const t = i + 1;
      const { flat } = await byHand.lossAndGradient(call.batch, call.options);
      const length = Math.hypot(...flat);
      if (length > clipNorm) clipped += 1;
      const gradient = flat.map((g) => g * Math.min(1, clipNorm / length));
      const rate = learningRate * (t <= warmUp ? t / warmUp : 1 - (i - warmUp) / (steps - warmUp));
      for (const name of parameters.names()) {
        if (!name.endsWith('weight')) continue;
        const { data } = parameters.get(name);
        data.forEach((value, j) => (data[j] = value - rate * weightDecay * value));
      }
      gradient.forEach((g, j) => {
        m[j] = 0.9 * m[j]! + 0.1 * g;
        v[j] = 0.999 * v[j]! + 0.001 * g * g;
        parameters.flat[j]! -= (rate * (m[j] / (1 - 0.9 ** t))) / (Math.sqrt(v[j] / (1 - 0.999 ** t)) + 1e-8);
      });
    }
    // Some steps are clipped and some are not, so that both are compared.
    expect(clipped).toBeGreaterThan(0);
    expect(clipped).toBeLessThan(steps);
    const worst = Math.max(
      ...trained.parameters.flat.map((value, j) => Math.abs(value - parameters.flat[j]!)),
    );
    expect(worst).toBeLessThan(1e-13);
  });

  it('decays the weights of layers and nothing else', () => {
    const names = small().parameters.names();
    expect(names.filter(decays).length).toBeGreaterThan(0);
    for (const name of names) expect(decays(name)).toBe(!name.endsWith('bias') && !name.includes('scale'));
    for (const name of ['chain.0.odefunc.diffeq.layers.0._layer.weight', 'weight'])
      expect(decays(name)).toBe(true);
    for (const name of ['layers.0.bias', 'log_scale', 'sqrt_end_time', 'lower', 'weights.mean'])
      expect(decays(name)).toBe(false);
  });
});

describe('the moving average', () => {
  it('is the mean of all parameters so far, each weighing less by the decay than the next', () => {
    const seen = [3, -1, 4, 1, -5].map((value) => Float64Array.of(value, 2 * value));
    const average = Float64Array.of(100, -100);
    const decay = 0.7;
    seen.forEach((latest, i) => {
      updateAverage(average, latest, decay, i + 1);
      let [sum, weights] = [0, 0];
      for (let j = 0; j <= i; j++) {
        sum += decay ** (i - j) * seen[j]![0]!;
        weights += decay ** (i - j);
      }
      expect(average[0]).toBeCloseTo(sum / weights, 13);
      expect(average[1]).toBeCloseTo((2 * sum) / weights, 13);
    });
  });

  it('is what the flow ends with, and changes nothing on the way', async () => {
    const path: Float64Array[] = [];
    const flow = new AffineFlow(2);
    const objective: Objective = {
      ...likelihood,
      evaluate(trained, batch, options) {
        path.push(trained.parameters.flat.slice());
        return likelihood.evaluate(trained, batch, options);
      },
    };
    const options: FitOptions = { steps: 6, batchSize: 40, learningRate: 0.1 };
    await fit(flow, rows, { ...options, ema: 0.5, objective });
    const plain = new AffineFlow(2);
    await fit(plain, rows, options);
    const seen = [...path.slice(1), plain.parameters.flat];
    const weights = seen.map((_, i) => 0.5 ** (seen.length - 1 - i));
    const total = weights.reduce((sum, weight) => sum + weight, 0);
    flow.parameters.flat.forEach((value, j) => {
      const expected = seen.reduce((sum, parameters, i) => sum + weights[i]! * parameters[j]!, 0) / total;
      expect(value).toBeCloseTo(expected, 13);
    });
  });

  it('leaves the steps as they are, validated or not', async () => {
    const options: FitOptions = { steps: 8, batchSize: 40, learningRate: 0.3 };
    const plain = await fit(new AffineFlow(2), rows, options);
    const averaged = { ...options, ema: 0.9, validation: rows, validateEvery: 1 };
    const { history } = await fit(new AffineFlow(2), rows, averaged);
    expect(history.map((entry) => entry.loss)).toEqual(plain.history.map((entry) => entry.loss));
  });

  it('is what validations measure', async () => {
    const flow = new AffineFlow(2);
    const { bestValidation, history } = await fit(flow, rows, {
      steps: 10,
      batchSize: 40,
      learningRate: 0.5,
      ema: 0.9,
      validation: rows,
      validateEvery: 1,
    });
    const { loss } = await flow.lossAndGradient(rows);
    expect(loss).toBeCloseTo(bestValidation!, 12);
    expect(bestValidation).toBe(Math.min(...history.map((entry) => entry.validation!)));
  });
});

describe('early stopping', () => {
  it('ends after so many validations that were no better, with the best parameters', async () => {
    const flow = new AffineFlow(2);
    const options: FitOptions = {
      steps: 500,
      batchSize: 100,
      learningRate: 1.5,
      validation: rows,
      validateEvery: 2,
    };
    const left: number[] = [];
    const { history, ended, steps, bestValidation } = await fit(flow, rows, {
      ...options,
      patience: 3,
      onStep: ({ secondsLeft }) => left.push(secondsLeft),
    });
    expect(ended).toBe('patience');
    expect(left.at(-2)).toBeGreaterThan(0);
    expect(left.at(-1)).toBe(0);
    const validations = history.filter((entry) => entry.validation !== undefined);
    const best = validations.findIndex((entry) => entry.validation === bestValidation);
    expect(best).toBe(validations.length - 4);
    expect(steps).toBe(validations.at(-1)!.step);
    expect((await flow.lossAndGradient(rows)).loss).toBeCloseTo(bestValidation!, 12);
    // As far as it went it is the run without patience.
    const whole = await fit(new AffineFlow(2), rows, { ...options, steps });
    expect(whole.history.map((entry) => entry.loss)).toEqual(history.map((entry) => entry.loss));
  });
});

describe('budgets', () => {
  it('ends with the time, however many steps there are', async () => {
    steadyClock();
    const events: StepEvent[] = [];
    const onStep = (event: StepEvent) => void events.push(event);
    const options = { seconds: 0.0595, onStep, validation: rows };
    const { ended, steps, history } = await fit(new AffineFlow(2), rows, options);
    // A millisecond each.
    expect({ ended, steps }).toEqual({ ended: 'seconds', steps: 60 });
    expect(history.at(-1)!.seconds).toBeCloseTo(0.06, 12);
    expect(events).toHaveLength(60);
    expect(events.at(-1)!.secondsLeft).toBe(0);
    expect(events[29]!.secondsLeft).toBeCloseTo(0.0295, 12);
    // A twentieth of the time lies between validations, and the last step has one.
    const validated = events.filter((event) => event.validation !== undefined).map((event) => event.step);
    expect(validated).toEqual(Array.from({ length: 20 }, (_, i) => Math.ceil((59.5 * (i + 1)) / 20)));
  });

  it('ends with the steps where there is time enough', async () => {
    const { ended, steps } = await fit(new AffineFlow(2), rows, { seconds: 60, steps: 7 });
    expect({ ended, steps }).toEqual({ ended: 'steps', steps: 7 });
  });

  it('are used up by whichever is nearer to its end', () => {
    expect(usedUp({ steps: 10, seconds: Infinity }, 5, 100)).toBe(0.5);
    expect(usedUp({ steps: Infinity, seconds: 8 }, 5, 2)).toBe(0.25);
    expect(usedUp({ steps: 10, seconds: 8 }, 5, 6)).toBe(0.75);
    expect(usedUp({ steps: 10, seconds: 8 }, 5, 9)).toBe(1);
  });
});

describe('the learning rate', () => {
  it('rises over the warm-up and follows the schedule over the rest', () => {
    const budget = { steps: 14, seconds: Infinity };
    const factors = Array.from({ length: 14 }, (_, step) => rateFactor(schedules.linear, 4, budget, step, 0));
    const expected = [0.25, 0.5, 0.75, 1, 1, 0.9, 0.8, 0.7, 0.6, 0.5, 0.4, 0.3, 0.2, 0.1];
    factors.forEach((factor, i) => expect(factor).toBeCloseTo(expected[i]!, 14));
  });

  it('follows the time where that is the budget', () => {
    const budget = { steps: Infinity, seconds: 8 };
    expect(rateFactor(schedules.cosine, 0, budget, 1000, 4)).toBeCloseTo(0.5, 14);
    expect(rateFactor(schedules.linear, 0, budget, 1000, 6)).toBeCloseTo(0.25, 14);
  });

  it('is told with each step', async () => {
    const rates: number[] = [];
    const onStep = ({ learningRate }: StepEvent) => void rates.push(learningRate);
    await fit(new AffineFlow(2), rows, {
      steps: 4,
      warmUp: 2,
      schedule: 'linear',
      learningRate: 0.1,
      onStep,
    });
    [0.05, 0.1, 0.1, 0.05].forEach((rate, i) => expect(rates[i]).toBeCloseTo(rate, 14));
  });
});

describe('logDet', () => {
  it('shifts what is told and nothing else', async () => {
    const options: FitOptions = { steps: 5, batchSize: 40, validation: rows, validateEvery: 2 };
    const [plain, shifted] = [new AffineFlow(2), new AffineFlow(2)];
    const first = await fit(plain, rows, options);
    const second = await fit(shifted, rows, { ...options, logDet: -2.5 });
    expect(shifted.parameters.flat).toEqual(plain.parameters.flat);
    expect(second.bestValidation).toBe(first.bestValidation! + 2.5);
    second.history.forEach((entry, i) => expect(entry.loss).toBe(first.history[i]!.loss + 2.5));
    // A loss that is no likelihood has no units of the data.
    const objective = { ...likelihood, nats: false };
    const other = await fit(new AffineFlow(2), rows, { ...options, logDet: -2.5, objective });
    expect(other.loss).toBe(first.loss);
    expect(other.bestValidation).toBe(second.bestValidation);
  });
});

describe('threads', () => {
  it('do not change the parameters, by a bit', async () => {
    const after = async (threads: number) => {
      const flow = small();
      await fit(flow, rows, { steps: 20, batchSize: 100, seed: 3, threads, clipNorm: 1, weightDecay: 0.01 });
      return flow.parameters.flat;
    };
    expect(await after(2)).toEqual(await after(1));
  });
});
