import { expect, test } from 'vitest';
import type { Columns, SolveOptions, Tape } from '../../../src/engine/index.ts';
import type { ErrorCode } from '../../../src/errors.ts';
import { tableaus } from '../../../src/ode/index.ts';
import { Scope, modelTables, ops, trace } from '../../../src/program/index.ts';
import type { Program } from '../../../src/program/index.ts';
import type { Subject } from './subject.ts';

const program = trace('model', { x: 2, context: { k: 2, n: 3 } }, ({ x, context }) => ({
  y: ops.mul(ops.slice(x, 0, 1), ops.sum(context, 'n')),
  z: ops.square(x),
}));
const good = { x: new Float64Array(6), context: new Float64Array(18) };
const none = { trained: new Float64Array(0), state: new Float64Array(0) };

const field = trace('vector field', { t: 1, y: 2, context: 1 }, ({ t, y, context }) => ({
  dy: ops.mul(ops.mul(t, context), y),
}));
const start = { y: new Float64Array(6).fill(0.5), context: new Float64Array(3) };
const how: SolveOptions = { tableau: tableaus.dopri5, t0: 0, t1: 1, rtol: 1e-5, atol: 1e-5, maxSteps: 100 };

type Refusal = readonly [
  name: string,
  call: (subject: Subject) => Promise<unknown>,
  code: ErrorCode,
  message: RegExp,
];

const runs: readonly Refusal[] = [
  ['a missing input', running({ x: good.x }), 'invalid-argument', /model: input 'context' is missing/],
  [
    'an input that is none',
    running({ ...good, contxt: good.x }),
    'unknown-name',
    /'contxt'.*Did you mean 'context'\?.*Known: x, context/,
  ],
  [
    'too few numbers',
    running({ ...good, x: new Float64Array(5) }),
    'shape-mismatch',
    /model: input 'x' needs 3 rows of 2 numbers, 6 in all; got 5/,
  ],
  [
    'too many numbers',
    running({ ...good, context: new Float64Array(24) }),
    'shape-mismatch',
    /'context' needs 3 rows of 6 numbers, 18 in all; got 24/,
  ],
  [
    'no rows',
    running({ x: new Float64Array(0), context: new Float64Array(0) }, 0),
    'invalid-argument',
    /rows; got 0/,
  ],
  ['fewer rows than none', running(good, -3), 'invalid-argument', /rows; got -3/],
  [
    'half a row',
    running({ x: new Float64Array(1), context: new Float64Array(3) }, 0.5),
    'invalid-argument',
    /rows; got 0\.5/,
  ],
  ['rows that are no number', running(good, NaN), 'invalid-argument', /rows; got NaN/],
  [
    'too few parameters',
    ({ engine, options }) =>
      engine.run(
        withParameters(5, 0),
        { ...none, trained: new Float64Array(4) },
        1,
        { x: Float64Array.of(1) },
        options,
      ),
    'shape-mismatch',
    /5 trained numbers; got 4/,
  ],
  [
    'too few numbers that are not trained',
    ({ engine, options }) =>
      engine.run(
        withParameters(0, 2),
        { ...none, state: new Float64Array(1) },
        1,
        { x: Float64Array.of(1) },
        options,
      ),
    'shape-mismatch',
    /2 state numbers; got 1/,
  ],
];

const pullbacks: readonly Refusal[] = [
  ['a missing input', pulling({ x: good.x }, {}), 'invalid-argument', /input 'context' is missing/],
  ['a cotangent of no output', pulling(good, { w: new Float64Array(3) }), 'unknown-name', /'w'.*Known: y, z/],
  [
    'a cotangent of another length',
    pulling(good, { y: new Float64Array(3) }),
    'shape-mismatch',
    /output 'y' needs 3 rows of 2 numbers, 6 in all; got 3/,
  ],
];

