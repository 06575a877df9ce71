import { describe, expect, it } from 'vitest';
import { matrix, multiply, norm, transpose } from 'mathjs';
import { residual, residualFlow } from '../../src/discrete/index.ts';
import { spectralNorm } from '../../src/discrete/lipschitz.ts';
import { reference } from '../../src/engine/index.ts';
import { chain } from '../../src/flow/index.ts';
import { reaches, termsOf } from '../../src/flow/roulette.ts';
import { constant, modelTables, Scope, trace } from '../../src/program/index.ts';
import type { Program } from '../../src/program/index.ts';
import { expectClose, farthest, mean, negated, normalRows } from '../flow/rows.ts';
import { flowOf, perturbed } from '../flow/transforms.ts';

const native = { engine: 'native', precision: 'float64' } as const;

const flow = perturbed(
  flowOf(
    chain([
      residual({ dim: 3, hidden: [8, 8], coefficient: 0.8 }),
      residual({ dim: 3, hidden: [8], coefficient: 0.8 }),
    ]),
  ),
);
const x = normalRows(4, 3, 1);

/** Mean and standard error over the seeds of what `draw` gives, number by number. */
async function overSeeds(
  seeds: number,
  draw: (seed: number) => Promise<ArrayLike<number>>,
): Promise<{ mean: number[]; error: number[] }> {
  const draws: ArrayLike<number>[] = [];
  for (let seed = 0; seed < seeds; seed++) draws.push(await draw(seed));
  const means = Array.from(draws[0]!, (_, i) => mean(draws.map((values) => values[i]!)));
  const error = means.map((average, i) =>
    Math.sqrt(mean(draws.map((values) => (values[i]! - average) ** 2)) / seeds),
  );
  return { mean: means, error };
}

describe('the roulette', () => {
  it('draws terms so that N >= k in the share of seeds that it says', () => {
    const drawn = Array.from({ length: 20_000 }, (_, seed) => termsOf(seed));
    for (const k of [1, 4, 5, 8, 15]) {
      const share = mean(drawn.map((terms) => Number(terms >= k)));
      expect(Math.abs(share - reaches(k))).toBeLessThan(4 * Math.sqrt(0.25 / 20_000) + 1e-12);
    }
    expect(Math.min(...drawn)).toBe(4);
    expect(Math.max(...drawn)).toBeLessThanOrEqual(104);
  });

  it('weighs terms so that the mean over N is the whole series, in value and in gradient', async () => {
    // In one dimension a probe of 1 gives v J^k v exactly: nothing is left to chance but N.
    const tables = modelTables(3);
    const [step] = residual({ dim: 1, hidden: [6], coefficient: 0.95 }).steps('forward', '');
    const programOf = (method: 'exact' | 'hutchinson', terms: number) =>
      trace('series', { x: 1, noise: 1 }, ({ x: at, noise }) => {
        const estimate = { trace: { method, probes: 1, terms }, noise };
        if (step!.kind !== 'map') throw new Error('expected a closed form');
        return { logDet: step!.apply(new Scope(tables, ''), at, null, estimate).logDet };
      });
    const exactly = programOf('exact', 0);
    // A slope of g near its bound: the later terms matter.
    tables.trained.flat.forEach((value, i, flat) => (flat[i] = 2 * Math.abs(value)));
    const parameters = { trained: tables.trained.flat, state: tables.state.flat };
    const inputs = { x: Float64Array.of(2), noise: Float64Array.of(1) };
    const gradientOf = async (program: Program): Promise<Float64Array> => {
      const cotangents = { logDet: Float64Array.of(1) };
      const { gradient } = await reference.pullback(program, parameters, 1, inputs, cotangents);
      return gradient;
    };
    const most = 60;
    let value = 0;
    const gradient = new Float64Array(tables.trained.count);
    for (let terms = 4; terms <= most; terms++) {
      const share = terms === most ? reaches(most) : reaches(terms) - reaches(terms + 1);
      const program = programOf('hutchinson', terms);
      value += share * (await reference.run(program, parameters, 1, inputs))['logDet']![0]!;
      (await gradientOf(program)).forEach((g, i) => (gradient[i] = gradient[i]! + share * g));
    }
    const expected = (await reference.run(exactly, parameters, 1, inputs))['logDet']![0]!;
    expect(Math.abs(expected)).toBeGreaterThan(0.3);
    expect(value).toBeCloseTo(expected, 6);
    expectClose(gradient, await gradientOf(exactly), 1e-5);
  });

  it('estimates logDet without bias, within four standard errors', async () => {
    const { logDet } = await flow.transform(x, { ...native, trace: 'exact' });
    const found = await overSeeds(600, async (seed) => {
      return (await flow.transform(x, { ...native, trace: 'hutchinson', seed })).logDet;
    });
    found.mean.forEach((value, i) => {
      expect(found.error[i]).toBeGreaterThan(1e-4);
      expect(Math.abs(value - logDet[i]!)).toBeLessThan(4 * found.error[i]!);
    });
  });

  it('estimates the gradient without bias, by the Neumann series', async () => {
    const { flat } = await flow.lossAndGradient(x, { ...native, trace: 'exact' });
    const found = await overSeeds(400, async (seed) => {
      return (await flow.lossAndGradient(x, { ...native, trace: 'hutchinson', seed: 10_000 + seed })).flat;
    });
    const apart = found.mean.map((value, i) => (value - flat[i]!) / (found.error[i]! + 1e-12));
    // Of 200 numbers the largest may be a little beyond four, and their mean square is about one.
    expect(
      farthest(
        apart,
        apart.map(() => 0),
      ),
    ).toBeLessThan(5);
    expect(mean(apart.map((value) => value ** 2))).toBeLessThan(2);
    // A series cut off at its fewest terms is another number: the test can see a bias.
    expect(found.error.some((error) => error > 1e-4)).toBe(true);
  });

  it('is undone by the inverse with the same seed', async () => {
    const options = { ...native, trace: 'hutchinson', probes: 2, seed: 9 } as const;
    const there = await flow.transform(x, options);
    const back = await flow.inverse(there.z, options);
    expectClose(back.x.data, x.data, 1e-9);
    expectClose(back.logDet, there.logDet.map(negated), 1e-7);
  });
});

