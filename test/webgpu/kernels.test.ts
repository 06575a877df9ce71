import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { afterAll, beforeEach, describe, expect, test } from 'vitest';
import { reference } from '../../src/engine/reference/index.ts';
import { WebGpuEngine } from '../../src/engine/webgpu/engine.ts';
import { openDevice } from '../../src/engine/webgpu/gpu.ts';
import type { Tape } from '../../src/engine/index.ts';
import { tableaus } from '../../src/ode/index.ts';
import { Scope, jvp, modelTables, ops, trace } from '../../src/program/index.ts';
import type { Program, Value } from '../../src/program/index.ts';
import { offerSoftwareAdapter } from '../support/software-adapter.ts';

offerSoftwareAdapter();
const engines = { plain: new WebGpuEngine(openDevice, false), staged: new WebGpuEngine(openDevice, true) };
const found = await engines.plain.inspect();

beforeEach(({ skip }) => {
  if ('reason' in found) skip(`${found.reason} ${found.remedy}`);
});

afterAll(() => {
  for (const engine of Object.values(engines)) engine.dispose();
});

const wave = (count: number, phase = 0): Float64Array =>
  Float64Array.from({ length: count }, (_, i) => Math.fround(Math.sin(1.7 * i + phase)));

interface Net {
  readonly program: Program;
  readonly parameters: { readonly trained: Float64Array; readonly state: Float64Array };
}

/** A field of a network of these widths. */
function network(widths: readonly number[]): Net {
  const tables = modelTables();
  const scope = new Scope(tables);
  const program = trace('network', { t: 1, y: widths[0]! }, ({ t, y }) => {
    let h: Value = y;
    widths.slice(1).forEach((n, i) => {
      const [w, b] = [
        { k: n, n: widths[i]! },
        { k: 1, n },
      ].map((shape, j) =>
        scope.parameter(`${i} ${j}`, shape, () =>
          wave(shape.k * shape.n, i + j).map((x) => x / Math.sqrt(shape.n)),
        ),
      );
      h = ops.add(ops.matmul(h, w!, 'nt'), b!);
      if (i + 2 < widths.length) h = ops.tanh(ops.add(h, ops.mul(0.1, t)));
    });
    return { dy: h };
  });
  return { program, parameters: { trained: tables.trained.flat, state: new Float64Array(0) } };
}

/** Panels of all kinds: a whole one, one with a rest, and products that are cut along the inside. */
const nets = {
  'one panel': network([2, 16, 16, 2]),
  'a panel and a rest': network([1, 17, 21, 1]),
  'inner places in parts': network([1, 530, 1]),
};

/** A shader with barriers takes a software adapter seconds to compile. */
const timeout = 240_000;

const how = { tableau: tableaus.dopri5, t0: 0, t1: 1, rtol: 1e-4, atol: 1e-4, maxSteps: 100 };
/** More than a workgroup, and no whole number of them. */
const rows = 75;

function expectNear(actual: ArrayLike<number>, expected: Float64Array, relative = 2e-5): void {
  const size = expected.reduce((most, x) => Math.max(most, Math.abs(x)), 1e-30);
  const off = expected.findIndex((x, i) => !(Math.abs(actual[i]! - x) <= relative * size));
  expect({ off, was: actual[off] }).toEqual({ off: -1, was: undefined });
}

describe.each(Object.entries(engines))('%s kernels', (_, engine) => {
  test.each(Object.entries(nets))(
    'run a network: %s',
    { timeout },
    async (_name, { program, parameters }) => {
      const n = program.inputs.find((input) => input.name === 'y')!.n;
      const inputs = { t: wave(rows), y: wave(n * rows) };
      const [mine, right] = await Promise.all(
        [engine, reference].map((each) => each.run(program, parameters, rows, inputs)),
      );
      expectNear(mine!['dy']!, right!['dy']!);
    },
  );

  test('run a derivative along with the network', { timeout }, async () => {
    const { program, parameters } = nets['one panel'];
    const along = jvp(program, ['y']);
    const inputs = { t: wave(rows), y: wave(2 * rows), [along.inputs.at(-1)!.name]: wave(2 * rows, 2) };
    const [mine, right] = await Promise.all(
      [engine, reference].map((each) => each.run(along, parameters, rows, inputs)),
    );
    for (const output of Object.keys(right!)) expectNear(mine![output]!, right![output]!);
  });

  test('solve each row by its own clock, and go back', { timeout }, async () => {
    const { program, parameters } = nets['one panel'];
    // Rows of all sizes: some take many steps, some few.
    const y = wave(2 * rows).map((x, i) => x * 10 ** ((Math.floor(i / 2) % 5) - 2));
    const solve = { ...how, tape: true };
    const [mine, right] = await Promise.all(
      [engine, reference].map((each) => each.solve(program, parameters, rows, { y }, solve)),
    );
    expect(new Set(right!.nfe).size).toBeGreaterThan(1);
    const same = right!.accepted.filter((steps, row) => steps === mine!.accepted[row]).length;
    // Rounding turns some; one clock for all would turn most.
    expect(same).toBeGreaterThan(0.7 * rows);
    expectNear(mine!.y, right!.y, 1e-4);
    const cotangents = wave(2 * rows, 4);
    const [back, truth] = await Promise.all([
      engine.solvePullback(mine!.tape!, cotangents),
      reference.solvePullback(right!.tape!, cotangents),
    ]);
    expectNear(back.gradient, truth.gradient, 1e-3);
    expectNear(back.cotangents['y']!, truth.cotangents['y']!, 1e-3);
  });

  test('sum over every row, the last one of a group and of all too', { timeout }, async () => {
    const { program, parameters } = nets['a panel and a rest'];
    const inputs = { t: new Float64Array(rows), y: wave(rows) };
    const counted = [0, 63, 64, rows - 1];
    const [mine, right] = await Promise.all(
      [engine, reference].map(async (each) => {
        const pull = (some: readonly number[]): Promise<Float64Array> => {
          const dy = new Float64Array(rows);
          for (const row of some) dy[row] = 1 + row;
          return each.pullback(program, parameters, rows, inputs, { dy }).then(({ gradient }) => gradient);
        };
        return Promise.all([...counted.map((row) => pull([row])), pull(counted)]);
      }),
    );
    mine!.forEach((gradient, i) => {
      expectNear(gradient, right![i]!);
    });
  });
});

