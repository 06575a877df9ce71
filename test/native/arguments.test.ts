import { describe, expect, test } from 'vitest';
import type { RunCall, SolveCall } from '../../src/engine/native/addon.ts';
import { ops, trace, vjp } from '../../src/program/index.ts';
import { addon, callOf, codeOfProgram, heun, missing } from './addon.ts';

const program = trace('sum', { x: 3, z: 1 }, ({ x, z }) => ({ y: ops.add(x, z) }));
const field = trace('growth', { t: 1, y: 2, rate: 1 }, ({ y, rate }) => ({ dy: ops.mul(y, rate) }));

const rows = 4;

/** The call of `program`, with some of its properties replaced by what does not belong there. */
function run(changes: Readonly<Record<string, unknown>>): unknown {
  const call = { ...callOf(program, rows), ...changes } as RunCall;
  return addon.run(addon.createProgram(codeOfProgram(program)), call);
}

function solveCall(): SolveCall {
  return { ...callOf(field, rows), ...heun };
}

function solve(changes: Readonly<Record<string, unknown>>): unknown {
  return addon.solve(addon.createProgram(codeOfProgram(field)), { ...solveCall(), ...changes });
}

function withTableau(changes: Readonly<Record<string, unknown>>): unknown {
  return solve({ tableau: { ...solveCall().tableau, ...changes } });
}

function withControl(changes: Readonly<Record<string, unknown>>): unknown {
  return solve({ control: { ...solveCall().control, ...changes } });
}

/** Rows for the two inputs of `program`, the first of them as given. */
function inputs(first: unknown): { inputs: readonly unknown[] } {
  return { inputs: [first, new Float64Array(rows)] };
}

/** A view of what was rows of the first input, and is not there any more. */
function detached(): Float64Array {
  const array = new Float64Array(3 * rows);
  structuredClone(array.buffer, { transfer: [array.buffer] });
  return array;
}

/** A buffer that can change its size, as JavaScript of 2024 has it. */
interface Resizable extends ArrayBuffer {
  resize(bytes: number): void;
}

const ResizableBuffer = ArrayBuffer as unknown as new (
  bytes: number,
  options: { maxByteLength: number },
) => Resizable;

function shrunk(length: number, whole: boolean): Float64Array {
  const buffer = new ResizableBuffer(8 * 3 * rows, { maxByteLength: 8 * 100 });
  const array = whole ? new Float64Array(buffer) : new Float64Array(buffer, 0, 3 * rows);
  buffer.resize(8 * length);
  return array;
}

