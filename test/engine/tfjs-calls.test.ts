import * as tf from '@tensorflow/tfjs-core';
import { afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { chooseEngine, inspectEngines } from '../../src/engine/index.ts';
import type { SolveOptions } from '../../src/engine/index.ts';
import { useTfjs } from '../../src/engine/tfjs/index.ts';
import { tableaus } from '../../src/ode/index.ts';
import { ops, trace } from '../../src/program/index.ts';
import { prepare } from '../support/cases/case.ts';
import { modelCases } from '../support/cases/models.ts';
import { fieldCases, troubledField } from '../support/ode-cases.ts';
import { prepareField } from './laws/subject.ts';

const engine = chooseEngine('tfjs');
const rows = 40;
const how: SolveOptions = {
  tableau: tableaus.dopri5,
  t0: 0,
  t1: 1,
  rtol: 1e-4,
  atol: 1e-4,
  maxSteps: 60,
  tape: true,
};

const model = prepare(
  { ...modelCases.find(({ name }) => name === 'field with exact trace')!, rows },
  'float32',
);
const field = prepareField(
  fieldCases.find(({ name }) => name.includes('exact trace'))!,
  'float32',
  rows,
);
const troubled = prepareField({ trace: troubledField, draws: { kind: (_, i) => i % 5 } }, 'float32', rows);

type Prepared = typeof model;
const solve = ({ program, data }: Prepared, more: Partial<SolveOptions> = {}) =>
  engine.solve(program, data.parameters, data.rows, data.inputs, { ...how, ...more });

/** What a user can ask for, each so that every tensor that it makes has to go again. */
const calls: Readonly<Record<string, (signal?: AbortSignal) => Promise<unknown>>> = {
  run: (signal) => engine.run(model.program, model.data.parameters, rows, model.data.inputs, { signal }),
  pullback(signal) {
    const { program, data } = model;
    return engine.pullback(program, data.parameters, rows, data.inputs, {}, { outputs: true, signal });
  },
  solve: (signal) => solve(field, { signal }),
  'solve with rows that fail': (signal) => solve(troubled, { signal }),
  'solve in fixed steps': (signal) => solve(field, { tableau: tableaus.rk4, stepSize: 0.1, signal }),
  async solvePullback(signal) {
    const { tape, y } = await solve(field);
    return engine.solvePullback(tape!, y.fill(0.5), { signal });
  },
};

beforeAll(async () => {
  await import('@tensorflow/tfjs-backend-wasm');
  await tf.setBackend('wasm');
  // What a backend is tried with the first time.
  await calls['run']!();
});

afterEach(() => {
  vi.restoreAllMocks();
  useTfjs(tf);
});

describe('tensors', () => {
  test.each(Object.entries(calls))('%s keeps nothing but parameters, until dispose', async (_name, call) => {
    engine.dispose();
    const { numTensors, numBytes } = tf.memory();
    const found = await call();
    const after = tf.memory();
    expect(after.numTensors).toBeGreaterThan(numTensors);
    // A second call finds them.
    const kept = after.numTensors;
    expect(withoutTape(await call())).toEqual(withoutTape(found));
    expect(tf.memory().numTensors).toBe(kept);
    engine.dispose();
    expect(tf.memory()).toMatchObject({ numTensors, numBytes });
  });

  test.each(Object.entries(calls))('%s gives all back when it is stopped', async (_name, call) => {
    engine.dispose();
    const { numTensors } = tf.memory();
    // Every look at the clock finds that other work has waited long enough.
    let time = 0;
    vi.spyOn(performance, 'now').mockImplementation(() => (time += 1000));
    await expect(call(stoppingAfter(1))).rejects.toMatchObject({ code: 'aborted' });
    engine.dispose();
    expect(tf.memory().numTensors).toBe(numTensors);
  });

  test.each(Object.entries(calls))('%s gives all back when a kernel fails', async (_name, call) => {
    for (const from of [1, 4]) {
      let count = 0;
      const failing = (...given: Parameters<typeof tf.mul>): tf.Tensor => {
        if (++count >= from) throw new Error('the device was lost');
        return tf.mul(...given);
      };
      useTfjs({ ...tf, mul: failing });
      const { numTensors } = tf.memory();
      await expect(call()).rejects.toThrow('the device was lost');
      engine.dispose();
      expect(tf.memory().numTensors).toBe(numTensors);
    }
  });

  test("a caller's tidy takes nothing from a call that goes on after it", async () => {
    const expected = await calls['solve']!();
    let running: Promise<unknown> | undefined;
    tf.tidy(() => {
      running = calls['solve']!();
    });
    expect(await running).toEqual(expected);
  });
});

describe('parameters that stay on the device', () => {
  const { program, data } = model;
  const run = (trained: Float64Array) =>
    engine.run(program, { ...data.parameters, trained }, rows, data.inputs);

  test('give way to others, of the same array too', async () => {
    engine.dispose();
    const trained = data.parameters.trained.slice();
    const before = await run(trained);
    const { numTensors } = tf.memory();
    trained.forEach((x, i) => (trained[i] = 1.1 * x + 0.1));
    const changed = await run(trained);
    expect(changed).not.toEqual(before);
    expect(tf.memory().numTensors).toBe(numTensors);
    engine.dispose();
    expect(await run(trained)).toEqual(changed);
  });

  test('are told apart by their bits', async () => {
    const reciprocal = prepare(
      {
        trace: (scope) => {
          const weight = scope.parameter('weight', { k: 1, n: 1 }, () => [1]);
          return trace('reciprocal', { x: 1 }, ({ x }) => ({ y: ops.add(x, ops.reciprocal(weight)) }));
        },
        rows: 1,
      },
      'float32',
    ).program;
    const found = async (weight: number): Promise<number> => {
      const parameters = { trained: Float64Array.of(weight), state: new Float64Array(0) };
      return (await engine.run(reciprocal, parameters, 1, { x: Float64Array.of(0) }))['y']![0]!;
    };
    expect([await found(0), await found(-0), await found(NaN), await found(2)]).toEqual([
      Infinity,
      -Infinity,
      NaN,
      0.5,
    ]);
  });

  test('are not taken from calls that are running', async () => {
    engine.dispose();
    const { numTensors } = tf.memory();
    const alone = await solve(field);
    const { parameters } = field.data;
    const other = { ...parameters, trained: parameters.trained.map((x) => 0.9 * x) };
    const both = [
      solve(field),
      engine.solve(field.program, other, rows, field.data.inputs, how),
      solve(field),
    ];
    // In the middle of all three.
    await new Promise((resolve) => setTimeout(resolve, 0));
    engine.dispose();
    const [first, second, third] = await Promise.all(both);
    for (const found of [first!, third!]) expect(found.y).toEqual(alone.y);
    expect(second!.y).not.toEqual(alone.y);
    engine.dispose();
    expect(tf.memory().numTensors).toBe(numTensors);
  });

  test('are those of sixteen programs at most', async () => {
    engine.dispose();
    const { numTensors } = tf.memory();
    const none = { trained: new Float64Array(0), state: new Float64Array(0) };
    for (let i = 0; i < 40; i++) {
      const scaled = trace(`scaled${i}`, { x: 1 }, ({ x }) => ({ y: ops.mul(x, i + 2) }));
      const { y } = await engine.run(scaled, none, 1, { x: Float64Array.of(3) });
      expect(y![0]).toBe(3 * (i + 2));
    }
    expect(tf.memory().numTensors).toBe(numTensors + 16);
    engine.dispose();
    expect(tf.memory().numTensors).toBe(numTensors);
  });

  test('are uploaded again to a backend that took the place of another', async () => {
    const expected = await calls['run']!();
    const factory = tf.findBackendFactory('wasm');
    tf.removeBackend('wasm');
    tf.registerBackend('wasm', factory, 2);
    await tf.setBackend('wasm');
    expect(await calls['run']!()).toEqual(expected);
    engine.dispose();
  });
});

describe('the engine on tfjs', () => {
  test('softplus of many numbers is that of one, and as exact', async () => {
    const program = trace('softplus', { x: 1 }, ({ x }) => ({ y: ops.softplus(x) }));
    const none = { trained: new Float64Array(0), state: new Float64Array(0) };
    const x = Float64Array.from({ length: 20_000 }, (_, i) => Math.fround((i - 10_000) / 120));
    x.set([NaN, Infinity, -Infinity, -0], 5);
    const { y } = await engine.run(program, none, x.length, { x });
    x.forEach((value, i) => {
      const expected = Math.max(value, 0) + Math.log1p(Math.exp(-Math.abs(value)));
      if (Number.isFinite(expected)) expect(Math.abs(y![i]! - expected)).toBeLessThanOrEqual(1e-6 * expected);
      else expect(y![i]).toBe(expected);
    });
  });

  test('refuses double precision, which tensors have not got', async () => {
    const { program, data } = model;
    await expect(
      engine.run(program, data.parameters, rows, data.inputs, { precision: 'float64' }),
    ).rejects.toMatchObject({
      code: 'invalid-argument',
      message: expect.stringMatching(/'float32'.*'native'/) as string,
    });
  });

  test('says which backend it found', async () => {
    const { engines } = await inspectEngines();
    expect(engines.find(({ name }) => name === 'tfjs')).toMatchObject({
      available: true,
      onRequest: true,
      details: { backend: 'wasm', version: tf.version_core },
    });
  });

  test('takes the tfjs that is handed over, and nothing else', async () => {
    let used = 0;
    useTfjs({
      ...tf,
      mul: (...given: Parameters<typeof tf.mul>) => {
        used++;
        return tf.mul(...given);
      },
    });
    await calls['run']!();
    expect(used).toBeGreaterThan(0);
    expect(() => useTfjs({})).toThrow(/expected the module @tensorflow\/tfjs-core/);
  });

  test('a tape outlives a change of the backend', async () => {
    await import('@tensorflow/tfjs-backend-cpu');
    const { tape, y } = await solve(field);
    const cotangents = y.map(() => 0.25);
    const expected = await engine.solvePullback(tape!, cotangents);
    await tf.setBackend('cpu');
    const found = await engine.solvePullback(tape!, cotangents);
    await tf.setBackend('wasm');
    found.gradient.forEach((x, i) => expect(x).toBeCloseTo(expected.gradient[i]!, 4));
  });

  test('rows are cut into parts that the device can hold, with the same result', async () => {
    const count = 6000;
    const { program, data } = prepare(
      {
        trace: (scope) => {
          const weight = scope.parameter('weight', { k: 1, n: 1 }, () => [1]);
          return trace('long', { x: 1 }, ({ x }) => {
            let y = x;
            for (let i = 0; i < 3000; i++) y = ops.sub(ops.square(y), 0.5);
            return { y: ops.mul(y, weight) };
          });
        },
        rows: count,
      },
      'float32',
    );
    const { parameters } = data;
    const x = data.inputs['x']!.map((value) => Math.fround(0.9 * value));
    const all = (await engine.run(program, parameters, count, { x })).y!;
    const last = (await engine.run(program, parameters, 3, { x: x.slice(-3) })).y!;
    expect(all.slice(-3)).toEqual(last);
    const cotangents = { y: new Float64Array(count).fill(1) };
    const { gradient } = await engine.pullback(program, parameters, count, { x }, cotangents);
    const sum = all.reduce((total, value) => total + value, 0);
    expect(Math.abs(gradient[0]! - sum)).toBeLessThan(1e-5 * Math.abs(sum));
  });

  test('a line that has been a pivot is not one again', async () => {
    const program = trace('inverse', { A: { k: 2, n: 2 } }, ({ A }) => ({ y: ops.inverseLogDet(A) }));
    const none = { trained: new Float64Array(0), state: new Float64Array(0) };
    const { y } = await engine.run(program, none, 1, { A: Float64Array.of(1, 5, 1, 1) });
    const half = Math.log(4) / 2;
    [-0.25, 1.25, half, 0.25, -0.25, half].forEach((x, i) => expect(y![i]).toBeCloseTo(x, 5));
  });
});

/** Tapes hold times as they are computed, and belong to one call. */
function withoutTape(result: unknown): unknown {
  return { ...(result as object), tape: null };
}

/** A signal that fires after it has been looked at so many times. */
function stoppingAfter(looks: number): AbortSignal {
  let left = looks;
  return {
    reason: 'enough',
    get aborted() {
      return --left < 0;
    },
  } as unknown as AbortSignal;
}