describe('what stays on the device', () => {
  const { program, parameters } = nets['one panel'];
  const engine = engines.plain;
  const inputs = { t: wave(rows), y: wave(2 * rows) };

  test('parameters are uploaded again when a bit of them has changed, and only then', async () => {
    const numbers = 4 * parameters.trained.length;
    const ask = async (trained: Float64Array): Promise<{ dy: Float64Array; up: number }> => {
      const before = (await engine.traffic()).bytesUp;
      const { dy } = await engine.run(program, { ...parameters, trained }, rows, inputs);
      return { dy: dy!, up: (await engine.traffic()).bytesUp - before };
    };
    const first = await ask(parameters.trained);
    const again = await ask(parameters.trained.slice());
    expect(again.dy).toEqual(first.dy);
    expect(again.up).toBeLessThan(numbers);
    // In place, as an optimiser does.
    const trained = parameters.trained.slice();
    trained[trained.length - 1]! += 1;
    const other = await ask(trained);
    expect(other.up).toBeGreaterThan(numbers);
    expect(other.dy[1]! - first.dy[1]!).toBeCloseTo(1, 5);
    expect((await ask(parameters.trained)).dy).toEqual(first.dy);
  });

  test('calls that are under way keep the parameters that they began with', async () => {
    const shifted = [0, 1, 2, 3].map((by) => parameters.trained.map((x) => x + by / 8));
    const ask = async (trained: Float64Array): Promise<Float64Array> =>
      (await engine.solve(program, { ...parameters, trained }, rows, { y: inputs.y }, how)).y;
    const alone: Float64Array[] = [];
    for (const trained of shifted) alone.push(await ask(trained));
    expect(await Promise.all(shifted.map(ask))).toEqual(alone);
  });

  const solved = async (y = inputs.y): Promise<Tape> =>
    (await engine.solve(program, parameters, rows, { y }, { ...how, tape: true })).tape!;
  const cotangents = wave(2 * rows);

  test('steps of a training hold no more buffers after the fourth', async () => {
    const held: [number, number][] = [];
    for (let step = 0; step < 12; step++) {
      const moved = { ...parameters, trained: parameters.trained.map((x) => x + 1e-3 * step) };
      const { tape } = await engine.solve(program, moved, rows, { y: inputs.y }, { ...how, tape: true });
      await engine.solvePullback(tape!, cotangents);
      tape!.dispose!();
      const { buffers, created } = await engine.traffic();
      held.push([buffers, created]);
    }
    expect(held.at(-1)).toEqual(held[3]);
  });

  test('a tape that was disposed of is refused, and its memory goes to the next', async () => {
    const tape = await solved();
    tape.dispose!();
    tape.dispose!();
    await expect(engine.solvePullback(tape, cotangents)).rejects.toMatchObject({
      code: 'invalid-argument',
      message: expect.stringMatching(/has been disposed of/) as string,
    });
    const { created } = await engine.traffic();
    (await solved()).dispose!();
    expect((await engine.traffic()).created).toBe(created);
  });

  test('a tape that is disposed of while it is read is read to its end', async () => {
    const [kept, given] = [await solved(), await solved()];
    const running = engine.solvePullback(given, cotangents);
    given.dispose!();
    const others = await Promise.all([wave(2 * rows, 5), wave(2 * rows, 6)].map((y) => solved(y)));
    expect((await running).gradient).toEqual((await engine.solvePullback(kept, cotangents)).gradient);
    for (const tape of [kept, ...others]) tape.dispose!();
  });

  test('a tape that is forgotten gives its memory back', async () => {
    setFlagsFromString('--expose-gc');
    const collect = runInNewContext('gc') as () => void;
    await solved();
    const { created } = await engine.traffic();
    for (let i = 0; i < 6; i++) {
      await solved();
      for (let turn = 0; turn < 3; turn++) {
        await new Promise((resolve) => setTimeout(resolve, 5));
        collect();
      }
    }
    // Six tapes without a finalizer are six buffers.
    expect((await engine.traffic()).created - created).toBeLessThan(4);
  });
});
