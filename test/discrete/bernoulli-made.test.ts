import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bernoulliMade, made } from '../../src/discrete/index.ts';
import type { BernoulliMade, MadeModelOptions } from '../../src/discrete/index.ts';
import type { Matrix } from '../../src/matrix.ts';
import { load, loadBernoulliMade } from '../../src/models/index.ts';
import { namedStream, normal, uniform } from '../../src/random/index.ts';
import { encodeFlow, fit } from '../../src/train/index.ts';
import { difference } from '../flow/differences.ts';
import { expectClose, mean, normalRows } from '../flow/rows.ts';

const exact = { precision: 'float64' } as const;

/** With parameters at random, so that features depend on each other. */
function moved(options: MadeModelOptions, by = 1): BernoulliMade {
  const model = bernoulliMade({ activation: 'tanh', hidden: [12, 10], ...options });
  const { flat } = model.parameters;
  for (let i = 0; i < flat.length; i++) flat[i] = flat[i]! + by * normal(1, namedStream('moved'), i);
  return model;
}

/** Every row of zeros and ones. */
function allRows(dim: number): Matrix {
  const data = Float64Array.from(
    { length: 2 ** dim * dim },
    (_, i) => (Math.floor(i / dim) >> (i % dim)) & 1,
  );
  return { data, rows: 2 ** dim, cols: dim };
}

const drawn = fc.record({
  dim: fc.integer({ min: 2, max: 6 }),
  contextDim: fc.integer({ min: 0, max: 2 }),
  masks: fc.integer({ min: 1, max: 4 }),
  hidden: fc.array(fc.integer({ min: 1, max: 12 }), { minLength: 1, maxLength: 3 }),
  degrees: fc.oneof(fc.constantFrom('equal' as const, 'cyclic' as const), fc.integer({ min: 0, max: 99 })),
  seed: fc.integer({ min: 0, max: 1000 }),
});

/** One context for all rows. */
function contextFor({ contextDim }: { contextDim: number }, rows: number): { context?: number[][] } {
  const row = Array.from({ length: contextDim }, (_, j) => 0.7 - j);
  return contextDim === 0 ? {} : { context: Array.from({ length: rows }, () => row) };
}

