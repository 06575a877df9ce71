import { expect, test } from 'vitest';
import type { SolveOptions } from '../../../src/engine/index.ts';
import { reference } from '../../../src/engine/reference/index.ts';
import { tableaus } from '../../../src/ode/index.ts';
import { expectClose, expectSameRows } from '../../support/close.ts';
import { expectSlope, moved } from '../../support/differences.ts';
import { between, draws, numbers } from '../../support/numbers.ts';
import { fieldCases, odeCases, troubledField } from '../../support/ode-cases.ts';
import type { Data } from '../../support/oracle.ts';
import { prepareField, selectRows, solve, someOf } from './subject.ts';
import type { Subject } from './subject.ts';

const rows = 3;
const finely: SolveOptions = {
  tableau: tableaus.dopri5,
  t0: 0,
  t1: 1,
  rtol: 1e-11,
  atol: 1e-11,
  maxSteps: 5000,
};

export function solveGradientLaws(subject: Subject): void {
  const { engine, name, precision, relative, sameSteps } = subject;

  // Central differences need the digits of double precision.
  const exact = precision === 'float64';

  test.each(name === 'reference' ? [] : someOf(subject, odeCases(precision)))(
    '$name',
    async ({ field, options }) => {
      const { program, data } = prepareField(field, precision, rows);
      const cotangents = someCotangents(data);
      const { tape } = await solve(subject, program, data, { ...options, tape: true });
      const actual = await engine.solvePullback(tape!, cotangents, subject.options);
      const { parameters, inputs } = data;
      const known = await reference.solve(program, parameters, rows, inputs, { ...options, tape: true });
      const expected = await reference.solvePullback(known.tape!, cotangents);
      const closeness = {
        relative: sameSteps ? 1000 * relative : 1000 * options.rtol + 1000 * relative,
        precision,
      };
      expectSameRows(actual.cotangents, expected.cotangents, closeness);
      expectClose(actual.gradient, expected.gradient, closeness, 'gradient');
      expectClose([actual.t0, actual.t1], [expected.t0, expected.t1], closeness, 'times');
    },
  );

  test.each(exact ? odeCases(precision) : [])('slope: $name', async ({ field, options }) => {
    const { program, data } = prepareField(field, precision, rows);
    const cotangents = someCotangents(data);
    const { tape } = await solve(subject, program, data, { ...options, tape: true });
    const found = await engine.solvePullback(tape!, cotangents, subject.options);
    const direction = moved(data, 2);
    const losses = async (at: Data): Promise<Float64Array> => {
      const { y } = await solve(subject, program, at, { ...options, replay: tape! });
      return rowLosses(y, cotangents);
    };
    const { step } = direction;
    const ahead = await losses(direction.inputs(step));
    expectSlope(ahead, await losses(direction.inputs(-step)), step, direction.alongInputs(found.cotangents));
    const total = async (at: Data): Promise<Float64Array> =>
      Float64Array.of((await losses(at)).reduce((sum, x) => sum + x, 0));
    const more = await total(direction.parameters(step));
    expectSlope(more, await total(direction.parameters(-step)), step, [
      direction.alongParameters(found.gradient),
    ]);
  });

  // Of the solution, not of the steps, whose sizes are constants: hence tight tolerances.
  test.each(exact ? fieldCases : [])('begin and end time: $name', async (field) => {
    const { program, data } = prepareField(field, precision, rows);
    const cotangents = someCotangents(data);
    const { tape } = await solve(subject, program, data, { ...finely, tape: true });
    const { t0, t1 } = await engine.solvePullback(tape!, cotangents, subject.options);
    const loss = async (from: number, to: number): Promise<Float64Array> => {
      const { y } = await solve(subject, program, data, { ...finely, t0: from, t1: to });
      return Float64Array.of(rowLosses(y, cotangents).reduce((sum, x) => sum + x, 0));
    };
    const step = 1e-4;
    const size = 1 + Math.abs(t0) + Math.abs(t1);
    expectSlope(await loss(step, 1), await loss(-step, 1), step, [{ value: t0, size }]);
    expectSlope(await loss(0, 1 + step), await loss(0, 1 - step), step, [{ value: t1, size }]);
  });

  test('closed form: the context, the parameters and the start', async () => {
    const [rotation, , affine] = fieldCases;
    const tight = precision === 'float64' ? finely : { ...finely, rtol: 1e-6, atol: 1e-6 };
    const closeness = { relative: precision === 'float64' ? 1e-8 : 1e-4, precision };

    // y1 = (y0 + b/a) e^a - b/a
    const one = prepareField(affine!, precision, 1);
    const inputs = { y: Float64Array.of(0.5, -0.25), context: Float64Array.of(0.5, 0.75, -0.5, 1) };
    const solved = await solve(subject, one.program, { ...one.data, inputs }, { ...tight, tape: true });
    const { cotangents } = await engine.solvePullback(solved.tape!, Float64Array.of(1, 2), subject.options);
    const growth = [Math.exp(0.5), Math.exp(0.75)] as const;
    expectClose(cotangents['y']!, [growth[0], 2 * growth[1]], closeness, 'y');
    const slopes = [
      [0.5, 0.5, -0.5, 1],
      [-0.25, 0.75, 1, 2],
    ].map(
      ([y, a, b, weight]) => weight! * ((y! + b! / a!) * Math.exp(a!) - (b! / a! ** 2) * (Math.exp(a!) - 1)),
    );
    const shifts = [(growth[0] - 1) / 0.5, (2 * (growth[1] - 1)) / 0.75];
    expectClose(cotangents['context']!, [...slopes, ...shifts], closeness, 'context');

    // d/d decay of e^(-decay T) R y0 is -T y1.
    const turning = prepareField(rotation!, precision, 2);
    const end = await solve(subject, turning.program, turning.data, { ...tight, tape: true });
    const { gradient } = await engine.solvePullback(end.tape!, Float64Array.of(1, 0, 1, 0), subject.options);
    expectClose([gradient[0]!], [-(end.y[0]! + end.y[2]!)], closeness, 'decay');
  });

  test('rows that failed add nothing', async () => {
    const kinds = [0, 1, 2, 0, 3, 4];
    const { program, data } = prepareField({ trace: troubledField }, precision, kinds.length);
    const mixed = { ...data, inputs: { ...data.inputs, kind: Float64Array.from(kinds) } };
    const options: SolveOptions = {
      tableau: tableaus.dopri5,
      t0: 0,
      t1: 1,
      rtol: 1e-4,
      atol: 1e-4,
      maxSteps: 100,
      tape: true,
    };
    const gradientOf = async (some: Data) => {
      const { tape } = await solve(subject, program, some, options);
      return engine.solvePullback(tape!, new Float64Array(2 * some.rows).fill(0.5), subject.options);
    };
    const all = await gradientOf(mixed);
    const good = await gradientOf(selectRows(program, mixed, [0, 3]));
    const closeness = { relative, precision };
    expectClose(all.gradient, good.gradient, closeness, 'gradient');
    expectClose([all.t0, all.t1], [good.t0, good.t1], closeness, 'times');
    const { y, kind } = all.cotangents;
    expect(kind!.every((x) => x === 0)).toBe(true);
    kinds.forEach((trouble, row) => {
      const part = [...y!.subarray(2 * row, 2 * row + 2)];
      if (trouble === 0) expect(part.every((x) => x > 0)).toBe(true);
      else expect(part).toEqual([0, 0]);
    });
  });

  test('a solve without time gives back the cotangents', async () => {
    const { program, data } = prepareField(fieldCases[0]!, precision, rows);
    const { tape } = await solve(subject, program, data, {
      ...finely,
      rtol: 1e-5,
      atol: 1e-5,
      t1: 0,
      tape: true,
    });
    const cotangents = someCotangents(data);
    const found = await engine.solvePullback(tape!, cotangents, subject.options);
    expect([...found.cotangents['y']!]).toEqual([...cotangents]);
    expect([...found.gradient]).toEqual([0, 0]);
  });
}

/** Cotangents of the end states that single precision can hold. */
function someCotangents({ inputs }: Data): Float64Array {
  return draws(inputs['y']!.length, between(-1, 1), numbers(6)).map((x) => Math.fround(x));
}

function rowLosses(y: Float64Array, cotangents: Float64Array): Float64Array {
  const width = y.length / rows;
  return Float64Array.from({ length: rows }, (_, row) =>
    y
      .subarray(row * width, (row + 1) * width)
      .reduce((sum, x, i) => sum + x * cotangents[row * width + i]!, 0),
  );
}
