import { describe, expect, test } from 'vitest';
import { encodeClouds, evidence } from '../../../src/pointcloud/index.ts';
import { evidenceAt } from '../../../src/pointcloud/model/evidence.ts';
import { repeated } from '../../../src/pointcloud/model/rows.ts';
import { cloudsFor, modelOf, models } from './models.ts';

const precise = { precision: 'float64', rtol: 1e-9, atol: 1e-9 } as const;

describe('the evidence lower bound, where the latent is one number', () => {
  const model = modelOf({
    latentDim: 1,
    dim: 2,
    encoder: { features: [4], head: [3] },
    decoder: { model: 'realnvp', options: { hidden: [5], layers: 2 } },
    prior: { model: 'ffjord', options: { hidden: [4] } },
  });
  const clouds = cloudsFor(model, [5]);
  // Points of a fine grid, wide enough for prior and posterior.
  const [low, step, count] = [-12, 0.01, 2401];
  const grid = Float64Array.from({ length: count }, (_, i) => low + i * step);
  const integral = (values: ArrayLike<number>): number =>
    step * Array.from(values).reduce((a, b) => a + b, 0);

  /** log p(X | z) + log p(z) on the grid. */
  async function joint(): Promise<Float64Array> {
    const z = { data: grid, rows: count, cols: 1 };
    const prior = await model.prior!.logProb(z, precise);
    const points = { data: new Float64Array(count * 10), rows: count * 5, cols: 2 };
    for (let i = 0; i < count; i++) points.data.set(clouds.data, 10 * i);
    const each = await model.decoder.logProb(points, { ...precise, context: repeated(z, 5) });
    return prior.map((value, i) => value + each.subarray(5 * i, 5 * i + 5).reduce((a, b) => a + b));
  }

  test('is log p(X) less the divergence of the posterior, both by quadrature', async () => {
    const logJoint = await joint();
    const logEvidence = Math.log(integral(logJoint.map(Math.exp)));
    const { mean, logVariance } = await encodeClouds(model, clouds, precise);
    const [m, v] = [mean.data[0]!, Math.exp(logVariance!.data[0]!)];
    const logQ = grid.map((z) => (-0.5 * (z - m) ** 2) / v - 0.5 * Math.log(2 * Math.PI * v));
    const bound = integral(logQ.map((q, i) => Math.exp(q) * (logJoint[i]! - q)));
    const divergence = integral(logQ.map((q, i) => Math.exp(q) * (q - (logJoint[i]! - logEvidence))));
    expect(bound + divergence).toBeCloseTo(logEvidence, 6);
    expect(divergence).toBeGreaterThan(0.01);
    // The same bound of our own terms: the mean over eps by the midpoint rule.
    let own = 0;
    for (let eps = -7.95; eps < 8; eps += 0.1) {
      const { total } = await evidenceAt(model, clouds, [[eps]], precise);
      own += 0.1 * Math.exp(-0.5 * eps ** 2) * total[0]!;
    }
    expect(own / Math.sqrt(2 * Math.PI)).toBeCloseTo(bound, 4);
    expect(own / Math.sqrt(2 * Math.PI)).toBeLessThan(logEvidence);
    // And by draws.
    const { total } = await evidence(model, clouds, { ...precise, draws: 400, seed: 2 });
    expect(Math.abs(total[0]! - bound)).toBeLessThan(0.3);
  });
});

describe.each(Object.entries(models))('the evidence of %s', (_name, options) => {
  const model = modelOf(options);

  test('is the sum of its terms, cloud by cloud', async () => {
    const clouds = cloudsFor(model, [4, 9]);
    const { total, reconstruction, prior, entropy } = await evidence(model, clouds, { seed: 1 });
    total.forEach((value, i) => expect(value).toBe(reconstruction[i]! + prior[i]! + entropy[i]!));
    expect(entropy.every((value) => value === 0)).toBe(
      options.deterministic === true || options.latentDim === 0,
    );
    expect(prior.every((value) => value === 0)).toBe(options.latentDim === 0);
  });
});

test('of one shape it is the log-likelihood', async () => {
  const model = modelOf(models['one shape']!);
  const clouds = cloudsFor(model, [8]);
  const each = await model.decoder.logProb({ data: clouds.data, rows: 8, cols: 3 });
  expect((await evidence(model, clouds)).total[0]).toBe(each.reduce((a, b) => a + b));
});
