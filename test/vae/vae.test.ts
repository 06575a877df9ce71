import { describe, expect, it } from 'vitest';
import { continuous, networkField } from '../../src/cnf/index.ts';
import {
  autoregressive,
  batchNorm,
  planar,
  residual,
  sylvester,
  univariates,
} from '../../src/discrete/index.ts';
import { chain, invert } from '../../src/flow/index.ts';
import type { Transform } from '../../src/flow/index.ts';
import type { Matrix } from '../../src/matrix.ts';
import { constant } from '../../src/program/index.ts';
import { namedStream, normal } from '../../src/random/index.ts';
import { fit, save } from '../../src/train/index.ts';
import { binarise, vae } from '../../src/vae/index.ts';
import type { Vae, VaeOptions } from '../../src/vae/index.ts';
import { difference } from '../flow/differences.ts';
import { expectClose, mean, normalRows } from '../flow/rows.ts';
import { temporaryFolder } from '../support/temporary.ts';

const of = { dim: 2, contextDim: 3 };
const posteriors: Readonly<Record<string, Transform | undefined>> = {
  none: undefined,
  planar: chain([0, 1].map(() => invert(planar(of)))),
  sylvester: invert(sylvester(of)),
  iaf: invert(autoregressive({ ...of, univariate: univariates.affine(), hidden: [4] })),
  'planar that sees no context': invert(planar({ dim: 2 })),
  cnf: continuous({
    ...of,
    field: networkField({ hidden: [4], layer: 'concatsquash', activation: 'tanh' }),
    fieldPath: 'field',
    endTime: () => constant([0.5], { k: 1, n: 1 }),
  }),
};
const names = Object.keys(posteriors);

/** A small model with parameters at random, so that codes matter and posteriors are bent. */
function small(posterior: string, more: Partial<VaeOptions> = {}): Vae {
  const transform = posteriors[posterior];
  const model = vae({
    dim: 6,
    latentDim: 2,
    hidden: [5, 4],
    contextDim: 3,
    activation: 'tanh',
    ...(transform && { posterior: transform }),
    ...more,
  });
  const { flat } = model.parameters;
  for (let i = 0; i < flat.length; i++) flat[i] = flat[i]! + 0.4 * normal(1, namedStream('moved'), i);
  // Far from 1, so that a slip in its density would show.
  model.parameters.set('posterior.log_variance.bias', [1, 0.7]);
  return model;
}

function bits(rows: number, cols: number, seed = 3): Matrix {
  return binarise({ data: new Float64Array(rows * cols).fill(0.4), rows, cols }, { seed });
}

const exact = { engine: 'reference', trace: 'exact', solver: 'rk4', stepSize: 0.05 } as const;

/** log p(x) by quadrature over the codes: the trapezoidal rule, exact to all digits for smooth functions that vanish. */
async function evidence(model: Vae, { data, rows, cols }: Matrix): Promise<Float64Array> {
  const [count, reach] = [101, 7];
  const h = (2 * reach) / (count - 1);
  const z = new Float64Array(2 * count * count);
  for (let i = 0; i < count * count; i++) {
    z.set([h * (i % count) - reach, h * Math.floor(i / count) - reach], 2 * i);
  }
  const probabilities = (await model.decode({ data: z, rows: count * count, cols: 2 }, exact)).data;
  return Float64Array.from({ length: rows }, (_, row) => {
    let sum = 0;
    for (let i = 0; i < count * count; i++) {
      let product = (h * h * Math.exp(-(z[2 * i]! ** 2 + z[2 * i + 1]! ** 2) / 2)) / (2 * Math.PI);
      for (let j = 0; j < cols; j++) {
        const p = probabilities[i * cols + j]!;
        product *= data[row * cols + j] === 1 ? p : 1 - p;
      }
      sum += product;
    }
    return Math.log(sum);
  });
}

