import { expect, test } from 'vitest';
import type { Columns, SolveOptions } from '../../../src/engine/index.ts';
import { tableaus } from '../../../src/ode/index.ts';
import { ops, trace } from '../../../src/program/index.ts';
import { expectSameBits } from '../../support/close.ts';
import { prepare } from '../../support/cases/case.ts';
import type { Prepared } from '../../support/cases/case.ts';
import { modelCases } from '../../support/cases/models.ts';
import { fieldCases } from '../../support/ode-cases.ts';
import type { Data } from '../../support/oracle.ts';
import { prepareField } from './subject.ts';
import type { Subject } from './subject.ts';

const rows = 40;
const how: SolveOptions = {
  tableau: tableaus.dopri5,
  t0: 0,
  t1: 1,
  rtol: 1e-5,
  atol: 1e-5,
  maxSteps: 1000,
  tape: true,
};

/** Every number that a call gives, by name. */
type Numbers = Record<string, ArrayLike<number>>;

/** One of the four calls, for the laws that hold for all of them. */
interface Call {
  readonly name: string;
  readonly prepared: Prepared;
  /** What the call gets beside the rows. */
  readonly cotangents: Columns;
  /** Does what comes before the call, and returns what starts it. */
  readonly ready: (data: Data) => Promise<Start>;
}

type Start = (cotangents: Columns, signal?: AbortSignal) => Promise<Numbers>;

async function start(call: Call, data: Data, cotangents = call.cotangents): Promise<Numbers> {
  return (await call.ready(data))(cotangents);
}

/** What holds between a call and the arrays of its caller. */
export function callLaws(subject: Subject): void {
  const { precision } = subject;
  const list = calls(subject);

  test.each(list)('$name copies what it is given when it begins', async (call) => {
    const expected = await start(call, call.prepared.data);
    const data = copyOf(call.prepared.data);
    const cotangents = copyOfColumns(call.cotangents);
    const begin = await call.ready(data);
    const running = begin(cotangents);
    for (const array of arraysOf(data, cotangents)) array.fill(NaN);
    expectSameBits(await running, expected);
  });

  test.each(list)('$name reads views, and writes to none of its arguments', async (call) => {
    const expected = await start(call, call.prepared.data);
    const { data, cotangents, expectUntouched } = guarded(call.prepared.data, call.cotangents);
    expectSameBits(await start(call, data, cotangents), expected);
    expectUntouched();
  });

  test.each(list)('$name reads rows in single precision too', async (call) => {
    const { data } = call.prepared;
    const narrow = eachOf(data.inputs, (x) => Float32Array.from(x));
    const expected = await start(call, { ...data, inputs: eachOf(narrow, (x) => Float64Array.from(x)) });
    expectSameBits(await start(call, { ...data, inputs: narrow }), expected);
  });

  test.each(list)('$name can run beside itself with other parameters', async (call) => {
    const { data } = call.prepared;
    const trained = data.parameters.trained.map((x) => 0.5 * x);
    const other = { ...data, parameters: { ...data.parameters, trained } };
    const [first, second] = [await start(call, data), await start(call, other)];
    expect(first).not.toEqual(second);
    const [firstAgain, secondAgain] = await Promise.all([start(call, data), start(call, other)]);
    expectSameBits(firstAgain, first);
    expectSameBits(secondAgain, second);
  });

  test.each(list)('$name does not begin when it was stopped before', async (call) => {
    const begin = await call.ready(call.prepared.data);
    const reason = new Error('enough');
    await expect(begin(call.cotangents, AbortSignal.abort(reason))).rejects.toMatchObject({
      name: 'LiouvilleError',
      code: 'aborted',
      cause: reason,
    });
  });

  test('a long run stops when its signal says so', async () => {
    const program = trace('long', { x: 4 }, ({ x }) => {
      let y = x;
      for (let i = 0; i < 1000; i++) y = ops.sin(y);
      return { y };
    });
    const count = 100_000;
    const inputs = { x: new Float64Array(4 * count).fill(0.5) };
    const data = { ...prepare({ trace: () => program, rows: 1 }).data, inputs, rows: count };
    await expectStopped((signal) =>
      subject.engine.run(program, data.parameters, data.rows, inputs, { ...subject.options, signal }),
    );
  });

  test('a long solve stops when its signal says so', async () => {
    const { program, data } = prepareField(fieldCases[1]!, precision, 100_000);
    const options = {
      ...how,
      ...subject.options,
      tableau: tableaus.euler,
      stepSize: 1e-4,
      maxSteps: 20_000,
      tape: false,
    };
    await expectStopped((signal) =>
      subject.engine.solve(program, data.parameters, data.rows, data.inputs, { ...options, signal }),
    );
  });

  test('the tape does not change with the arrays of the solve', async () => {
    const { program, data } = prepareField(fieldCases[6]!, precision, 5);
    const own = copyOf(data);
    const { engine, options } = subject;
    const solved = await engine.solve(program, own.parameters, 5, own.inputs, { ...how, ...options });
    const cotangents = new Float64Array(solved.y.length).fill(1);
    const expected = await engine.solvePullback(solved.tape!, cotangents, options);
    for (const array of [...arraysOf(own, {}), solved.y]) array.fill(NaN);
    const again = await engine.solvePullback(solved.tape!, cotangents, options);
    expect(again).toEqual(expected);
  });
}

