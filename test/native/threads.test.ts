import { Worker } from 'node:worker_threads';
import { describe, expect, test } from 'vitest';
import { reference } from '../../src/engine/index.ts';
import type { Engine, SolveOptions } from '../../src/engine/index.ts';
import { nativeEngine } from '../../src/engine/native/index.ts';
import { tableaus } from '../../src/ode/index.ts';
import { ops, trace } from '../../src/program/index.ts';
import { prepare } from '../support/cases/case.ts';
import type { Prepared } from '../support/cases/case.ts';
import { modelCases } from '../support/cases/models.ts';
import { fieldCases } from '../support/ode-cases.ts';
import { addon, callOf, codeOfProgram, missing } from './addon.ts';

const found = nativeEngine();
const engine = ('engine' in found ? found.engine : undefined) as Engine;
const path = 'details' in found ? found.details.path : '';

const options: SolveOptions = {
  tableau: tableaus.dopri5,
  t0: 0,
  t1: 1,
  rtol: 1e-5,
  atol: 1e-5,
  maxSteps: 200,
};

/** Every bit of a result, as text. */
function bits(value: unknown): string {
  return JSON.stringify(value, (_key, x: unknown) =>
    ArrayBuffer.isView(x)
      ? Buffer.from(x.buffer as ArrayBuffer, x.byteOffset, x.byteLength).toString('hex')
      : x,
  );
}

/** Everything that an engine computes of a model and of a field, on some threads. */
async function everything(model: Prepared, field: Prepared, threads: number): Promise<string> {
  const how = { threads, precision: 'float32' } as const;
  const { program, data } = model;
  const cotangents = Object.fromEntries(
    Object.entries(program.outputs).map(([name, { k, n }]) => [
      name,
      new Float64Array(data.rows * k * n).fill(0.3),
    ]),
  );
  const { t: _, ...inputs } = field.data.inputs;
  const solution = await engine.solve(field.program, field.data.parameters, field.data.rows, inputs, {
    ...options,
    ...how,
    tape: true,
  });
  const { tape, ...rest } = solution;
  return bits([
    await engine.run(program, data.parameters, data.rows, data.inputs, how),
    await engine.pullback(program, data.parameters, data.rows, data.inputs, cotangents, how),
    rest,
    await engine.solvePullback(tape!, solution.y, how),
  ]);
}

function prepared(rows: number): [Prepared, Prepared] {
  const model = modelCases.find(({ name }) => name === 'field with exact trace')!;
  const field = fieldCases.find(({ name }) => name === 'a network with its exact trace')!;
  return [prepare({ ...model, rows }), prepare({ ...field, rows })];
}

