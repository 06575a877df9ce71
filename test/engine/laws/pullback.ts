import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Columns, PullbackResult } from '../../../src/engine/index.ts';
import { ops, trace } from '../../../src/program/index.ts';
import type { Program } from '../../../src/program/index.ts';
import { expectClose, expectSameRows } from '../../support/close.ts';
import type { Closeness } from '../../support/close.ts';
import { programCases } from '../../support/cases.ts';
import { prepare } from '../../support/cases/case.ts';
import { expectSlope, moved } from '../../support/differences.ts';
import { between, draws, numbers } from '../../support/numbers.ts';
import type { Data } from '../../support/oracle.ts';
import { cook, recipes, transposedOracle } from '../../support/random-programs.ts';
import { pullback, run, someOf, someRuns } from './subject.ts';
import type { Subject } from './subject.ts';

export function pullbackLaws(subject: Subject): void {
  const { precision, relative, witness } = subject;

  test.each(someOf(subject, programCases))(
    '$name',
    async ({ condition = 1, entrywise, smooth, transposed, ...rest }) => {
      const { program, data } = prepare(rest, precision);
      const cotangents = someCotangents(program, data);
      const actual = await pullback(subject, program, data, cotangents);
      const expected = await witness.pullback(program, data, cotangents);
      // Derivatives such as 1 - y cancel where functions saturate, even if no value of the program does.
      const absolute = entrywise === true ? relative : 0;
      const closeness = { relative: relative * condition, precision, entrywise, absolute };
      expectSameRows(actual.cotangents, expected.cotangents, closeness);
      expectClose(actual.gradient, expected.gradient, closeness, 'gradient');
      if (precision === 'float64' && smooth && transposed !== true) {
        await expectSlopes(subject, program, data, cotangents, actual);
      }
    },
  );

  test('any program', async () => {
    await fc.assert(
      fc.asyncProperty(recipes, async (recipe) => {
        const cooked = cook(recipe, precision);
        const { program, data } = cooked;
        const cotangents = someCotangents(program, data);
        const actual = await pullback(subject, program, data, cotangents);
        const expected = transposedOracle(cooked, cotangents);
        const allowed = 1000 * relative;
        const closeness: Closeness = { relative: allowed, absolute: allowed, precision };
        expectSameRows(actual.cotangents, expected.cotangents, closeness);
        expectClose(actual.gradient, expected.gradient, closeness, 'gradient');
      }),
      { numRuns: someRuns(subject, 150), seed: 21 },
    );
  });

  test('gives the outputs too, where they are asked for', async () => {
    const program = trace('two', { x: 2 }, ({ x }) => ({ y: ops.square(x), z: ops.exp(x) }));
    const { data } = prepare({ trace: () => program, rows: 40 }, precision);
    const cotangents = someCotangents(program, data);
    const { engine, options } = subject;
    const { parameters, rows, inputs } = data;
    const both = await engine.pullback(program, parameters, rows, inputs, cotangents, {
      ...options,
      outputs: true,
    });
    const { outputs, ...rest } = both;
    expect(outputs).toEqual(await engine.run(program, parameters, rows, inputs, options));
    expect(rest).toEqual(await pullback(subject, program, data, cotangents));
  });

  test('cotangents that are not given are zero', async () => {
    const program = trace('two', { x: 2 }, ({ x }) => ({ y: ops.square(x), z: ops.exp(x) }));
    const { data } = prepare({ trace: () => program, rows: 3 }, precision);
    const given = someCotangents(program, data);
    const zero = { y: given['y']!, z: new Float64Array(6) };
    const left = await pullback(subject, program, data, { y: given['y']! });
    expect(left).toEqual(await pullback(subject, program, data, zero));
    expect(left.cotangents['x']!.every((x) => x !== 0)).toBe(true);
    const none = await pullback(subject, program, data, {});
    expect([...none.cotangents['x']!].map(Math.abs)).toEqual([0, 0, 0, 0, 0, 0]);
  });

  test('the gradient is as long as the trained parameters, zero where they are not read', async () => {
    const { program, data } = prepare(
      {
        trace: (scope) => {
          scope.parameter('before', { k: 1, n: 2 }, () => [1, 2]);
          const used = scope.parameter('used', { k: 1, n: 2 }, () => [3, 4]);
          scope.parameter('after', { k: 1, n: 1 }, () => [5]);
          return trace('partly', { x: 2 }, ({ x }) => ({ y: ops.mul(x, used) }));
        },
        rows: 2,
      },
      precision,
    );
    const inputs = { x: Float64Array.of(1, 2, 3, 4) };
    const { gradient } = await pullback(
      subject,
      program,
      { ...data, inputs },
      { y: Float64Array.of(1, 1, 1, 1) },
    );
    expect(gradient).toEqual(Float64Array.of(0, 0, 4, 6, 0));
  });
}

/** A cotangent for each output. */
function someCotangents(program: Program, { rows }: Data): Record<string, Float64Array> {
  const random = numbers(5);
  return Object.fromEntries(
    Object.entries(program.outputs).map(([name, { k, n }]) => [
      name,
      draws(rows * k * n, between(-1, 1), random).map((x) => Math.fround(x)),
    ]),
  );
}

/** Gradients against central differences of the engine's own rows, of each row and of their sum. */
async function expectSlopes(
  subject: Subject,
  program: Program,
  data: Data,
  cotangents: Columns,
  found: PullbackResult,
): Promise<void> {
  const direction = moved(data, 1);
  const { step } = direction;
  const losses = async (at: Data): Promise<Float64Array> =>
    rowLosses(await run(subject, program, at), cotangents, data.rows);
  const ahead = await losses(direction.inputs(step));
  const behind = await losses(direction.inputs(-step));
  expectSlope(ahead, behind, step, direction.alongInputs(found.cotangents));
  if (found.gradient.length === 0) return;
  const more = sum(await losses(direction.parameters(step)));
  const less = sum(await losses(direction.parameters(-step)));
  expectSlope(more, less, step, [direction.alongParameters(found.gradient)]);
}

function sum(rows: Float64Array): Float64Array {
  return Float64Array.of(rows.reduce((total, x) => total + x, 0));
}

/** Of each row: the sum over the outputs of cotangent times value. */
function rowLosses(outputs: Columns, cotangents: Columns, rows: number): Float64Array {
  const losses = new Float64Array(rows);
  for (const [name, values] of Object.entries(outputs)) {
    const width = values.length / rows;
    values.forEach((value, i) => {
      const row = Math.floor(i / width);
      losses[row] = losses[row]! + value * cotangents[name]![i]!;
    });
  }
  return losses;
}