const refused: readonly (readonly [what: string, call: () => unknown, message: RegExp])[] = [
  ['no call', () => addon.run(addon.createProgram(codeOfProgram(program)), undefined as never), /./],
  ['no program', () => addon.run(undefined as never, callOf(program, rows)), /program: expected what/],
  ['an object as program', () => addon.run({} as never, callOf(program, rows)), /program: expected what/],
  [
    'a cancellation as program',
    () => addon.run(addon.createCancellation() as never, callOf(program, rows)),
    /program: expected what/,
  ],
  ['a program without code', () => addon.createProgram(null as never), /./],
  ['code without arrays', () => addon.createProgram({} as never), /values: expected an Int32Array/],
  ['no cancellation', () => addon.cancel(1 as never), /cancellation: expected what/],
  ['rows that are a text', () => run({ rows: '4' }), /rows: expected a number/],
  ['half a row', () => run({ rows: 3.5 }), /rows: expected a whole number/],
  ['no rows', () => run({ rows: 0 }), /rows: expected a whole number/],
  ['rows beyond counting', () => run({ rows: 2 ** 60 }), /rows: expected a whole number/],
  ['rows beyond memory', () => run({ rows: 2 ** 40 }), /not enough memory|expected 3298534883328 numbers/],
  ['no threads', () => run({ threads: 0 }), /threads: expected/],
  ['threads without end', () => run({ threads: Infinity }), /threads: expected/],
  ['an instruction set that is none', () => run({ instructionSet: 9 }), /instructionSet: expected/],
  ['a precision that is none', () => run({ float64: 1 }), /float64: expected true or false/],
  ['a cancellation that is none', () => run({ cancellation: {} }), /cancellation: expected what/],
  ['no inputs', () => run({ inputs: undefined }), /inputs: expected an array/],
  ['inputs by name', () => run({ inputs: { 0: new Float64Array(12) } }), /inputs: expected an array/],
  ['an input too few', () => run({ inputs: [new Float64Array(12)] }), /with 2 entries/],
  [
    'an input as list',
    () => run(inputs([1, 2, 3])),
    /inputs\[0\]: expected a Float32Array or a Float64Array/,
  ],
  [
    'an input of whole numbers',
    () => run(inputs(new Int32Array(12))),
    /inputs\[0\]: expected a Float32Array/,
  ],
  ['an input of bytes', () => run(inputs(new DataView(new ArrayBuffer(96)))), /inputs\[0\]: expected/],
  ['an input too short', () => run(inputs(new Float64Array(11))), /inputs\[0\]: expected 12 numbers; got 11/],
  ['an input that is detached', () => run(inputs(detached())), /expected 12 numbers; got 0/],
  ['an input that shrank', () => run(inputs(shrunk(11, true))), /expected 12 numbers; got 11/],
  ['an input that shrank below its view', () => run(inputs(shrunk(11, false))), /expected 12 numbers; got 0/],
  ['parameters as list', () => run({ trained: [] }), /trained: expected a Float64Array/],
  [
    'parameters in single precision',
    () => run({ state: new Float32Array(0) }),
    /state: expected a Float64Array/,
  ],
  ['a time port beyond the inputs', () => solve({ t: 3 }), /two input ports/],
  ['one port for time and state', () => solve({ t: 1 }), /two input ports/],
  ['a time of two numbers', () => solve({ t: 1, y: 0 }), /t of one number/],
  ['a state as time', () => solve({ t: 2, y: 0 }), /as wide as y/],
  ['an end without number', () => solve({ t1: NaN }), /finite times/],
  ['a tolerance of zero', () => solve({ rtol: 0 }), /positive tolerances/],
  ['a step backwards', () => solve({ stepSize: -1 }), /stepSize/],
  ['a step of NaN', () => solve({ stepSize: NaN }), /stepSize/],
  ['no steps', () => solve({ maxSteps: 0 }), /maxSteps/],
  ['no tableau', () => solve({ tableau: null }), /./],
  ['no stages', () => withTableau({ stages: 0 }), /stages/],
  ['more stages than coefficients', () => withTableau({ stages: 3 }), /coefficients/],
  ['fewer coefficients than stages', () => withTableau({ a: new Float64Array(3) }), /coefficients/],
  ['an error estimate of other length', () => withTableau({ bError: new Float64Array(1) }), /error weight/],
  ['no error estimate', () => withTableau({ bError: null }), /stepSize for a method without/],
  ['an error estimate of order 0', () => withTableau({ errorOrder: 0 }), /order/],
  ['first same as last of one stage', () => oneStage(), /first same as last/],
  ['safety beyond 1', () => withControl({ safety: 1 }), /safety/],
  ['no reduction', () => withControl({ minFactor: 1 }), /minFactor/],
  ['no growth', () => withControl({ maxFactor: 1 }), /maxFactor/],
  ['a correction of other length', () => withTableau({ bCorrection: new Float64Array(1) }), /correction/],
  ['no weight of the last error', () => withControl({ beta: Float64Array.of(0, 1, 0) }), /beta/],
  ['weights that add up to nothing', () => withControl({ beta: Float64Array.of(1, -1, 0) }), /beta/],
  ['two weights of errors', () => withControl({ beta: Float64Array.of(1, 0) }), /beta: expected three/],
  ['no reduction after a rejection', () => withControl({ rejection: 0 }), /rejection/],
  ['a replay of nothing', () => solve({ replay: {} }), /tape: expected what/],
];

function fill(out: unknown, changes: Readonly<Record<string, unknown>> = {}): void {
  addon.fill(out as Float64Array, { instructionSet: 0, draw: 0, seed: 1, stream: 2, offset: 3, ...changes });
}

const step = {
  instructionSet: 0,
  threads: 2,
  learningRate: 0.1,
  beta1: 0.9,
  beta2: 0.99,
  epsilon: 1e-8,
  meanCorrection: 1,
  squareCorrection: 1,
};

function adam(
  changes: Readonly<Record<string, unknown>>,
  rule: Readonly<Record<string, unknown>> = {},
): void {
  const arrays = ['parameters', 'gradient', 'mean', 'square'].map((name) => [name, new Float64Array(4)]);
  const all = { ...Object.fromEntries(arrays), ...changes } as Parameters<typeof addon.adam>[0];
  addon.adam(all, { ...step, ...rule });
}

const shared = new Float64Array(8);