describe.skipIf(missing !== undefined)('the native engine', () => {
  test.each([1, 2, 63, 257, 1000])('gives %i rows the same bits on any number of threads', async (rows) => {
    const [model, field] = prepared(rows);
    const alone = await everything(model, field, 1);
    for (const threads of [2, 3, 7]) expect(await everything(model, field, threads)).toBe(alone);
  });

  test('takes a step of Adam with the bits of the reference on any number of threads', async () => {
    // So many that several threads have something to do; they are there once a call has been made.
    await everything(...prepared(20), 3);
    const count = 200_001;
    const draw = (stream: number) => {
      const numbers = new Float64Array(count);
      engine.fill('normal', numbers, 1, stream);
      return numbers;
    };
    const arrays = () => ({
      parameters: draw(1),
      gradient: draw(2),
      mean: draw(3),
      square: draw(4).map(Math.abs),
    });
    const step = { learningRate: 0.1, beta1: 0.9, beta2: 0.99, epsilon: 1e-8 };
    const rule = { ...step, meanCorrection: 0.3, squareCorrection: 0.2, instructionSet: 0 };
    const expected = arrays();
    reference.adam(expected, rule);
    for (const threads of [1, 2, 3, 7]) {
      const found = arrays();
      addon.adam(found, { ...rule, threads });
      expect(bits(found) === bits(expected)).toBe(true);
    }
  });

  test('runs many calls at a time, of all kinds', async () => {
    const sizes = [1, 5, 40, 300];
    const expected = new Map<number, string>();
    for (const rows of sizes) expected.set(rows, await everything(...prepared(rows), 2));
    const calls = Array.from({ length: 60 }, (_, i) => sizes[i % sizes.length]!);
    const results = await Promise.all(calls.map((rows, i) => everything(...prepared(rows), 1 + (i % 4))));
    results.forEach((result, i) => expect(result).toBe(expected.get(calls[i]!)));
  });

  test('goes on after it was disposed of', async () => {
    const [model, field] = prepared(20);
    const before = await everything(model, field, 2);
    engine.dispose();
    const during = everything(model, field, 2);
    engine.dispose();
    expect(await during).toBe(before);
  });

  test('one signal stops running and waiting calls, and no others', async () => {
    const [, { program, data }] = prepared(20_000);
    const { t: _, ...inputs } = data.inputs;
    const how = { ...options, rtol: 1e-12, atol: 1e-12, maxSteps: 100_000, precision: 'float64' } as const;
    const abort = new AbortController();
    const solve = (signal?: AbortSignal) =>
      engine.solve(program, data.parameters, data.rows, inputs, { ...how, signal });
    const stopped = Array.from({ length: 5 }, async () => solve(abort.signal));
    const small = trace('small', { x: 1 }, ({ x }) => ({ y: ops.exp(x) }));
    const other = engine.run(small, data.parameters, 1, { x: Float64Array.of(0) });
    setTimeout(() => abort.abort(new Error('enough')), 20);
    for (const result of await Promise.allSettled(stopped)) {
      expect(result).toMatchObject({
        status: 'rejected',
        reason: { name: 'LiouvilleError', code: 'aborted', cause: { message: 'enough' } },
      });
    }
    expect(await other).toEqual({ y: Float64Array.of(1) });
  });

  test('a tape outlives the engine that made it, and the arrays that went in', async () => {
    const [, { program, data }] = prepared(300);
    const { t: _, ...inputs } = data.inputs;
    const solution = await engine.solve(program, data.parameters, data.rows, inputs, {
      ...options,
      tape: true,
      precision: 'float64',
    });
    const first = bits(await engine.solvePullback(solution.tape!, solution.y));
    engine.dispose();
    for (const array of Object.values(inputs))
      structuredClone(array.buffer, { transfer: [array.buffer as ArrayBuffer] });
    const again = await Promise.all(
      [1, 2].map((threads) => engine.solvePullback(solution.tape!, solution.y, { threads })),
    );
    expect(again.map((result) => bits(result))).toEqual([first, first]);
  });
});

/** A worker that loads the addon, runs a program over and over, and says each time what came out. */
const workerSource = `
  const { parentPort, workerData: { path, code, call, endless } } = require('node:worker_threads');
  const module_ = { exports: {} };
  process.dlopen(module_, path);
  const addon = module_.exports;
  const program = addon.createProgram(code);
  (async () => {
    do {
      const results = await Promise.all(Array.from({ length: 8 }, () => addon.run(program, call)));
      parentPort.postMessage(results.map(({ outputs }) => outputs[0][outputs[0].length - 1]));
    } while (endless);
  })();
`;

describe.skipIf(missing !== undefined)('worker threads', () => {
  const program = trace('exp', { x: 50 }, ({ x }) => ({ y: ops.exp(x) }));
  const begin = (rows: number, endless: boolean): Worker =>
    new Worker(workerSource, {
      eval: true,
      workerData: { path, code: codeOfProgram(program), call: callOf(program, rows), endless },
    });
  const message = (worker: Worker): Promise<unknown> =>
    new Promise((resolve, reject) => worker.once('message', resolve).once('error', reject));

  test('load the addon each for itself, at the same time', async () => {
    const workers = Array.from({ length: 4 }, () => begin(100, false));
    // Listened for at once: the first may have ended before the last has answered.
    const codes = workers.map((worker) => new Promise((resolve) => worker.once('exit', resolve)));
    const results = await Promise.all(workers.map((worker) => message(worker)));
    for (const result of results) expect(result).toEqual(Array(8).fill(Math.exp(0.5)));
    // They end by themselves: an idle engine keeps no thread of JavaScript alive.
    expect(await Promise.all(codes)).toEqual([0, 0, 0, 0]);
  });

  test('can be ended while calls are running', async () => {
    for (let i = 0; i < 8; i++) {
      const worker = begin(20_000, true);
      await message(worker);
      expect(await worker.terminate()).toBe(1);
    }
  });
});
