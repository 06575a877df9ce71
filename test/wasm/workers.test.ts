import { spawnSync } from 'node:child_process';
import { afterAll, describe, expect, test, vi } from 'vitest';
import type { SolveOptions } from '../../src/engine/index.ts';
import { programOf } from '../../src/engine/wasm/module.ts';
import { Refusal } from '../../src/engine/wasm/instance.ts';
import { Workers } from '../../src/engine/wasm/workers.ts';
import { tableaus } from '../../src/ode/index.ts';
import { ops, trace } from '../../src/program/index.ts';
import { prepare } from '../support/cases/case.ts';
import type { Prepared } from '../support/cases/case.ts';
import { modelCases } from '../support/cases/models.ts';
import { fieldCases } from '../support/ode-cases.ts';
import { root } from '../support/repository.ts';
import { bits, engine } from './engine.ts';

const options: SolveOptions = {
  tableau: tableaus.dopri5,
  t0: 0,
  t1: 1,
  rtol: 1e-5,
  atol: 1e-5,
  maxSteps: 200,
};

afterAll(() => engine.dispose());

/** Everything that the engine computes of a model and of a field, by some workers. */
async function everything([model, field]: [Prepared, Prepared], threads: number): Promise<string> {
  const how = { threads, precision: 'float32' } as const;
  const { program, data } = model;
  const cotangents = Object.fromEntries(
    Object.entries(program.outputs).map(([name, { k, n }]) => [
      name,
      new Float64Array(data.rows * k * n).fill(0.3),
    ]),
  );
  const { t: _, ...inputs } = field.data.inputs;
  const { parameters, rows } = field.data;
  const solve = { ...options, ...how, tape: true };
  const { tape, ...rest } = await engine.solve(field.program, parameters, rows, inputs, solve);
  const again = { ...solve, tape: false, replay: tape! };
  return bits([
    await engine.run(program, data.parameters, data.rows, data.inputs, how),
    await engine.pullback(program, data.parameters, data.rows, data.inputs, cotangents, how),
    rest,
    await engine.solvePullback(tape!, rest.y, how),
    (await engine.solve(field.program, parameters, rows, inputs, again)).y,
  ]);
}

function prepared(rows: number): [Prepared, Prepared] {
  const model = modelCases.find(({ name }) => name === 'field with exact trace')!;
  const field = fieldCases.find(({ name }) => name === 'a network with its exact trace')!;
  return [prepare({ ...model, rows }), prepare({ ...field, rows })];
}

describe('workers', () => {
  test.each([1, 2, 63, 257, 1000])('give %i rows the same bits, however many they are', async (rows) => {
    const given = prepared(rows);
    const alone = await everything(given, 1);
    for (const threads of [2, 3, 5]) expect(await everything(given, threads)).toBe(alone);
  });

  test('do many calls at a time, of all kinds', async () => {
    const sizes = [1, 5, 40, 300];
    const expected = new Map<number, string>();
    for (const rows of sizes) expected.set(rows, await everything(prepared(rows), 2));
    const calls = Array.from({ length: 24 }, (_, i) => sizes[i % sizes.length]!);
    const results = await Promise.all(calls.map((rows, i) => everything(prepared(rows), 1 + (i % 3))));
    results.forEach((result, i) => expect(result).toBe(expected.get(calls[i]!)));
  });

  test('are started anew after the engine was disposed of, and a tape outlives them', async () => {
    const [, { program, data }] = prepared(300);
    const { t: _, ...inputs } = data.inputs;
    const tape = { ...options, tape: true };
    const solution = await engine.solve(program, data.parameters, data.rows, inputs, tape);
    const before = bits(await engine.solvePullback(solution.tape!, solution.y));
    engine.dispose();
    const during = engine.solvePullback(solution.tape!, solution.y);
    engine.dispose();
    expect(bits(await during)).toBe(before);
  });

  test('that are stopped are replaced; calls beside go on', async () => {
    const [, { program, data }] = prepared(20_000);
    const { t: _, ...inputs } = data.inputs;
    const how = { ...options, rtol: 1e-12, atol: 1e-12, maxSteps: 100_000, precision: 'float64' } as const;
    const abort = new AbortController();
    const { signal } = abort;
    const solve = () => engine.solve(program, data.parameters, data.rows, inputs, { ...how, signal });
    const stopped = [solve(), solve(), solve()];
    const small = trace('small', { x: 1 }, ({ x }) => ({ y: ops.exp(x) }));
    const other = engine.run(small, data.parameters, 1, { x: Float64Array.of(0) });
    setTimeout(() => abort.abort(new Error('enough')), 100);
    for (const result of await Promise.allSettled(stopped)) {
      expect(result).toMatchObject({ status: 'rejected', reason: { code: 'aborted' } });
    }
    expect(await other).toEqual({ y: Float64Array.of(1) });
  });

  test('report that memory has run out, and go on', { timeout: 60_000 }, async () => {
    const wide = trace('wide', { x: 1 }, ({ x }) => ({
      y: ops.sum(ops.broadcast(x, { k: 1, n: 2 ** 23 }), 'n'),
    }));
    const none = { trained: new Float64Array(0), state: new Float64Array(0) };
    const call = engine.run(wide, none, 1, { x: Float64Array.of(2) });
    await expect(call).rejects.toMatchObject({ name: 'LiouvilleError', code: 'out-of-memory' });
    const small = trace('small', { x: 1 }, ({ x }) => ({ y: ops.square(x) }));
    expect(await engine.run(small, none, 1, { x: Float64Array.of(3) })).toEqual({ y: Float64Array.of(9) });
  });

  test('grow their memory with what they are given', { timeout: 60_000 }, async () => {
    const copy = trace('copy', { x: 4 }, ({ x }) => ({ y: ops.neg(x) }));
    const none = { trained: new Float64Array(0), state: new Float64Array(0) };
    const x = Float64Array.from({ length: 4e6 }, (_, i) => i);
    const { y } = await engine.run(copy, none, 1e6, { x }, { precision: 'float64', threads: 1 });
    expect(y!.every((value, i) => value === -i)).toBe(true);
  });
});

