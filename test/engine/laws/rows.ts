import { expect, test } from 'vitest';
import type { SolveOptions } from '../../../src/engine/index.ts';
import { tableaus } from '../../../src/ode/index.ts';
import type { Program } from '../../../src/program/index.ts';
import { expectSameBits } from '../../support/close.ts';
import { prepare } from '../../support/cases/case.ts';
import { modelCases } from '../../support/cases/models.ts';
import { numbers } from '../../support/numbers.ts';
import { fieldCases, troubledField, troubles } from '../../support/ode-cases.ts';
import type { Data } from '../../support/oracle.ts';
import { pullback, run, select, selectRows, solve } from './subject.ts';
import type { Subject } from './subject.ts';

const count = 300;
const adaptive: SolveOptions = {
  tableau: tableaus.dopri5,
  t0: 0,
  t1: 1,
  rtol: 1e-5,
  atol: 1e-5,
  maxSteps: 150,
};

/** A result for each row: `width` numbers of each array belong to one. */
type Results = Readonly<Record<string, { readonly width: number; readonly data: ArrayLike<number> }>>;

/** A row has the same bits alone, in a batch of 7 and in a batch of 300, in any order. */
export function rowLaws(subject: Subject): void {
  const models = ['field with exact trace', 'field with two probes', 'monotone steps'];
  const programs = modelCases.filter(({ name }) => models.includes(name));

  test.each(programs)('run: $name', async (program) => {
    const prepared = prepare({ ...program, rows: count }, subject.precision);
    await expectSameForAnyBatch(prepared.program, prepared.data, async (data) => {
      const outputs = await run(subject, prepared.program, data);
      return results(outputs, data.rows);
    });
  });

  test.each(programs)('pullback: $name', async (program) => {
    const { program: traced, data: all } = prepare({ ...program, rows: count }, subject.precision);
    await expectSameForAnyBatch(traced, all, async (data) => {
      const cotangents = Object.fromEntries(
        Object.entries(traced.outputs).map(([name, y]) => [
          name,
          new Float64Array(data.rows * y.k * y.n).fill(0.75),
        ]),
      );
      return results((await pullback(subject, traced, data, cotangents)).cotangents, data.rows);
    });
  });

  const fields = ['a network with its exact trace', "y' = y^2 cos t"].map((name) =>
    fieldCases.find((field) => field.name === name)!,
  );
  const kinds = Object.values(troubles);
  const troubled = {
    name: 'rows that fail among others',
    trace: troubledField,
    draws: { kind: (_: () => number, i: number) => (i % 4 === 0 ? kinds[(i / 4) % kinds.length]! : 0) },
  };
  test.each([...fields, troubled])('solve: $name', async (field) => {
    const { program, data: all } = prepare({ ...field, rows: count }, subject.precision);
    await expectSameForAnyBatch(program, all, async (data) => {
      const { y, nfe, accepted, rejected, status, tape } = await solve(subject, program, data, {
        ...adaptive,
        tape: true,
      });
      const back = await subject.engine.solvePullback(
        tape!,
        y.map((x) => (Number.isNaN(x) ? 0 : 0.5)),
      );
      const failed = status.map((x) => Number(x !== 'ok'));
      return results({ y, nfe, accepted, rejected, failed, ...named(back.cotangents) }, data.rows);
    });
  });
}

async function expectSameForAnyBatch(
  program: Program,
  all: Data,
  compute: (data: Data) => Promise<Results>,
): Promise<void> {
  const { inputs, ...rest } = all;
  const withoutTime = {
    ...rest,
    inputs: Object.fromEntries(Object.entries(inputs).filter(([name]) => name !== 't' || !isField(program))),
  };
  const expected = await compute(withoutTime);
  const random = numbers(8);
  const shuffled = Array.from({ length: count }, (_, i) => ({ i, key: random() }))
    .toSorted((a, b) => a.key - b.key)
    .map(({ i }) => i);
  const batches = [shuffled, shuffled.slice(0, 7), ...[0, 1, 4, 8, 12, 16, 150, 299].map((row) => [row])];
  for (const rows of batches) {
    const actual = await compute(selectRows(program, withoutTime, rows));
    const wanted = Object.entries(expected).map(
      ([name, { width, data }]) => [name, select(Float64Array.from(data), width, rows)] as const,
    );
    expectSameBits(
      Object.fromEntries(Object.entries(actual).map(([name, { data }]) => [name, data])),
      Object.fromEntries(wanted),
    );
  }
  expect(Object.keys(expected)).not.toEqual([]);
}

function isField(program: Program): boolean {
  return program.outputs['dy'] !== undefined;
}

function results(arrays: Readonly<Record<string, ArrayLike<number>>>, rows: number): Results {
  return Object.fromEntries(
    Object.entries(arrays).map(([name, data]) => [name, { width: data.length / rows, data }]),
  );
}

function named(cotangents: Readonly<Record<string, Float64Array>>): Record<string, Float64Array> {
  return Object.fromEntries(Object.entries(cotangents).map(([name, x]) => [`cotangent of ${name}`, x]));
}
