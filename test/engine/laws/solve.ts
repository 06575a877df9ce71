import { expect, test } from 'vitest';
import type { SolveOptions } from '../../../src/engine/index.ts';
import { describeFailure, tableaus } from '../../../src/ode/index.ts';
import { expectClose, expectSameBits } from '../../support/close.ts';
import { odeCases, troubledField, troubles } from '../../support/ode-cases.ts';
import type { OdeCase } from '../../support/ode-cases.ts';
import { prepareField, rowOf, solve, someOf } from './subject.ts';
import type { Subject } from './subject.ts';

export function solveLaws(subject: Subject): void {
  const { precision, relative, sameSteps, witness } = subject;

  test.each(someOf(subject, odeCases(precision)))('$name', async (problem) => {
    const { program, data } = prepareField(problem.field, precision, 3);
    const actual = await solve(subject, program, data, problem.options);
    const expected = await witness.solve(program, data, problem.options);
    expect(actual.status).toEqual(['ok', 'ok', 'ok']);
    expect(actual.failures).toEqual([null, null, null]);
    expect(actual.tape).toBeNull();
    // Steps that are chosen in single precision are not those of double precision.
    const tolerance = sameSteps ? 100 * relative : 100 * problem.options.rtol + 1000 * relative;
    expectClose(actual.y, expected.y, { relative: tolerance, precision }, 'y');
    if (sameSteps || problem.options.stepSize !== undefined) {
      expect([...actual.accepted]).toEqual([...expected.accepted]);
      expect([...actual.rejected]).toEqual([...expected.rejected]);
      expect([...actual.nfe]).toEqual([...expected.nfe]);
    }
    expectExact(
      problem,
      (row) => rowOf(program, data, row),
      data.parameters.trained,
      actual.y,
      precision === 'float32' ? 1e-4 : 0,
    );
  });

  test('rows that fail say why, and leave the others alone', async () => {
    const kinds = [0, 1, 0, 2, 3, 0, 4, 0];
    const { program, data } = prepareField(
      { trace: troubledField, draws: { y: () => 0.5 } },
      precision,
      kinds.length,
    );
    const inputs = { ...data.inputs, kind: Float64Array.from(kinds) };
    const options: SolveOptions = {
      tableau: tableaus.dopri5,
      t0: 0,
      t1: 1,
      rtol: 1e-5,
      atol: 1e-5,
      maxSteps: 150,
    };
    const { y, status, failures, nfe, accepted, rejected } = await solve(
      subject,
      program,
      { ...data, inputs },
      options,
    );
    const expected = await witness.solve(program, { ...data, inputs }, options);

    expect(status[kinds.indexOf(troubles.nanAtOnce)]).toBe('non-finite');
    expect(status[kinds.indexOf(troubles.nanLater)]).toBe('non-finite');
    expect(status[kinds.indexOf(troubles.tooManySteps)]).toBe('max-steps');
    expect(['non-finite', 'step-underflow']).toContain(status[kinds.indexOf(troubles.explodes)]);
    if (sameSteps) {
      expect(status).toEqual(expected.status);
      // Where steps shrink towards a time or a size, rounding decides how many they are.
      const determined = kinds.flatMap((kind, row) =>
        kind === troubles.nanLater || kind === troubles.explodes ? [] : [row],
      );
      const counts = (from: typeof expected): number[][] =>
        determined.map((row) => [from.nfe[row]!, from.accepted[row]!, from.rejected[row]!]);
      expect(counts({ y, status, nfe, accepted, rejected })).toEqual(counts(expected));
    }
    const rate = data.parameters.trained[0]!;
    kinds.forEach((kind, row) => {
      const state = [...y.subarray(2 * row, 2 * row + 2)];
      if (kind === troubles.none) {
        expect(status[row]).toBe('ok');
        expect(failures[row]).toBeNull();
        for (const value of state) expect(value).toBeCloseTo(0.5 * Math.exp(-rate), 4);
        return;
      }
      expect(state).toEqual([NaN, NaN]);
      const failure = failures[row]!;
      const numbers = [failure.t, failure.h, failure.norm, failure.component];
      expect(numbers.filter((x) => !Number.isFinite(x))).toEqual([]);
      expect(describeFailure(status[row] as 'non-finite', failure, { row, maxSteps: 150 })).toContain(
        `row ${row}`,
      );
    });
    expect(failures[kinds.indexOf(troubles.nanAtOnce)]).toMatchObject({ t: 0, h: 0, norm: 0.5 });
    expect(failures[kinds.indexOf(troubles.nanLater)]!.t).toBeCloseTo(0.43, 2);
    expect(
      accepted[kinds.indexOf(troubles.tooManySteps)]! + rejected[kinds.indexOf(troubles.tooManySteps)]!,
    ).toBe(150);
  });

  test('rows that fail in fixed steps', async () => {
    const kinds = [0, 2, 3, 0];
    const { program, data } = prepareField(
      { trace: troubledField, draws: { y: () => 0.5 } },
      precision,
      kinds.length,
    );
    const inputs = { ...data.inputs, kind: Float64Array.from(kinds) };
    const fixed: SolveOptions = {
      tableau: tableaus.rk4,
      t0: 0,
      t1: 1,
      rtol: 1,
      atol: 1,
      stepSize: 0.1,
      maxSteps: 10,
    };
    const enough = await solve(subject, program, { ...data, inputs }, fixed);
    expect(enough.status).toEqual(['ok', 'non-finite', 'non-finite', 'ok']);
    expect([...enough.accepted]).toEqual([10, 0, 4, 10]);
    const short = await solve(subject, program, { ...data, inputs }, { ...fixed, maxSteps: 9 });
    expect(short.status).toEqual(['max-steps', 'non-finite', 'non-finite', 'max-steps']);
    expect(short.y.every(Number.isNaN)).toBe(true);
  });

  test('an initial state that is NaN fails by itself', async () => {
    const { program, data } = prepareField({ trace: troubledField, draws: { kind: () => 0 } }, precision, 3);
    const y = data.inputs['y']!.slice();
    y[2] = NaN;
    const options: SolveOptions = {
      tableau: tableaus.tsit5,
      t0: 0,
      t1: 1,
      rtol: 1e-4,
      atol: 1e-4,
      maxSteps: 100,
    };
    const { status } = await solve(subject, program, { ...data, inputs: { ...data.inputs, y } }, options);
    expect(status).toEqual(['ok', 'non-finite', 'ok']);
  });

  test('a replay takes the same steps, and from the same state comes to the same bits', async () => {
    const [problem] = odeCases(precision).filter(({ name }) =>
      name.startsWith("y' = y^2 cos t, dopri5 forward"),
    );
    const { program, data } = prepareField(problem!.field, precision, 4);
    const first = await solve(subject, program, data, { ...problem!.options, tape: true });
    expect(first.tape).toMatchObject({ engine: subject.name, rows: 4 });
    const again = await solve(subject, program, data, { ...problem!.options, replay: first.tape! });
    expectSameBits({ y: again.y, accepted: again.accepted }, { y: first.y, accepted: first.accepted });
    expect([...again.rejected]).toEqual([0, 0, 0, 0]);
    // From elsewhere the steps stay, where error control would have chosen others.
    const far = { ...data, inputs: { ...data.inputs, y: data.inputs['y']!.map((x) => 0.01 * x) } };
    const moved = await solve(subject, program, far, { ...problem!.options, replay: first.tape! });
    expect([...moved.accepted]).toEqual([...first.accepted]);
  });

  test('a tape on which a row failed is not replayed', async () => {
    const [problem] = odeCases(precision).filter(({ name }) =>
      name.startsWith("y' = y^2 cos t, dopri5 forward"),
    );
    const { program, data } = prepareField(problem!.field, precision, 4);
    const y = data.inputs['y']!.map((x, i) => (i === 2 ? NaN : x));
    const broken = { ...data, inputs: { ...data.inputs, y } };
    const { status, tape } = await solve(subject, program, broken, { ...problem!.options, tape: true });
    expect(status).toContain('non-finite');
    const again = solve(subject, program, broken, { ...problem!.options, replay: tape! });
    await expect(again).rejects.toThrow(/a tape to replay on which no row failed/);
  });

  test('the last step ends on the end time exactly', async () => {
    const [problem] = odeCases(precision).filter(({ name }) =>
      name.startsWith('a function of the time alone'),
    );
    const { program, data } = prepareField(problem!.field, precision, 2);
    // dopri5 integrates t^2 without error, so that only the times can be wrong.
    const { y } = await solve(subject, program, data, { ...problem!.options, t0: 0.1, t1: 0.1 + 1 / 3 });
    const wanted = data.inputs['y']!.map((x) => x + (0.1 + 1 / 3) ** 3 - 0.1 ** 3);
    expectClose(y, wanted, { relative: 10 * relative, precision }, 'y');
  });
}

function expectExact(
  { field, options, error }: OdeCase,
  row: (index: number) => Readonly<Record<string, Float64Array>>,
  trained: Float64Array,
  y: Float64Array,
  rounding: number,
): void {
  if (field.exact === undefined) return;
  const width = y.length / 3;
  for (let index = 0; index < 3; index++) {
    const inputs = Object.fromEntries(Object.entries(row(index)).map(([name, x]) => [name, [...x]]));
    const exact = field.exact(inputs, options.t0, options.t1, [...trained]);
    exact.forEach((value, i) => {
      const allowed = (error + rounding) * Math.max(1, Math.abs(value));
      expect(
        Math.abs(y[index * width + i]! - value),
        `row ${index}: expected ${exact.join(', ')}`,
      ).toBeLessThan(allowed);
    });
  }
}
