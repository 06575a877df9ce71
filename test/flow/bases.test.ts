import { describe, expect, it } from 'vitest';
import {
  createFlow,
  gaussianMixture,
  laplace,
  logistic,
  standardNormal,
  studentT,
  trainedNormal,
  truncatedNormal,
  uniformBase,
} from '../../src/flow/index.ts';
import { chooseEngine, diagnose } from '../../src/engine/index.ts';
import type { Base, Flow } from '../../src/flow/index.ts';
import { elementwise } from '../../src/discrete/index.ts';
import { slopes, slopesApart } from './differences.ts';
import { expectClose, mean, normalRows } from './rows.ts';
import { perturbed } from './transforms.ts';

/** The base alone: the transform leaves every row where it is. */
function flowTo(base: Base): Flow {
  return createFlow({
    name: 'a base',
    transform: elementwise.leakyRelu(base.dim, 1),
    base,
    configuration: { model: 'of a test', options: {} },
  });
}

const one: Readonly<Record<string, Base>> = {
  'standard normal': standardNormal(1),
  'trained normal': trainedNormal(1),
  'full normal of 1': trainedNormal(1, 'full'),
  uniform: uniformBase(1, -1, 2),
  'truncated normal': truncatedNormal(1, -0.5, 2),
  'half of a normal': truncatedNormal(1, 0, Infinity),
  'the tail of a normal': truncatedNormal(1, -3.5, -2),
  laplace: laplace(1),
  logistic: logistic(1),
  't with 5 degrees': studentT(1, 5),
  't with 2.5 degrees': studentT(1, 2.5),
  'mixture of 1': gaussianMixture({ dim: 1, components: 1 }),
  'mixture of 4': gaussianMixture({ dim: 1, components: 4, spread: 3 }),
};
const several: Readonly<Record<string, Base>> = {
  'trained normal of 3': trainedNormal(3),
  'full normal of 3': trainedNormal(3, 'full'),
  'uniform of 2': uniformBase(2, -9, 9),
  'truncated normal of 2': truncatedNormal(2, -3, Infinity),
  'laplace of 3': laplace(3),
  'logistic of 2': logistic(2),
  't of 3': studentT(3, 4),
  'mixture of 3 in 2 dimensions': gaussianMixture({ dim: 2, components: 3, spread: 2 }),
};
const exact = { precision: 'float64' } as const;

describe.each(Object.entries(one))('%s', (_name, base) => {
  const flow = perturbed(flowTo(base));

  it('has a density that integrates to one, and draws distributed by it', async () => {
    // x = sinh(t) reaches far into the tails; the trapezoidal rule converges fast there.
    const steps = 40_000;
    const reach = 14;
    const points = Array.from({ length: steps + 1 }, (_, i) => Math.sinh(((2 * i) / steps - 1) * reach));
    const logProb = await flow.logProb(
      points.map((x) => [x]),
      { ...exact, onFailure: 'report', engine: 'native' },
    );
    const h = (2 * reach) / steps;
    let sum = 0;
    const cumulated = points.map((x, i) => {
      const density = Number.isNaN(logProb[i]!) ? 0 : Math.exp(logProb[i]!);
      return (sum += density * Math.sqrt(1 + x * x) * h);
    });
    // A density that ends abruptly is integrated to the size of a step.
    expect(sum).toBeCloseTo(1, base.noise === 'uniform' ? 2 : 5);

    const count = 20_000;
    const drawn = await flow.sample(count, { ...exact, seed: 3, engine: 'native' });
    const sorted = Array.from(drawn.data).toSorted((a, b) => a - b);
    let worst = 0;
    let at = 0;
    sorted.forEach((x, i) => {
      while (at < steps && points[at]! < x) at++;
      worst = Math.max(worst, Math.abs(cumulated[at]! / sum - (i + 0.5) / count));
    });
    // The Kolmogorov-Smirnov statistic exceeds 1.95 / sqrt(n) in one of a thousand cases.
    expect(worst).toBeLessThan(1.95 / Math.sqrt(count) + 2e-3);
  });
});

const trained = [...Object.entries(one), ...Object.entries(several)].filter(([, base]) => {
  return flowTo(base).parameters.count > 0;
});

describe.each(trained)('the gradient of %s', (_name, base) => {
  it('is that of its density', async () => {
    const flow = perturbed(flowTo(base));
    const names = flow.parameters.names();
    const x = normalRows(6, base.dim, 3, 0.8);
    const { gradient } = await flow.lossAndGradient(x, exact);
    expect(names.filter((name) => gradient.get(name)!.data.every((value) => value === 0))).toEqual(
      // One component has no weights to choose from.
      names.filter((name) => name.endsWith('logits') && flow.parameters.get(name).cols === 1),
    );
    expect(slopesApart(await slopes(flow, x, { engine: 'reference' }, names), 1e-6)).toEqual([]);
  });
});