describe.each(names)('a variational autoencoder with the posterior %s', (posterior) => {
  it('has the gradient of its loss', async () => {
    const model = small(posterior);
    const x = bits(4, 6);
    const settings = { ...exact, seed: 5 };
    const { gradient, flat, loss } = await model.lossAndGradient(x, settings);
    expect(loss).toBeCloseTo(-mean(await model.logProb(x, settings)), 12);
    expect(flat).toHaveLength(model.parameters.count);
    for (const name of model.parameters.names()) {
      const { data } = model.parameters.get(name);
      const before = data.slice();
      const direction = normalRows(1, data.length, 4).data;
      const slope = await difference(async (t) => {
        before.forEach((value, i) => (data[i] = value + t * direction[i]!));
        const at = await model.lossAndGradient(x, settings);
        data.set(before);
        return at.loss;
      }, 1e-3);
      const found = Array.from(direction, (value, i) => value * gradient.get(name)!.data[i]!).reduce(
        (a, b) => a + b,
      );
      expect({ name, reached: found !== 0 }).toEqual({ name, reached: true });
      expect(Math.abs(found - slope)).toBeLessThan(1e-7 * Math.max(1, Math.abs(found)));
    }
  });

  it('has weights whose mean is p(x), and bounds below log p(x) that rise to it', async () => {
    const model = small(posterior);
    const x = bits(2, 6);
    const truth = await evidence(model, x);
    const options = { ...exact, engine: 'native', precision: 'float64', seed: 9 } as const;
    const repeat = 12_000;
    for (let row = 0; row < x.rows; row++) {
      const one = x.data.subarray(6 * row, 6 * row + 6);
      const many = { data: new Float64Array(6 * repeat).map((_, i) => one[i % 6]!), rows: repeat, cols: 6 };
      const logWeights = await model.bound(many, options);
      const weights = logWeights.map((value) => Math.exp(value - truth[row]!));
      const error = (values: Float64Array): number => {
        const centre = mean(values);
        return Math.sqrt(mean(values.map((value) => (value - centre) ** 2)) / values.length);
      };
      expect(Math.abs(mean(weights) - 1)).toBeLessThan(4 * error(weights));
      expect(error(weights)).toBeLessThan(0.03);
      // Jensen: below by more than the noise, and with more draws nearer.
      expect(mean(logWeights)).toBeLessThan(truth[row]! - 3 * error(logWeights));
      const several = { ...many, data: many.data.subarray(0, 6 * 100), rows: 100 };
      const of20 = mean(await model.bound(several, { ...options, samples: 20 }));
      expect(of20).toBeGreaterThan(mean(logWeights));
      expect(of20).toBeLessThan(truth[row]! + 0.02);
    }
  });

  it('draws the same codes for a row whatever goes with it, and knows their density', async () => {
    const model = small(posterior);
    const x = bits(3, 6);
    const settings = { ...exact, seed: 2 };
    const { z, logProb } = await model.encode(x, settings);
    const { data } = await model.decode(z, settings);
    const logs = Array.from(logProb, (logQ, row) => {
      let sum = -Math.log(2 * Math.PI) - logQ;
      for (let j = 0; j < 2; j++) sum -= z.data[2 * row + j]! ** 2 / 2;
      for (let j = 6 * row; j < 6 * row + 6; j++) sum += Math.log(x.data[j] === 1 ? data[j]! : 1 - data[j]!);
      return sum;
    });
    expectClose(await model.bound(x, settings), logs, 1e-12);
    const first = { data: x.data.subarray(0, 6), rows: 1, cols: 6 };
    // So many draws that the three rows are taken apart.
    const many = { engine: 'native', samples: 5000, seed: 4, trace: 'hutchinson' } as const;
    const [alone, among] = [await model.bound(first, many), await model.bound(x, many)];
    expect(among[0]).toBe(alone[0]);
  });
});

