import { describe, expect, it } from 'vitest';
import { fitGaussian, gaussian, realNVP } from '../../src/discrete/index.ts';
import { LiouvilleError } from '../../src/errors.ts';
import type { Matrix } from '../../src/matrix.ts';
import { fit } from '../../src/train/index.ts';
import { normal } from '../../src/random/index.ts';

const MEAN = [3, -1, 0.5];
/** Cov = MIX MIX^T. */
const MIX = [
  [2, 0, 0],
  [-1, 0.5, 0],
  [0.3, 1, 4],
];

function rows(count: number, seed: number): Matrix {
  const data = new Float64Array(3 * count);
  for (let i = 0; i < count; i++) {
    const z = [0, 1, 2].map((j) => normal(seed, 0, 3 * i + j));
    MEAN.forEach((mean, j) => (data[3 * i + j] = MIX[j]!.reduce((sum, m, k) => sum + m * z[k]!, mean)));
  }
  return { data, rows: count, cols: 3 };
}

const exact = { engine: 'reference' } as const;

describe('gaussian', () => {
  it('refuses more columns than a full covariance can have', () => {
    expect(() => gaussian({ dim: 100_000 })).toThrow(/dim: a matrix of 100000 x 100000 .* at most 8192/);
  });
});

describe('fitGaussian', () => {
  it('finds the density that the rows come from', async () => {
    const flow = gaussian({ dim: 3 });
    fitGaussian(flow, rows(20_000, 1));
    const found = await flow.logProb([MEAN], exact);
    // At its mean: -log det MIX - 3 log(2 pi) / 2, known to a few parts in a hundred from so many rows.
    expect(found[0]).toBeCloseTo(-Math.log(2 * 0.5 * 4) - 1.5 * Math.log(2 * Math.PI), 1);
    const { logDet } = await flow.transform([MEAN], exact);
    expect(logDet[0]).toBeCloseTo(-Math.log(4), 1);
  });

  it('leaves nothing to gain: the gradient of the likelihood vanishes', async () => {
    const x = rows(500, 2);
    const flow = gaussian({ dim: 3 });
    const before = await flow.lossAndGradient(x, exact);
    fitGaussian(flow, x);
    const { loss, flat } = await flow.lossAndGradient(x, exact);
    expect(Math.max(...flat.map(Math.abs))).toBeLessThan(1e-12);
    expect(loss).toBeLessThan(before.loss);
    expect(flow.parameters.count).toBe(9);
  });

  it('is what training step by step comes to', async () => {
    const x = rows(200, 3);
    const [closed, trained] = [gaussian({ dim: 3 }), gaussian({ dim: 3 })];
    fitGaussian(closed, x);
    await fit(trained, x, { steps: 600, batchSize: 200, learningRate: 0.05, schedule: 'cosine', ...exact });
    const { loss } = await closed.lossAndGradient(x, exact);
    expect((await trained.lossAndGradient(x, exact)).loss).toBeCloseTo(loss, 4);
  });

  it('draws rows with the moments of the data', async () => {
    const x = rows(1000, 4);
    const flow = gaussian({ dim: 3 });
    fitGaussian(flow, x);
    const again = gaussian({ dim: 3 });
    fitGaussian(again, await flow.sample(50_000, exact));
    const [first, second] = [flow.parameters.flat, again.parameters.flat];
    first.forEach((value, i) => expect(Math.abs(value - second[i]!)).toBeLessThan(0.05));
  });

  it('works in one dimension', async () => {
    const flow = gaussian({ dim: 1 });
    fitGaussian(flow, [[1], [3]]);
    expect((await flow.logProb([[2]], exact))[0]).toBeCloseTo(-0.5 * Math.log(2 * Math.PI), 12);
  });

  it.each<[string, () => void, string, RegExp]>([
    ['another flow', () => fitGaussian(realNVP({ dim: 2 }), [[1, 2]]), 'invalid-argument', /got 'realnvp'/],
    [
      'a flow with context',
      () => fitGaussian(gaussian({ dim: 2, contextDim: 1 }), [[1, 2]]),
      'invalid-argument',
      /contextDim 1/,
    ],
    ['other widths', () => fitGaussian(gaussian({ dim: 2 }), [[1, 2, 3]]), 'shape-mismatch', /rows of 2/],
    [
      'a column that follows from others',
      () => fitGaussian(gaussian({ dim: 2 }), [[1, 2], [2, 4], [5, 10]]), // prettier-ignore
      'invalid-data',
      /column 1 is constant, or a combination/,
    ],
    [
      'fewer rows than columns',
      () => fitGaussian(gaussian({ dim: 3 }), rows(2, 1)),
      'invalid-data',
      /covariance has no inverse/,
    ],
  ])('refuses %s', (_, call, code, message) => {
    expect(call).toThrow(
      expect.objectContaining({ code, message: expect.stringMatching(message) as string }),
    );
    expect(call).toThrow(LiouvilleError);
  });
});