const engines = (['native', 'wasm', 'tfjs'] as const).map((engine) => ({
  engine,
  here: diagnose().engines.find(({ name }) => name === engine)!,
}));

describe.each(engines)('on $engine', ({ engine, here }) => {
  it.for([...Object.entries(one), ...Object.entries(several)])(
    'the density and the draws of %s are those of reference',
    async ([, base], { skip }) => {
      if (!here.available) skip(`${here.reason} ${here.remedy}`);
      const flow = perturbed(flowTo(base));
      const drawn = await flow.sample(40, { ...exact, seed: 4, engine: 'reference' });
      const logProb = await flow.logProb(drawn, { ...exact, engine: 'reference' });
      for (const precision of chooseEngine(engine).precisions) {
        const tolerance = precision === 'float64' ? 1e-10 : 2e-3;
        const options = { precision, engine, seed: 4 } as const;
        expectClose((await flow.sample(40, options)).data, drawn.data, tolerance);
        const inside = await flow.logProb(drawn, { ...options, onFailure: 'report' });
        // A draw at the very end of an interval may be rounded out of it.
        const kept = inside.map((value, i) =>
          precision === 'float32' && Number.isNaN(value) ? logProb[i]! : value,
        );
        expectClose(kept, logProb, tolerance);
      }
    },
  );
});

it('draws of several features have the moments of the distribution', async () => {
  const count = 40_000;
  const moments = async (base: Base): Promise<number[]> => {
    const { data } = await flowTo(base).sample(count, { ...exact, seed: 5, engine: 'native' });
    return Array.from({ length: base.dim }, (_, j) =>
      mean(Array.from({ length: count }, (_, i) => data[i * base.dim + j]! ** 2)),
    );
  };
  expectClose(await moments(laplace(3)), [2, 2, 2], 0.1);
  expectClose(await moments(logistic(2)), Array<number>(2).fill(Math.PI ** 2 / 3), 0.1);
  expectClose(await moments(studentT(3, 6)), [1.5, 1.5, 1.5], 0.1);
  expectClose(await moments(uniformBase(2, -1, 1)), [1 / 3, 1 / 3], 0.01);
});

it('a full normal has the covariance of its factors, drawn and in its density', async () => {
  const flow = perturbed(flowTo(trainedNormal(3, 'full')));
  const { data } = await flow.sample(40_000, { ...exact, seed: 2, engine: 'native' });
  const logProb = await flow.logProb({ data, rows: 40_000, cols: 3 }, { ...exact, engine: 'native' });
  // E[-log p] is the entropy, 3/2 log(2 pi e) + sum of log scales.
  const scales = flow.parameters.get('base.log_scale').data;
  const entropy = 1.5 * Math.log(2 * Math.PI * Math.E) + Array.from(scales).reduce((a, b) => a + b, 0);
  expect(Math.abs(-mean(logProb) - entropy)).toBeLessThan(0.03);
});

it('rows outside of a uniform base are reported', async () => {
  const flow = flowTo(uniformBase(2, 0, 1));
  await expect(flow.logProb([[0.5, 1.5]])).rejects.toMatchObject({ code: 'numerical-failure' });
  const reported = await flow.logProb(
    [
      [0.5, 0.5],
      [-1, 2],
    ],
    { onFailure: 'report' },
  );
  expect([...reported]).toEqual([0, NaN]);
});

it.each([
  [() => uniformBase(2, 1, 1), /^low, high: /],
  [() => truncatedNormal(2, 1, 1), /^low, high: .*got 1 and 1/],
  [() => truncatedNormal(2, 6, 7), /^low, high: .*a millionth of the normal distribution/],
  [() => truncatedNormal(2, NaN, 7), /^low, high: /],
  [() => studentT(2, 0), /^degrees: expected a positive number; got 0/],
  [() => trainedNormal(2, 'other' as 'full'), /^covariance: expected 'diagonal' or 'full'; got 'other'/],
  [() => gaussianMixture({ dim: 2, components: 0 }), /^components: /],
  [() => gaussianMixture({ dim: 2, components: 2, spread: -1 }), /^spread: /],
  [() => laplace(0), /^dim: /],
])('refuses %s', (make, message) => {
  expect(make).toThrow(message);
});