describe('vae', () => {
  it('computes the same on the native engine, in float64 to rounding', async () => {
    for (const posterior of ['planar', 'sylvester', 'cnf']) {
      const model = small(posterior);
      const x = bits(4, 6);
      const [plain, fast] = await Promise.all(
        (['reference', 'native'] as const).map(async (engine) =>
          model.lossAndGradient(x, { ...exact, engine, precision: 'float64' }),
        ),
      );
      expect(fast!.engine).toBe('native');
      expect(fast!.loss).toBeCloseTo(plain!.loss, 11);
      expectClose(fast!.flat, plain!.flat, 1e-11);
    }
  });

  it('learns what rows are made of, resumes, and draws such rows', async () => {
    // Two patterns and their complements of four pixels each: one bit decides, the noise is small.
    const rows = 400;
    const grey = Float64Array.from({ length: rows * 8 }, (_, i) => {
      const [row, column] = [Math.floor(i / 8), i % 8];
      return (row % 2 === 0) === column < 4 ? 0.95 : 0.05;
    });
    const x = binarise({ data: grey, rows, cols: 8 }, { seed: 1 });
    const checkpoint = temporaryFolder({});
    const train = async (steps: number, resume: boolean): Promise<Vae> => {
      const model = vae({ dim: 8, latentDim: 1, hidden: [16], contextDim: 8, seed: 2 });
      const options = { batchSize: 100, learningRate: 1e-2, seed: 1, checkpoint, checkpointEvery: 50 };
      const stop = new AbortController();
      await fit(model, x, {
        ...options,
        steps: 300,
        resume,
        validation: x,
        signal: stop.signal,
        onStep: ({ step }) => void (step === steps && steps < 300 && stop.abort()),
      }).catch((error: unknown) => expect(error).toMatchObject({ code: 'aborted' }));
      return model;
    };
    const whole = await train(300, false);
    await train(120, false);
    const resumed = await train(300, true);
    expect(resumed.parameters.flat).toEqual(whole.parameters.flat);
    await save(whole, `${checkpoint}/model.safetensors`);
    // log 2 for the bit, and eight times the entropy of the noise, 0.199.
    const bound = mean(await whole.bound(x, { samples: 50, seed: 3 }));
    expect(bound).toBeGreaterThan(-Math.LN2 - 8 * 0.199 - 0.4);
    const drawn = await whole.sample(500, { seed: 1 });
    expect((await whole.sample(200, { seed: 1 })).data).toEqual(drawn.data.subarray(0, 1600));
    const halves = Array.from({ length: 500 }, (_, i) => {
      const row = drawn.data.subarray(8 * i, 8 * i + 8);
      return mean(row.subarray(0, 4)) - mean(row.subarray(4));
    });
    expect(halves.filter((apart) => Math.abs(apart) >= 0.5).length).toBeGreaterThan(400);
    expect(Math.abs(mean(halves))).toBeLessThan(0.25);
  });

  it.each<[Partial<VaeOptions>, string, RegExp]>([
    [{ dim: 0 }, 'invalid-argument', /^dim/],
    [{ latentDim: 2.5 }, 'invalid-argument', /^latentDim/],
    [{ activation: 'tan' as 'tanh' }, 'unknown-name', /tan/],
    [{ latent: 2 } as object, 'unknown-name', /latent/],
    [{ posterior: planar({ dim: 3 }) }, 'shape-mismatch', /^posterior: expected a transform of 2 features/],
    [{ posterior: planar({ dim: 2, contextDim: 4 }) }, 'shape-mismatch', /contextDim 0 or 3; got .* 4/],
    [{ posterior: batchNorm({ dim: 2 }) }, 'invalid-argument', /^posterior: a layer that normalises/],
  ])('refuses %o', (more, code, message) => {
    const options = { dim: 6, latentDim: 2, contextDim: 3, ...more };
    expect(() => vae(options)).toThrow(
      expect.objectContaining({ code, message: expect.stringMatching(message) as string }),
    );
  });

  it('refuses rows and options of calls that do not fit', async () => {
    const model = small('none');
    const x = bits(2, 6);
    const half = { ...x, data: x.data.map((value, i) => (i === 7 ? 0.5 : value)) };
    await expect(model.bound(half)).rejects.toMatchObject({
      code: 'invalid-data',
      message: 'x: expected zeros and ones; row 1, column 1 is 0.5. See binarise.',
    });
    await expect(model.bound(bits(2, 5))).rejects.toMatchObject({ code: 'shape-mismatch' });
    await expect(model.bound(x, { samples: 0 })).rejects.toMatchObject({ code: 'invalid-argument' });
    await expect(model.bound(x, { context: x })).rejects.toMatchObject({ code: 'invalid-argument' });
    await expect(model.lossAndGradient(x, { onFailure: 'report' })).rejects.toMatchObject({
      code: 'invalid-argument',
    });
    await expect(model.decode(x)).rejects.toMatchObject({ code: 'shape-mismatch' });
    expect(() => binarise({ data: Float64Array.of(0, 1.5), rows: 1, cols: 2 })).toThrow(/column 1 is 1.5/);
  });

  it('takes a posterior whose logDet is estimated by a series of random length', async () => {
    const posterior = residual({ dim: 2, hidden: [4], contextDim: 3, coefficient: 0.5 });
    const model = small('none', { posterior: invert(posterior) });
    const x = bits(3, 6);
    for (const seed of [1, 2, 3, 4]) {
      const { loss, flat } = await model.lossAndGradient(x, {
        seed,
        trace: 'hutchinson',
        engine: 'reference',
      });
      expect(Number.isFinite(loss)).toBe(true);
      expect(flat.every(Number.isFinite)).toBe(true);
    }
  });
});

describe('binarise', () => {
  it('draws ones with the probability that a number says, the same for a seed', () => {
    const grey = {
      data: Float64Array.from({ length: 3000 }, (_, i) => [0, 0.3, 1][i % 3]!),
      rows: 1000,
      cols: 3,
    };
    const drawn = binarise(grey, { seed: 5 });
    const share = (j: number): number => mean(drawn.data.filter((_, i) => i % 3 === j));
    expect([share(0), share(2)]).toEqual([0, 1]);
    expect(Math.abs(share(1) - 0.3)).toBeLessThan(0.06);
    expect(binarise(grey, { seed: 5 })).toEqual(drawn);
    expect(binarise(grey, { seed: 6 }).data).not.toEqual(drawn.data);
  });
});
