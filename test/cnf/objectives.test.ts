import { describe, expect, it } from 'vitest';
import { continuous, ffjord, flowMatching, otflow, penalties, regularised } from '../../src/cnf/index.ts';
import type { PenaltyName, RegularisedOptions } from '../../src/cnf/index.ts';
import { assignment } from '../../src/cnf/assignment.ts';
import { reverseKL } from '../../src/flow/index.ts';
import type { Flow, Objective } from '../../src/flow/index.ts';
import type { Matrix } from '../../src/matrix.ts';
import { constant, ops } from '../../src/program/index.ts';
import type { Value } from '../../src/program/index.ts';
import { fit } from '../../src/train/index.ts';
import { difference } from '../flow/differences.ts';
import { expectClose, mean, normalRows } from '../flow/rows.ts';
import { flowOf, perturbed, tight } from '../flow/transforms.ts';

const x = normalRows(6, 2, 1);
const fixed = { precision: 'float64', solver: 'rk4', stepSize: 0.05 } as const;

/** The slope of an objective along a direction of the parameters, against its gradient. */
async function expectSlope(
  flow: Flow,
  objective: Objective,
  options: object = {},
  allowed = 1e-6,
): Promise<void> {
  const settings = { ...fixed, seed: 5, ...options };
  const { flat, loss } = await objective.evaluate(flow, x, settings);
  expect(Number.isFinite(loss)).toBe(true);
  const { flat: parameters } = flow.parameters;
  const before = parameters.slice();
  const direction = normalRows(1, before.length, 9).data;
  const slope = await difference(async (t) => {
    before.forEach((value, i) => (parameters[i] = value + t * direction[i]!));
    const found = await objective.evaluate(flow, x, settings);
    parameters.set(before);
    return found.loss;
  }, 1e-3);
  const found = flat.reduce((sum, value, i) => sum + value * direction[i]!, 0);
  expect(Math.abs(found - slope)).toBeLessThan(allowed * Math.max(1, Math.abs(found)));
}

/** The trapezoidal rule, which is exact to all digits for smooth densities that vanish at the borders. */
async function expectNormalised(flow: Flow): Promise<void> {
  const [count, from, to] = [41, -4, 5];
  const h = (to - from) / (count - 1);
  const data = new Float64Array(2 * count * count);
  for (let i = 0; i < count * count; i++) {
    data.set([from + h * (i % count), from + h * Math.floor(i / count)], 2 * i);
  }
  const logProb = await flow.logProb({ data, rows: count * count, cols: 2 });
  const integral = logProb.reduce((sum, value) => sum + Math.exp(value), 0) * h * h;
  expect(Math.abs(integral - 1)).toBeLessThan(1e-3);
}