const inPlace: readonly (readonly [what: string, call: () => void, message: RegExp])[] = [
  ['a filling of nothing', () => fill(undefined), /out: expected a Float64Array/],
  ['a filling of single precision', () => fill(new Float32Array(4)), /out: expected a Float64Array/],
  ['a filling with a draw that is none', () => fill(new Float64Array(4), { draw: 3 }), /draw: expected/],
  ['a seed below 0', () => fill(new Float64Array(4), { seed: -1 }), /seed: expected/],
  ['a stream that is no number', () => fill(new Float64Array(4), { stream: 'x' }), /stream: expected/],
  ['an offset beyond counting', () => fill(new Float64Array(4), { offset: 2 ** 53 }), /offset: expected/],
  [
    'a filling on no processor',
    () => fill(new Float64Array(4), { instructionSet: -1 }),
    /instructionSet: expected/,
  ],
  ['a step without gradient', () => adam({ gradient: undefined }), /gradient: expected a Float64Array/],
  ['a gradient too short', () => adam({ gradient: new Float64Array(3) }), /gradient: expected as many/],
  ['a mean that is detached', () => adam({ mean: detached() }), /mean: expected as many/],
  [
    'arrays that overlap',
    () => adam({ mean: shared.subarray(0, 4), square: shared.subarray(3, 7) }),
    /square: expected an array of its own/,
  ],
  ['a step on no thread', () => adam({}, { threads: 0 }), /threads: expected/],
  ['a rate that is no number', () => adam({}, { learningRate: null }), /learningRate: expected a number/],
];

function oneStage(): unknown {
  const one = Float64Array.of(1);
  const zero = Float64Array.of(0);
  return withTableau({ stages: 1, fsal: true, c: zero, a: zero, b: one, bError: one });
}

describe.skipIf(missing !== undefined)('the addon', () => {
  test('is called rightly by these tests', async () => {
    await expect(run({})).resolves.toMatchObject({ outputs: [new Float64Array(12).fill(1)], gradient: null });
    await expect(solve({})).resolves.toMatchObject({ status: new Int32Array(4) });
  });

  test.each(refused)('refuses %s', async (_what, call, message) => {
    await expect((async () => call())()).rejects.toMatchObject({
      message: expect.stringMatching(message) as string,
    });
  });

  test('says when the numbers of a call are more than memory has', async () => {
    const wide = trace('wide', { x: 2 ** 22 }, ({ x }) => ({ y: ops.sum(x, 'n') }));
    const call = { ...callOf(wide, 1), rows: 2 ** 40, inputs: [null] };
    await expect(
      (async () => addon.run(addon.createProgram(codeOfProgram(wide)), call))(),
    ).rejects.toMatchObject({
      code: 'out-of-memory',
      message: expect.stringMatching(/not enough memory/) as string,
    });
  });

  test.each(inPlace)('refuses %s', (_what, call, message) => {
    expect(call).toThrow(message);
  });

  test('changes in place what belongs to the call, and nothing beside it', () => {
    const around = new Float64Array(9).fill(7);
    fill(around.subarray(2, 7));
    expect([0, 1, 7, 8].map((i) => around[i])).toEqual([7, 7, 7, 7]);
    expect(around.subarray(2, 7).every((x) => x > 0 && x < 1)).toBe(true);
    const gradient = new Float64Array(4).fill(1);
    adam({ parameters: around.subarray(0, 4), gradient });
    expect(gradient).toEqual(new Float64Array(4).fill(1));
    expect(around[7]).toBe(7);
    // A detached array has no numbers to fill.
    expect(() => fill(detached())).not.toThrow();
  });

  test('reads no array that a getter has taken away meanwhile', () => {
    const first = new Float64Array(3 * rows);
    const call = {
      ...callOf(program, rows),
      inputs: [first, new Float64Array(rows)],
      get trained() {
        structuredClone(first.buffer, { transfer: [first.buffer] });
        return new Float64Array(0);
      },
    };
    const handle = addon.createProgram(codeOfProgram(program));
    // Whichever comes first, the array is copied whole or refused.
    return expect(
      (async () => addon.run(handle, call))().then(
        ({ outputs }) => outputs[0]!.length,
        (error: unknown) => (error as { code: string }).code,
      ),
    ).resolves.toSatisfy((result) => result === 12 || result === 'shape-mismatch');
  });

  test('passes on what a getter throws', async () => {
    const call = {
      ...callOf(program, rows),
      get rows(): number {
        throw new RangeError('mine');
      },
    };
    const handle = addon.createProgram(codeOfProgram(program));
    await expect((async () => addon.run(handle, call))()).rejects.toThrow(new RangeError('mine'));
  });

  test('takes only the tape of the field that a transposed program belongs to', async () => {
    const { tape } = (await solve({})) as { tape: never };
    const back = { threads: 1, cancellation: null, times: true, cotangents: new Float64Array(2 * rows) };
    const transposed = addon.createProgram(codeOfProgram(vjp(field)));
    await expect(addon.solvePullback(transposed, tape, back)).resolves.toMatchObject({ t0: 0 });
    const other = addon.createProgram(codeOfProgram(vjp(program)));
    expect(() => addon.solvePullback(other, tape, back)).toThrow(/transposed program of the tape's field/);
    expect(() => addon.solvePullback(transposed, {} as never, back)).toThrow(/tape: expected what/);
    const short = { ...back, cotangents: new Float64Array(1) };
    expect(() => addon.solvePullback(transposed, tape, short)).toThrow(
      /cotangents: expected 8 numbers; got 1/,
    );
  });
});
