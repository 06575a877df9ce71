import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { autoregressive, made, randomPermutation, univariates } from '../../src/discrete/index.ts';
import type { Made, MadeModelOptions } from '../../src/discrete/index.ts';
import { load, loadMade } from '../../src/models/index.ts';
import { namedStream, normal } from '../../src/random/index.ts';
import { encodeFlow, fit, save } from '../../src/train/index.ts';
import { difference } from '../flow/differences.ts';
import { jacobianByDifferentiation } from '../flow/jacobian.ts';
import { expectClose, mean, normalRows } from '../flow/rows.ts';
import { flowOf } from '../flow/transforms.ts';
import { temporaryFolder } from '../support/temporary.ts';

const exact = { precision: 'float64' } as const;

/** With parameters at random, so that features depend on each other. */
function moved(options: MadeModelOptions, by = 0.6): Made {
  const model = made({ activation: 'tanh', hidden: [12, 10], ...options });
  const { flat } = model.parameters;
  for (let i = 0; i < flat.length; i++) flat[i] = flat[i]! + by * normal(1, namedStream('moved'), i);
  return model;
}

describe('a MADE with several sets of masks', () => {
  it('is autoregressive in the order of each set, by its Jacobian', async () => {
    const drawn = fc.record({
      dim: fc.integer({ min: 2, max: 6 }),
      contextDim: fc.integer({ min: 0, max: 2 }),
      masks: fc.integer({ min: 1, max: 4 }),
      hidden: fc.array(fc.integer({ min: 2, max: 12 }), { minLength: 1, maxLength: 3 }),
      degrees: fc.oneof(
        fc.constantFrom('equal' as const, 'cyclic' as const),
        fc.integer({ min: 0, max: 99 }),
      ),
      seed: fc.integer({ min: 0, max: 1000 }),
    });
    await fc.assert(
      fc.asyncProperty(drawn, async (options) => {
        const model = moved(options);
        const { dim, contextDim, seed, masks } = options;
        const x = normalRows(2, dim, seed).data as Float64Array;
        const context = contextDim > 0 ? (normalRows(2, contextDim, seed + 1).data as Float64Array) : null;
        const tables = { trained: model.parameters, state: model.state };
        expect(model.orders).toHaveLength(masks);
        for (const [set, { parts }] of model.flows.entries()) {
          const { jacobians } = await jacobianByDifferentiation(parts!.transform, tables, x, context);
          const order = model.orders[set]!;
          for (let row = 0; row < 2; row++) {
            order.forEach((i, place) => {
              expect(jacobians[(row * dim + i) * dim + i]).toBeGreaterThan(0);
              for (const j of order.slice(place + 1)) {
                expect(Math.abs(jacobians[(row * dim + j) * dim + i]!)).toBe(0);
              }
            });
          }
        }
      }),
      { numRuns: 12, seed: 4 },
    );
  });

  it('has the weights of one, in orders that differ, and with them features that depend on others', async () => {
    const model = moved({ dim: 5, masks: 6, degrees: 3 });
    const one = autoregressive({
      dim: 5,
      hidden: [12, 10],
      activation: 'tanh',
      univariate: univariates.affine(),
    });
    expect(model.parameters.count).toBe(flowOf(one).parameters.count);
    expect(new Set(model.orders.map(String)).size).toBeGreaterThan(4);
    for (const flow of model.flows) expect(flow.parameters.flat).toBe(model.parameters.flat);
    const x = normalRows(3, 5, 1);
    const each = await Promise.all(model.flows.map(async (flow) => [...(await flow.logProb(x, exact))]));
    expect(new Set(each.map(String)).size).toBe(6);
    // The same order with other units: connectivity alone makes another model.
    const { flows } = moved({ dim: 5, masks: 2, orders: 'same', degrees: 3, hidden: [6, 5] });
    const [a, b] = await Promise.all(flows.map(async (flow) => flow.logProb(x, exact)));
    expect(a).not.toEqual(b);
  });

  it.each([
    { dim: 3, masks: 5 },
    { dim: 4, masks: 3, degrees: 2, contextDim: 2 },
    { dim: 2, orders: [[1, 0]] },
  ])('has the mean of the densities of its sets, and the gradient of that: %o', async (options) => {
    const model = moved(options);
    const { dim, contextDim, flows } = model;
    const x = normalRows(4, dim, 2);
    const settings = { ...exact, ...(contextDim > 0 && { context: normalRows(4, contextDim, 3) }) };
    const each = await Promise.all(flows.map(async (flow) => flow.logProb(x, settings)));
    const found = await model.logProb(x, settings);
    expectClose(
      found,
      found.map((_, row) => Math.log(mean(each.map((values) => Math.exp(values[row]!))))),
      1e-12,
    );
    expectClose(found, await model.logProb(x, { ...settings, engine: 'reference' }), 1e-11);
    const direction = normalRows(1, model.parameters.count, 9).data;
    const { flat } = model.parameters;
    const before = flat.slice();
    for (const training of [false, true]) {
      const call = { ...settings, training, seed: 5 };
      const { flat: gradient, loss, cotangents } = await model.lossAndGradient(x, call);
      expect(cotangents!.x).toHaveLength(4 * dim);
      if (!training) expect(loss).toBeCloseTo(-mean(found), 12);
      const slope = await difference(async (t) => {
        before.forEach((value, i) => (flat[i] = value + t * direction[i]!));
        const at = await model.lossAndGradient(x, call);
        flat.set(before);
        return at.loss;
      }, 1e-3);
      expect(Array.from(gradient, (value, i) => value * direction[i]!).reduce((a, b) => a + b)).toBeCloseTo(
        slope,
        7,
      );
    }
  });

  it('is a density: its integral is one', async () => {
    const model = moved({ dim: 2, masks: 4 });
    const [count, reach] = [241, 12];
    const h = (2 * reach) / (count - 1);
    const grid = Float64Array.from({ length: 2 * count * count }, (_, i) => {
      const at = Math.floor(i / 2);
      return h * (i % 2 === 0 ? at % count : Math.floor(at / count)) - reach;
    });
    const logProb = await model.logProb({ data: grid, rows: count * count, cols: 2 }, exact);
    expect(logProb.reduce((sum, value) => sum + Math.exp(value), 0) * h * h).toBeCloseTo(1, 5);
  });

  it('draws each row from one of its sets, the same for any count', async () => {
    const model = moved({ dim: 3, masks: 4, contextDim: 1 }, 0.3);
    const context = normalRows(4000, 1, 3);
    const { data } = await model.sample(4000, { ...exact, seed: 2, context });
    const few = { ...context, data: context.data.subarray(0, 7), rows: 7 };
    expect((await model.sample(7, { ...exact, seed: 2, context: few })).data).toEqual(data.subarray(0, 21));
    // E of another density over the model's own is 1, whatever the sets that the draws came from.
    const logProb = await model.logProb({ data, rows: 4000, cols: 3 }, { ...exact, context });
    const weights = logProb.map((value, row) => {
      const square = [0, 1, 2].reduce((sum, j) => sum + data[3 * row + j]! ** 2, 0);
      return Math.exp(-square / (2 * 0.36) - 1.5 * Math.log(2 * Math.PI * 0.36) - value);
    });
    const error = Math.sqrt(mean(weights.map((w) => (w - mean(weights)) ** 2)) / 4000);
    expect(Math.abs(mean(weights) - 1)).toBeLessThan(4 * error);
    expect(error).toBeLessThan(0.05);
  });

  it('trains all sets, goes on after a stop to the same bits, and its mixture is better than they are', async () => {
    // A ring: what one order finds hard to say differs from another.
    const rows = 2000;
    const data = Float64Array.from({ length: 2 * rows }, (_, i) => {
      const angle = 2 * Math.PI * (Math.floor(i / 2) / rows);
      return (i % 2 === 0 ? Math.cos(angle) : Math.sin(angle)) + 0.1 * normal(1, 7, i);
    });
    const x = { data, rows, cols: 2 };
    const checkpoint = temporaryFolder({});
    const train = async (stopAt: number | null, resume: boolean): Promise<Made> => {
      const model = made({ dim: 2, masks: 4, degrees: 1, hidden: [32, 32], seed: 1 });
      const stop = new AbortController();
      await fit(model, x, {
        steps: 300,
        batchSize: 128,
        learningRate: 5e-3,
        seed: 1,
        checkpoint,
        checkpointEvery: 50,
        resume,
        signal: stop.signal,
        onStep: ({ step }) => void (step === stopAt && stop.abort()),
      }).catch((error: unknown) => expect(error).toMatchObject({ code: 'aborted' }));
      return model;
    };
    const before = made({ dim: 2, masks: 4, degrees: 1, hidden: [32, 32], seed: 1 });
    const model = await train(null, false);
    const of = async (which: Pick<Made, 'logProb'>): Promise<number> => mean(await which.logProb(x));
    const each = await Promise.all(model.flows.map(of));
    for (const [set, value] of each.entries()) {
      expect(value).toBeGreaterThan((await of(before.flows[set]!)) + 0.2);
    }
    // Jensen: the log of a mean is above the mean of logs, and not by rounding.
    expect(await of(model)).toBeGreaterThan(mean(each) + 0.01);
    await train(120, false);
    expect((await train(null, true)).parameters.flat).toEqual(model.parameters.flat);
  });

  it('is saved and loaded to the same bits', async () => {
    const model = moved({ dim: 3, masks: 4, degrees: 6, contextDim: 1, seed: 5 });
    const path = `${temporaryFolder({})}/made.safetensors`;
    await save(model, path);
    const loaded = await loadMade(path);
    expect(encodeFlow(loaded)).toEqual(encodeFlow(model));
    expect(loaded.orders).toEqual(model.orders);
    const options = { ...exact, context: normalRows(5, 1, 2) };
    const x = normalRows(5, 3, 1);
    expect(await loaded.logProb(x, options)).toEqual(await model.logProb(x, options));
    expect(await loaded.sample(5, options)).toEqual(await model.sample(5, options));
    const bytes = encodeFlow(model);
    await expect(load(bytes)).rejects.toThrow(/holds a model 'made'; loadMade reads it/);
    await expect(loadMade(encodeFlow(flowOf(model.flows[0]!.parts!.transform)))).rejects.toMatchObject({
      code: 'bad-file',
    });
    for (let length = 0; length < bytes.length; length += 1 + Math.floor(bytes.length / 40)) {
      await expect(loadMade(bytes.slice(0, length))).rejects.toMatchObject({ code: 'bad-file' });
    }
  });

  it('has orders that are given, again and again', () => {
    const orders = [
      [0, 1, 2],
      [2, 1, 0],
    ];
    expect(made({ dim: 3, orders }).orders).toEqual(orders);
    expect(made({ dim: 3, orders, masks: 3, degrees: 1 }).orders).toEqual([...orders, orders[0]]);
    expect(made({ dim: 3, seed: 4 }).orders[2]).toEqual(randomPermutation(3, 6));
  });

  it.each<[object, string, RegExp]>([
    [{ dim: 1 }, 'invalid-argument', /^dim/],
    [{ masks: 0 }, 'invalid-argument', /^masks/],
    [{ orders: [] }, 'invalid-argument', /^masks/],
    [{ orders: [[0, 0, 1]] }, 'invalid-argument', /^order: expected the numbers from 0 to 2/],
    [{ orders: 'other' }, 'unknown-name', /orders 'other'/],
    [{ degrees: -1 }, 'invalid-argument', /^degrees/],
    [{ hidden: 4 }, 'invalid-argument', /^hidden/],
    [{ activation: 'tan' }, 'unknown-name', /'tan'/],
    [{ layers: 2 }, 'unknown-name', /Unknown option of made 'layers'/],
  ])('refuses %j', (options, code, message) => {
    const make = made as (options: object) => Made;
    expect(() => make({ dim: 3, ...options })).toThrow(
      expect.objectContaining({ code, message: expect.stringMatching(message) as string }),
    );
  });

  it('refuses rows and context that do not fit', async () => {
    const model = made({ dim: 3, masks: 2 });
    const conditioned = made({ dim: 3, masks: 2, contextDim: 1 });
    const x = normalRows(2, 3, 1);
    await expect(model.logProb(normalRows(2, 2, 1))).rejects.toMatchObject({ code: 'shape-mismatch' });
    await expect(model.logProb(x, { context: normalRows(2, 1, 1) })).rejects.toThrow(
      /^context: expected none/,
    );
    await expect(conditioned.logProb(x)).rejects.toThrow(/^context: expected 2 rows of 1 numbers; got none/);
    await expect(conditioned.sample(3)).rejects.toThrow(/^context: expected 3 rows/);
    await expect(model.sample(0)).rejects.toThrow(/^count/);
  });
});