describe('regularised', () => {
  // dx/dt = A x + c t, whose penalties are known at every time.
  const A = [
    [0.5, -1],
    [0.3, 0.2],
  ];
  const linear = flowOf(
    continuous({
      dim: 2,
      field: (_scope, t, row) =>
        ops.add(
          ops.matmul(row, constant(A.flat(), { k: 2, n: 2 }), 'nt'),
          ops.mul(t, constant([1, -2], { k: 1, n: 2 })),
        ),
      fieldPath: 'field',
      endTime: () => constant([0.4], { k: 1, n: 1 }),
    }),
  );
  const f = (t: number, [a, b]: readonly number[]): number[] => [
    A[0]![0]! * a! + A[0]![1]! * b! + t,
    A[1]![0]! * a! + A[1]![1]! * b! - 2 * t,
  ];
  const times = (v: readonly number[]): number[] => A.map((row) => row[0]! * v[0]! + row[1]! * v[1]!);
  const square = (v: readonly number[]): number => v.reduce((sum, value) => sum + value * value, 0);
  const rates: Partial<Record<PenaltyName, (t: number, row: readonly number[]) => number>> = {
    kinetic: (t, row) => square(f(t, row)),
    jacobian: () => square(A.flat()),
    directional: (t, row) => square(times(f(t, row))),
    l1: (t, row) => f(t, row).reduce((sum, value) => sum + Math.abs(value), 0),
    // d^2x/dt^2 = A f + (1, -2)
    taylor: (t, row) => square(times(f(t, row)).map((value, i) => value + [1, -2][i]!)),
  };

  it.each(Object.entries(rates))('adds the integral of the rate of %s to the loss', async (name, rate) => {
    const plain = await regularised({}).evaluate(linear, x, { ...tight });
    const more = await regularised({ [name]: 0.25 }).evaluate(linear, x, { ...tight });
    // Simpson's rule along the way of each row.
    const intervals = 64;
    const h = 0.4 / intervals;
    const all = Array.from({ length: x.rows }, (_, row) => {
      let state = Array.from(x.data.subarray(2 * row, 2 * row + 2));
      let sum = 0;
      for (let i = 0; i <= intervals; i++) {
        sum += rate(i * h, state) * (i === 0 || i === intervals ? 1 : i % 2 === 1 ? 4 : 2);
        const moved = (k: readonly number[], by: number): number[] =>
          state.map((value, j) => value + by * k[j]!);
        const k1 = f(i * h, state);
        const k2 = f(i * h + h / 2, moved(k1, h / 2));
        const k3 = f(i * h + h / 2, moved(k2, h / 2));
        const k4 = f(i * h + h, moved(k3, h));
        state = state.map((value, j) => value + (h / 6) * (k1[j]! + 2 * k2[j]! + 2 * k3[j]! + k4[j]!));
      }
      return (sum * h) / 3;
    });
    expect(more.loss - plain.loss).toBeCloseTo(0.25 * mean(all), name === 'l1' ? 4 : 7);
  });

  it('without weights is the likelihood', async () => {
    const flow = perturbed(ffjord({ dim: 2, hidden: [4] }));
    const found = await regularised({}).evaluate(flow, x, { ...tight });
    const { loss, flat } = await flow.lossAndGradient(x, tight);
    expect(found.loss).toBeCloseTo(loss, 10);
    expectClose(found.flat, flat, 1e-9);
  });

  it('takes the norm of the Jacobian from the probe where the trace is random, without bias', async () => {
    const many = { data: new Float64Array(8000).fill(0.3), rows: 4000, cols: 2 };
    const options = { ...fixed, stepSize: 0.2, trace: 'hutchinson', seed: 2 } as const;
    const plain = await regularised({}).evaluate(linear, many, options);
    const more = await regularised({ jacobian: 1 }).evaluate(linear, many, options);
    expect(Math.abs((more.loss - plain.loss) / (0.4 * square(A.flat())) - 1)).toBeLessThan(0.05);
  });

  it.each([
    { kinetic: 0.1, jacobian: 0.2 },
    { directional: 0.1 },
    { taylor: 0.05, order: 3 },
    { kinetic: 0.01, steer: 0.2 },
  ] as readonly RegularisedOptions[])('has the gradient of its loss: %o', async (options) => {
    await expectSlope(perturbed(ffjord({ dim: 2, hidden: [4], trainEndTime: true })), regularised(options));
  });

  it('has the gradient of its loss with l1, but for the kinks', async () => {
    await expectSlope(perturbed(ffjord({ dim: 2, hidden: [4] })), regularised({ l1: 0.05 }), {}, 1e-3);
  });

  it('has it for the HJB penalty of a potential, and with a random trace', async () => {
    await expectSlope(perturbed(otflow({ dim: 2, width: 4 })), regularised({ hjb: 0.3, kinetic: 0.1 }));
    const flow = perturbed(ffjord({ dim: 2, hidden: [4] }));
    await expectSlope(flow, regularised({ jacobian: 0.3 }), { trace: 'hutchinson', probes: 2 });
  });

  it('STEER moves the end time with the seed, and never past zero', async () => {
    const flow = perturbed(ffjord({ dim: 2, hidden: [4], endTime: 0.1 }));
    const of = async (seed: number, steer: number): Promise<number> =>
      (await regularised({ steer }).evaluate(flow, x, { ...tight, seed })).loss;
    const losses = await Promise.all([1, 2, 3, 4].map(async (seed) => of(seed, 10)));
    expect(new Set(losses).size).toBeGreaterThan(1);
    expect(losses.every(Number.isFinite)).toBe(true);
    expect(await of(1, 0.05)).toBe(await of(1, 0.05));
    expect(await of(1, 0)).toBe(await of(2, 0));
  });

  it('the HJB penalty is zero where the potential solves the equation', async () => {
    // Phi = -c . x + |c|^2 t / 2: a constant field c.
    const c = [0.6, -0.4];
    const flow = flowOf(
      continuous({
        dim: 2,
        field: {
          velocity: (_scope, _t, row) => ops.add(constant(c, { k: 1, n: 2 }), ops.mul(0, row)),
          potential: (_scope, t, row) =>
            ops.add(ops.mul(square(c) / 2, t), ops.neg(ops.matmul(row, constant(c, { k: 1, n: 2 }), 'nt'))),
        },
        fieldPath: 'field',
        endTime: () => constant([1], { k: 1, n: 1 }),
      }),
    );
    const plain = await regularised({}).evaluate(flow, x, tight);
    expect((await regularised({ hjb: 1 }).evaluate(flow, x, tight)).loss).toBeCloseTo(plain.loss, 10);
  });

  it.each([
    [{ kinetic: -1 }, 'invalid-argument'],
    [{ steer: NaN }, 'invalid-argument'],
    [{ order: 0 }, 'invalid-argument'],
    [{ kinetik: 1 }, 'unknown-name'],
  ] as const)('refuses %o', (options, code) => {
    expect(() => regularised(options as RegularisedOptions)).toThrow(expect.objectContaining({ code }));
  });

  it('refuses a penalty that the field has not', async () => {
    const flow = ffjord({ dim: 2, hidden: [2] });
    await expect(regularised({ hjb: 1 }).evaluate(flow, x, {})).rejects.toMatchObject({
      code: 'invalid-argument',
    });
    expect(Object.keys(penalties)).toEqual(['kinetic', 'jacobian', 'directional', 'l1', 'taylor', 'hjb']);
  });
});