/** A request that the module refuses. */
const refused = { name: 'run', programs: [], arrays: [null] } as const;

describe('a worker that is lost', () => {
  test('is an error of its call, and another takes its place', async () => {
    const program = await programOf('simd');
    const dying = `
      const { parentPort } = process.getBuiltinModule('node:worker_threads');
      parentPort.on('message', (x) => ('module' in x ? parentPort.postMessage({ ready: true }) : process.exit(3)));`;
    const scripts = [dying, program.script];
    const workers = new Workers(async () => ({ ...program, script: scripts.shift() ?? dying }));
    const [first, second] = [workers.submit(refused, 1), workers.submit(refused, 1)];
    await expect(first.result).rejects.toMatchObject({
      code: 'engine-unavailable',
      message: expect.stringMatching(/worker.*ended.*3/) as string,
    });
    await expect(second.result).rejects.toBeInstanceOf(Refusal);
    workers.rest();
  });

  test('is an error of all calls when it cannot even begin', async () => {
    const none = new Workers(async () => Promise.reject(new Error('no module')));
    const calls = [none.submit(refused, 2), none.submit(refused, 2)];
    for (const end of await Promise.allSettled(calls.map(({ result }) => result))) {
      expect(end).toMatchObject({
        status: 'rejected',
        reason: { code: 'engine-unavailable', message: expect.stringMatching(/no module/) as string },
      });
    }
  });
});

test('where there are no workers, the thread of the caller does the work', async () => {
  const given = prepared(40);
  const expected = await everything(given, 2);
  engine.dispose();
  vi.stubGlobal('process', { ...process, getBuiltinModule: undefined, env: process.env });
  try {
    expect(await everything(given, 2)).toBe(expected);
  } finally {
    engine.dispose();
    vi.unstubAllGlobals();
  }
});

test('an idle engine does not keep the process alive', () => {
  const script = `
    const { chooseEngine } = await import('liouville/engine');
    const { ops, trace } = await import('liouville/program');
    const square = trace('square', { x: 1 }, ({ x }) => ({ y: ops.square(x) }));
    const none = { trained: new Float64Array(0), state: new Float64Array(0) };
    const { y } = await chooseEngine('wasm').run(square, none, 2, { x: Float64Array.of(3, 4) });
    console.log(y.join());`;
  const args = ['--input-type=module', '--eval', script];
  const { status, stdout, stderr } = spawnSync(process.execPath, args, {
    cwd: root,
    encoding: 'utf8',
    timeout: 20_000,
  });
  expect({ status, stdout, stderr }).toEqual({ status: 0, stdout: '9,16\n', stderr: '' });
});