function calls({ engine, options, precision }: Subject): Call[] {
  const model = modelCases.find(({ name }) => name === 'field with two probes')!;
  const prepared = prepare({ ...model, rows }, precision);
  const { program } = prepared;
  const cotangents = Object.fromEntries(
    Object.entries(program.outputs).map(([name, y]) => [
      name,
      Float64Array.from({ length: rows * y.k * y.n }, (_, i) => Math.fround(Math.cos(i))),
    ]),
  );
  const field = prepareField(fieldCases[6]!, precision, rows);
  const ends = {
    y: Float64Array.from({ length: field.data.inputs['y']!.length }, (_, i) => Math.fround(Math.sin(i))),
  };
  return [
    {
      name: 'run',
      prepared,
      cotangents: {},
      ready:
        async ({ parameters, inputs }) =>
        (_, signal) =>
          engine.run(program, parameters, rows, inputs, { ...options, signal }),
    },
    {
      name: 'pullback',
      prepared,
      cotangents,
      ready:
        async ({ parameters, inputs }) =>
        async (given, signal) => {
          const more = { ...options, signal };
          const found = await engine.pullback(program, parameters, rows, inputs, given, more);
          return { ...found.cotangents, gradient: found.gradient };
        },
    },
    {
      name: 'solve',
      prepared: field,
      cotangents: {},
      ready:
        async ({ parameters, inputs }) =>
        async (_, signal) => {
          const more = { ...how, ...options, signal };
          const { y, nfe } = await engine.solve(field.program, parameters, rows, inputs, more);
          return { y, nfe };
        },
    },
    {
      name: 'solvePullback',
      prepared: field,
      cotangents: ends,
      async ready({ parameters, inputs }) {
        const { tape } = await engine.solve(field.program, parameters, rows, inputs, { ...how, ...options });
        return async ({ y }, signal) => {
          const found = await engine.solvePullback(tape!, y as Float64Array, { ...options, signal });
          return { ...found.cotangents, gradient: found.gradient, times: [found.t0, found.t1] };
        };
      },
    },
  ];
}

/** A call that would take very long must end soon after its signal, with the code 'aborted'. */
async function expectStopped(start: (signal: AbortSignal) => Promise<unknown>): Promise<void> {
  const controller = new AbortController();
  const running = start(controller.signal);
  setTimeout(() => controller.abort(), 5);
  await expect(running).rejects.toMatchObject({ name: 'LiouvilleError', code: 'aborted' });
}

function copyOf(data: Data): Data {
  const { trained, state } = data.parameters;
  const parameters = { trained: trained.slice(), state: state.slice() };
  return { ...data, parameters, inputs: copyOfColumns(data.inputs) };
}

function copyOfColumns(columns: Columns): Columns {
  return eachOf(columns, (x) => x.slice());
}

function eachOf<T>(columns: Columns, f: (x: Float32Array | Float64Array) => T): Record<string, T> {
  return Object.fromEntries(Object.entries(columns).map(([name, x]) => [name, f(x)]));
}

function arraysOf({ parameters, inputs }: Data, cotangents: Columns): (Float32Array | Float64Array)[] {
  return [parameters.trained, parameters.state, ...Object.values(inputs), ...Object.values(cotangents)];
}

/** The same numbers as views into the middle of larger buffers, and a check that no buffer has changed. */
function guarded(
  data: Data,
  given: Columns,
): { data: Data; cotangents: Columns; expectUntouched: () => void } {
  const sentinel = -123456.75;
  const buffers: { buffer: Float64Array; before: Float64Array }[] = [];
  const view = (array: ArrayLike<number>): Float64Array => {
    const buffer = new Float64Array(array.length + 7).fill(sentinel);
    buffer.set(array, 3);
    buffers.push({ buffer, before: buffer.slice() });
    return buffer.subarray(3, 3 + array.length);
  };
  const { trained, state } = data.parameters;
  return {
    data: {
      ...data,
      parameters: { trained: view(trained), state: view(state) },
      inputs: eachOf(data.inputs, view),
    },
    cotangents: eachOf(given, view),
    expectUntouched() {
      for (const { buffer, before } of buffers) expect(buffer).toEqual(before);
    },
  };
}