describe('assignment', () => {
  it('is the cheapest of all pairings', () => {
    const n = 6;
    const permutations = (rest: readonly number[]): number[][] =>
      rest.length === 0
        ? [[]]
        : rest.flatMap((i) => permutations(rest.filter((j) => j !== i)).map((p) => [i, ...p]));
    for (let seed = 1; seed <= 20; seed++) {
      const costs = normalRows(n, n, seed).data as Float64Array;
      const price = (p: ArrayLike<number>): number =>
        Array.from(p).reduce((sum, j, i) => sum + costs[i * n + j]!, 0);
      const best = Math.min(...permutations([0, 1, 2, 3, 4, 5]).map(price));
      const found = assignment(costs, n);
      expect([...found].toSorted((a, b) => a - b)).toEqual([0, 1, 2, 3, 4, 5]);
      expect(price(found)).toBeCloseTo(best, 10);
    }
  });
});

describe('flowMatching', () => {
  const shifted = { ...normalRows(1000, 2, 3, 0.5) };
  shifted.data = shifted.data.map((value, i) => value + (i % 2 === 0 ? 1.5 : -1));

  it.each([
    {},
    { coupling: 'independent', sigmaMin: 0.01 },
    { path: 'variance-preserving', coupling: 'independent' },
    { draws: 3 },
  ] as const)('has the gradient of its loss: %o', async (options) => {
    await expectSlope(perturbed(ffjord({ dim: 2, hidden: [4], endTime: 0.7 })), flowMatching(options));
  });

  it.each([{}, { path: 'variance-preserving', coupling: 'independent' }] as const)(
    'brings the field of a Gaussian, and the flow has its density: %o',
    { timeout: 90_000 },
    async (options) => {
      const flow = ffjord({ dim: 2, hidden: [12], endTime: 1, seed: 2 });
      const before = -mean(await flow.logProb(shifted));
      await fit(flow, shifted, {
        objective: flowMatching(options),
        steps: 200,
        batchSize: 96,
        learningRate: 3e-2,
        schedule: 'cosine',
      });
      const after = -mean(await flow.logProb(shifted));
      const entropy = 1 + Math.log(2 * Math.PI) + 2 * Math.log(0.5);
      expect(before - entropy).toBeGreaterThan(1);
      expect(after - entropy).toBeLessThan(0.15);
      await expectNormalised(flow);
      // Likelihood takes it from there.
      await fit(flow, shifted, { steps: 5, batchSize: 96, learningRate: 2e-3 });
      expect(-mean(await flow.logProb(shifted)) - entropy).toBeLessThan(0.15);
    },
  );

  it('with optimal transport pairs each row with noise near it', async () => {
    const flow = ffjord({ dim: 2, hidden: [4], endTime: 1 });
    flow.parameters.flat.fill(0);
    const of = async (coupling: 'independent' | 'optimal-transport'): Promise<number> =>
      (await flowMatching({ coupling }).evaluate(flow, shifted, { seed: 1 })).loss;
    // Of a field that is zero, the loss is the mean squared length of the ways.
    expect(await of('optimal-transport')).toBeLessThan(0.8 * (await of('independent')));
  });

  it('pairs rows with the noise of rows that have the same context, and no others', async () => {
    const flow = ffjord({ dim: 2, contextDim: 1, hidden: [4], endTime: 1 });
    flow.parameters.flat.fill(0);
    const { rows } = shifted;
    const of = async (coupling: 'independent' | 'optimal-transport', contexts: number): Promise<number> => {
      const data = Float64Array.from({ length: rows }, (_, i) => Math.floor((i * contexts) / rows));
      const context = { data, rows, cols: 1 };
      return (await flowMatching({ coupling }).evaluate(flow, shifted, { seed: 1, context })).loss;
    };
    const apart = await of('independent', 1);
    expect(await of('optimal-transport', rows)).toBe(apart);
    expect(await of('optimal-transport', 4)).toBeLessThan(apart);
    expect(await of('optimal-transport', 1)).toBeLessThan(apart);
  });

  it('with several draws has the loss of the batch given as often, each row with its own context', async () => {
    const flow = perturbed(ffjord({ dim: 2, contextDim: 1, hidden: [4], endTime: 0.7 }));
    const [rows, context] = [normalRows(5, 2, 1), normalRows(5, 1, 2)];
    const thrice = (x: Matrix): Matrix => ({
      data: Float64Array.from({ length: 3 * x.data.length }, (_, i) => x.data[i % x.data.length]!),
      rows: 3 * x.rows,
      cols: x.cols,
    });
    const loss = async (draws: number, x: Matrix, c: Matrix): Promise<unknown> => {
      const objective = flowMatching({ coupling: 'independent', draws });
      const { loss: value, flat } = await objective.evaluate(flow, x, { seed: 4, context: c });
      return { value, flat };
    };
    expect(await loss(3, rows, context)).toEqual(await loss(1, thrice(rows), thrice(context)));
    expect(await loss(3, rows, context)).not.toEqual(await loss(1, rows, context));
  });

  it.each([1, 2])('knows the gradient by rows and context, with %d draws', async (draws) => {
    const flow = perturbed(ffjord({ dim: 2, contextDim: 1, hidden: [4], endTime: 0.7 }));
    const [rows, context] = [normalRows(6, 2, 1), normalRows(6, 1, 2)];
    const options = { precision: 'float64', seed: 2, context } as const;
    const objective = flowMatching({ coupling: 'independent', sigmaMin: 0.1, draws });
    const { cotangents } = await objective.evaluate(flow, rows, options);
    for (const [name, matrix] of Object.entries({ x: rows, context })) {
      const given = cotangents![name as 'x' | 'context']!;
      for (const at of [0, 3, 5]) {
        const loss = async (t: number): Promise<number> => {
          const before = matrix.data[at]!;
          matrix.data[at] = before + t;
          const value = (await objective.evaluate(flow, rows, options)).loss;
          matrix.data[at] = before;
          return value;
        };
        expect(await difference(loss, 1e-3)).toBeCloseTo(given[at]!, 8);
      }
    }
  });

  it('refuses flows of several parts, and options that are not there', async () => {
    const two = ffjord({ dim: 2, hidden: [2], blocks: 2 });
    await expect(flowMatching().evaluate(two, x, {})).rejects.toMatchObject({
      code: 'invalid-argument',
      message: "flowMatching: expected a flow of one continuous transform; 'ffjord' has 2 parts.",
    });
    expect(() => flowMatching({ sigmaMin: 1 })).toThrow(
      expect.objectContaining({ code: 'invalid-argument' }),
    );
    expect(() => flowMatching({ draws: 0 })).toThrow(
      expect.objectContaining({
        code: 'invalid-argument',
        message: expect.stringMatching(/^draws/) as string,
      }),
    );
    expect(() => flowMatching({ path: 'toString' as 'straight' })).toThrow(
      expect.objectContaining({ code: 'unknown-name' }),
    );
  });
});