const solves: readonly Refusal[] = [
  ['a program without time', solving({}, program, good), 'invalid-argument', /model: a field has an input t/],
  ['a field of another width', solving({}, fieldOf(3)), 'invalid-argument', /output dy as wide as y/],
  ['a field with more outputs', solving({}, fieldOf(2, true)), 'invalid-argument', /the one output dy/],
  [
    'the time as a column',
    solving({}, field, { ...start, t: new Float64Array(3) }),
    'unknown-name',
    /'t'.*Known: y, context/,
  ],
  [
    'a missing state',
    solving({}, field, { context: start.context }),
    'invalid-argument',
    /input 'y' is missing/,
  ],
  ['no step', solving({ maxSteps: 0 }), 'invalid-argument', /maxSteps: expected a positive integer, got 0/],
  [
    'no tolerance',
    solving({ rtol: 0 }),
    'invalid-argument',
    /rtol: expected a positive finite number, got 0/,
  ],
  ['a negative tolerance', solving({ atol: -1 }), 'invalid-argument', /atol: .*got -1/],
  ['a step that is none', solving({ stepSize: 0 }), 'invalid-argument', /stepSize: .*got 0/],
  ['a time that is none', solving({ t1: NaN }), 'invalid-argument', /t1: expected a finite number, got NaN/],
  [
    'a method without error estimate',
    solving({ tableau: tableaus.rk4 }),
    'invalid-argument',
    /stepSize: .*'rk4' has no error estimate/,
  ],
];

/** Misuse is refused at once, naming what was expected and what came. */
export function refusalLaws(subject: Subject): void {
  test.each(runs)('run: %s', (_name, call, code, message) => expectRefusal(subject, call, code, message));
  test.each(pullbacks)('pullback: %s', (_name, call, code, message) =>
    expectRefusal(subject, call, code, message),
  );
  test.each(solves)('solve: %s', (_name, call, code, message) => expectRefusal(subject, call, code, message));

  test('tapes of others', async () => {
    const { engine, options } = subject;
    const foreign: Tape = { engine: subject.name === 'tfjs' ? 'webgpu' : 'tfjs', rows: 3 };
    const message = new RegExp(`made by the engine '${foreign.engine}'; this is '${subject.name}'`);
    const pull = (tape: Tape, count: number) => () =>
      engine.solvePullback(tape, new Float64Array(count), options);
    await expectRefusal(subject, pull(foreign, 6), 'invalid-argument', message);
    await expectRefusal(subject, solving({ replay: foreign }), 'invalid-argument', message);

    const solved = await engine.solve(field, none, 3, start, { ...how, ...options, tape: true });
    const tape = solved.tape!;
    await expectRefusal(subject, pull(tape, 5), 'shape-mismatch', /3 cotangents of 2 numbers; got 5 numbers/);
    await expectRefusal(
      subject,
      solving({ replay: tape, t1: 2 }),
      'invalid-argument',
      /replay: .*t1 = 2, got .* to 1/,
    );
    const fewer = { y: start.y.slice(0, 4), context: start.context.slice(0, 2) };
    const call = () => engine.solve(field, none, 2, fewer, { ...how, ...options, replay: tape });
    await expectRefusal(subject, call, 'shape-mismatch', /replay: .*3 rows.*2/);
  });
}

async function expectRefusal(
  subject: Subject,
  call: (subject: Subject) => Promise<unknown>,
  code: ErrorCode,
  message: RegExp,
): Promise<void> {
  await expect((async () => call(subject))()).rejects.toMatchObject({
    name: 'LiouvilleError',
    code,
    message: expect.stringMatching(message) as string,
  });
}

function running(inputs: Columns, rows = 3) {
  return ({ engine, options }: Subject) => engine.run(program, none, rows, inputs, options);
}

function pulling(inputs: Columns, cotangents: Columns) {
  return ({ engine, options }: Subject) => engine.pullback(program, none, 3, inputs, cotangents, options);
}

function solving(changes: Partial<SolveOptions>, of: Program = field, inputs: Columns = start) {
  return ({ engine, options }: Subject) =>
    engine.solve(of, none, 3, inputs, { ...how, ...options, ...changes });
}

function fieldOf(width: number, more = false): Program {
  return trace('vector field', { t: 1, y: 2, context: 1 }, ({ y }) => ({
    dy: ops.pad(y, 0, width - 2),
    ...(more && { other: y }),
  }));
}

/** A program that reads that many parameters, and numbers that are not trained. */
function withParameters(trained: number, state: number): Program {
  const scope = new Scope(modelTables());
  const zeros = () => new Float64Array(0);
  return trace('large', { x: 1 }, ({ x }) => ({
    y: x,
    ...(trained > 0 && { trained: scope.parameter('p', { k: 1, n: trained }, zeros) }),
    ...(state > 0 && { state: scope.state('s', { k: 1, n: state }, zeros) }),
  }));
}