describe('a MADE of zeros and ones', () => {
  it('has probabilities whose sum over all rows is one', async () => {
    await fc.assert(
      fc.asyncProperty(drawn, async (options) => {
        const model = moved(options);
        const x = allRows(options.dim);
        const logProb = await model.logProb(x, { ...exact, ...contextFor(options, x.rows) });
        expect(logProb.reduce((sum, value) => sum + Math.exp(value), 0)).toBeCloseTo(1, 12);
      }),
      { numRuns: 15, seed: 1 },
    );
  });

  it('is autoregressive in the order of each set: a flipped feature moves later ones only', async () => {
    const moving = new Set<boolean>();
    await fc.assert(
      fc.asyncProperty(drawn, async (options) => {
        const model = moved(options);
        const { dim } = options;
        const x = allRows(dim);
        const call = { ...exact, ...contextFor(options, x.rows) };
        for (const [set, order] of model.orders.entries()) {
          const before = await model.conditionals(x, { ...call, set });
          for (const [place, flipped] of order.entries()) {
            const data = x.data.map((value, i) => (i % dim === flipped ? 1 - value : value));
            const after = await model.conditionals({ ...x, data }, { ...call, set });
            const sees = (j: number): boolean =>
              after.data.some((p, i) => i % dim === j && p !== before.data[i]);
            for (const j of order.slice(0, place + 1)) expect(sees(j)).toBe(false);
            for (const j of order.slice(place + 1)) moving.add(sees(j));
          }
        }
      }),
      { numRuns: 8, seed: 2 },
    );
    expect(moving).toContain(true);
  });

  it('is the product of its conditionals, and the mean of its sets', async () => {
    const model = moved({ dim: 4, masks: 3, degrees: 5, contextDim: 1 });
    const x = allRows(4);
    const call = { ...exact, context: normalRows(x.rows, 1, 4) };
    const bySet = await Promise.all(
      [0, 1, 2].map(async (set) => {
        const { data } = await model.conditionals(x, { ...call, set });
        return Array.from({ length: x.rows }, (_, row) =>
          [0, 1, 2, 3].reduce((product, j) => {
            const p = data[4 * row + j]!;
            return product * (x.data[4 * row + j] === 1 ? p : 1 - p);
          }, 1),
        );
      }),
    );
    const expected = bySet[0]!.map((_, row) => Math.log(mean(bySet.map((one) => one[row]!))));
    const found = await model.logProb(x, call);
    expectClose(found, expected, 1e-12);
    expectClose(await model.logProb(x, { ...call, engine: 'reference' }), expected, 1e-12);
    expectClose(await model.logProb(x, { ...call, engine: 'wasm' }), expected, 1e-12);
    expectClose(await model.logProb(x, { ...call, precision: 'float32' }), expected, 1e-5);
  });

  it('has the gradient of its loss', async () => {
    const model = moved({ dim: 5, masks: 3, degrees: 2 });
    const x = { ...allRows(5), rows: 9, data: allRows(5).data.subarray(10, 55) };
    const direction = normalRows(1, model.parameters.count, 9).data;
    const { flat } = model.parameters;
    const before = flat.slice();
    for (const training of [false, true]) {
      const call = { ...exact, training, seed: 5 };
      const found = await model.lossAndGradient(x, call);
      if (!training) expect(found.loss).toBeCloseTo(-mean(await model.logProb(x, exact)), 12);
      const slope = await difference(async (t) => {
        before.forEach((value, i) => (flat[i] = value + t * direction[i]!));
        const { loss } = await model.lossAndGradient(x, call);
        flat.set(before);
        return loss;
      }, 1e-3);
      const along = found.flat.reduce((sum, value, i) => sum + value * direction[i]!, 0);
      expect(along).toBeCloseTo(slope, 7);
    }
  });

  it('draws rows as often as it says', async () => {
    const model = moved({ dim: 4, masks: 3, degrees: 1 });
    const count = 20_000;
    const { data } = await model.sample(count, { ...exact, seed: 3 });
    const seen = new Float64Array(16);
    for (let row = 0; row < count; row++) {
      const bits = [0, 1, 2, 3].map((j) => data[4 * row + j]!);
      expect(bits.every((bit) => bit === 0 || bit === 1)).toBe(true);
      const place = bits.reduce((sum, bit, j) => sum + bit * 2 ** j, 0);
      seen[place] = seen[place]! + 1;
    }
    const expected = (await model.logProb(allRows(4), exact)).map((value) => count * Math.exp(value));
    // Chi-square with 15 degrees of freedom: above 44.3 once in ten thousand.
    const square = expected.reduce((sum, n, i) => sum + (seen[i]! - n) ** 2 / n, 0);
    expect(square).toBeLessThan(44.3);
    expect((await model.sample(7, { ...exact, seed: 3 })).data).toEqual(data.subarray(0, 28));
  });

  it('learns what depends on what', async () => {
    // x_2 = x_0 xor x_1, and x_3 a coin: 3 ln 2 nats.
    const rows = 512;
    const data = Float64Array.from({ length: 4 * rows }, (_, i) => {
      const coin = (j: number): number => Number(uniform(1, 2, 4 * Math.floor(i / 4) + j) < 0.5);
      return i % 4 === 2 ? (coin(0) + coin(1)) % 2 : coin(i % 4);
    });
    const model = bernoulliMade({ dim: 4, masks: 2, hidden: [32], seed: 1 });
    const x = { data, rows, cols: 4 };
    expect(-mean(await model.logProb(x))).toBeCloseTo(4 * Math.LN2, 6);
    await fit(model, x, { steps: 400, batchSize: 64, learningRate: 2e-2, schedule: 'cosine' });
    expect(-mean(await model.logProb(x))).toBeLessThan(3 * Math.LN2 + 0.05);
  });

  it('is saved and loaded to the same bits', async () => {
    const model = moved({ dim: 3, masks: 2, degrees: 6, seed: 5 });
    const bytes = encodeFlow(model);
    const loaded = await loadBernoulliMade(bytes);
    expect(encodeFlow(loaded)).toEqual(bytes);
    const x = allRows(3);
    expect(await loaded.logProb(x)).toEqual(await model.logProb(x));
    expect(await loaded.sample(9)).toEqual(await model.sample(9));
    await expect(load(bytes)).rejects.toThrow(/loadBernoulliMade reads it/);
    await expect(loadBernoulliMade(encodeFlow(made({ dim: 3 })))).rejects.toMatchObject({ code: 'bad-file' });
  });

  it('refuses what is neither zero nor one, and sets that are not there', async () => {
    const model = bernoulliMade({ dim: 3, masks: 2 });
    const wrong = [
      [0, 1, 1],
      [1, 0.5, 0],
    ];
    const message = 'x: expected zeros and ones; row 1, column 1 is 0.5.';
    const refusal = { code: 'invalid-data', message };
    await expect(model.logProb(wrong)).rejects.toMatchObject(refusal);
    await expect(model.lossAndGradient(wrong)).rejects.toMatchObject(refusal);
    await expect(model.conditionals(wrong)).rejects.toMatchObject(refusal);
    const notANumber = model.logProb([[0, NaN, 1]], { onFailure: 'report' });
    await expect(notANumber).rejects.toMatchObject({ code: 'invalid-data' });
    await expect(model.conditionals([[0, 1, 0]], { set: 2 })).rejects.toThrow(
      /^set: expected a whole number/,
    );
    expect(() => bernoulliMade({ dim: 3, layers: 2 } as MadeModelOptions)).toThrow(
      /Unknown option of bernoulliMade 'layers'/,
    );
  });
});