describe('reverseKL', () => {
  /** N(mean, 0.6^2), times 7. */
  const target = (row: Value): Value => {
    const moved = ops.div(ops.sub(row, constant([1, -0.5], { k: 1, n: 2 })), 0.6);
    return ops.add(ops.mul(-0.5, ops.sum(ops.square(moved), 'n')), Math.log(7));
  };

  it('has the gradient of its loss', async () => {
    await expectSlope(perturbed(ffjord({ dim: 2, hidden: [4], trainEndTime: true })), reverseKL(target));
  });

  it('brings the flow to the target, and the loss to -log of its integral', { timeout: 90_000 }, async () => {
    const flow = ffjord({ dim: 2, hidden: [8], seed: 1 });
    await fit(flow, normalRows(48, 2, 1), {
      objective: reverseKL(target),
      steps: 100,
      batchSize: 48,
      learningRate: 3e-2,
      schedule: 'cosine',
    });
    const many = normalRows(1000, 2, 4);
    const { loss } = await reverseKL(target).evaluate(flow, many, { seed: 77 });
    expect(Math.abs(loss + Math.log(7 * 2 * Math.PI * 0.36))).toBeLessThan(0.05);
    await expectNormalised(flow);
    const samples = await flow.sample(2000);
    const column = (j: number): Float64Array =>
      Float64Array.from({ length: 2000 }, (_, i) => samples.data[2 * i + j]!);
    expect(Math.abs(mean(column(0)) - 1)).toBeLessThan(0.1);
    expect(Math.abs(mean(column(1)) + 0.5)).toBeLessThan(0.1);
  });
});