describe('a residual block', () => {
  it.each([0.3, 0.9, 0.97])('changes no distance by more than its coefficient %d', async (coefficient) => {
    const block = flowOf(residual({ dim: 4, hidden: [16, 16], coefficient }));
    const { flat } = block.parameters;
    for (let i = 0; i < flat.length; i++) flat[i] = 5 * flat[i]!;
    const [a, b] = [normalRows(200, 4, 1, 2), normalRows(200, 4, 2, 2)];
    const [fa, fb] = [await block.transform(a, native), await block.transform(b, native)];
    for (let row = 0; row < 200; row++) {
      const apart = (p: ArrayLike<number>, q: ArrayLike<number>, i: number) =>
        p[4 * row + i]! - q[4 * row + i]!;
      const sides = [0, 1, 2, 3];
      const before = Math.hypot(...sides.map((i) => apart(a.data, b.data, i)));
      const residuals = sides.map((i) => apart(fa.z.data, fb.z.data, i) - apart(a.data, b.data, i));
      expect(Math.hypot(...residuals)).toBeLessThan(coefficient * before * (1 + 1e-6));
    }
    const back = await block.inverse(fa.z, native);
    expectClose(back.x.data, a.data, 1e-8);
    const single = await block.inverse(fa.z, { engine: 'native', precision: 'float32' });
    expectClose(single.x.data, a.data, 2e-4);
  });

  it('divides by the largest singular value', async () => {
    const W = normalRows(5, 3, 4).data;
    const rows = [0, 1, 2, 3, 4].map((i) => Array.from(W.slice(3 * i, 3 * i + 3)));
    const program = trace('norm', { x: 1 }, () => ({
      sigma: spectralNorm(constant(W, { k: 5, n: 3 }), constant([1, 1, 1, 1, 1], { k: 1, n: 5 })),
    }));
    const none = { trained: new Float64Array(0), state: new Float64Array(0) };
    const { sigma } = await reference.run(program, none, 1, { x: new Float64Array(1) });
    const gram = multiply(transpose(matrix(rows)), matrix(rows));
    expect(sigma![0]).toBeCloseTo(Math.sqrt(norm(gram, 2) as number), 4);
  });

  it('keeps the vectors of the iteration, which training moves on', async () => {
    const { state } = await flow.lossAndGradient(x, { ...native, training: true });
    expect(flow.state.names()).toHaveLength(5);
    const kept = flow.state.viewIn(state!, 'chain.0.network.layers.1.left');
    expect(Math.hypot(...kept)).toBeCloseTo(1, 12);
    expect(kept).not.toEqual(flow.state.get('chain.0.network.layers.1.left').data);
  });

  it.each([
    [() => residual({ dim: 2, coefficient: 1 }), /^coefficient: expected a number below 1; got 1/],
    [() => residual({ dim: 2, coefficient: 0 }), /^coefficient: /],
    [() => residualFlow({ dim: 2, blocks: 3 } as { dim: number }), /Unknown option of residual 'blocks'/],
  ])('refuses %s', (make, message) => {
    expect(make).toThrow(message);
  });
});
