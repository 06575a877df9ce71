import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { ops, trace } from '../../../src/program/index.ts';
import { expectSameRows } from '../../support/close.ts';
import { programCases } from '../../support/cases.ts';
import { prepare } from '../../support/cases/case.ts';
import type { ProgramCase } from '../../support/cases/case.ts';
import { specialCases } from '../../support/cases/op-cases.ts';
import { oracleRows } from '../../support/oracle.ts';
import { cook, recipes } from '../../support/random-programs.ts';
import { run, someOf, someRuns } from './subject.ts';
import type { Subject } from './subject.ts';

/** A part has all functions at special numbers, which differ most between engines, and some of the others. */
function programsOf(subject: Subject): readonly ProgramCase[] {
  return programCases.filter(
    (each) => specialCases.includes(each) || someOf(subject, programCases).includes(each),
  );
}

export function runLaws(subject: Subject): void {
  const { engine, name, precision, relative, witness } = subject;

  test('says who it is, and computes in the precision that was asked for', async () => {
    expect(engine.name).toBe(name);
    const program = trace('rounding', { x: 1 }, ({ x }) => ({ y: ops.add(x, 2 ** -40) }));
    const data = { ...prepare({ trace: () => program, rows: 1 }).data, inputs: { x: Float64Array.of(1) } };
    const { y } = await run(subject, program, data);
    expect(y![0]).toBe(precision === 'float32' ? 1 : 1 + 2 ** -40);
  });

  test.each(programsOf(subject))('$name', async ({ condition = 1, entrywise, ...program }) => {
    const prepared = prepare(program, precision);
    const actual = await run(subject, prepared.program, prepared.data);
    const expected = await witness.run(prepared.program, prepared.data);
    expectSameRows(actual, expected, { relative: relative * condition, precision, entrywise });
  });

  test('any program', async () => {
    await fc.assert(
      fc.asyncProperty(recipes, async (recipe) => {
        const { program, outputs, data } = cook(recipe, precision);
        const actual = await run(subject, program, data);
        // The oracle runs what was traced, before it was simplified.
        expectSameRows(actual, oracleRows(outputs, data), { relative: 1000 * relative, precision });
      }),
      { numRuns: someRuns(subject, 200), seed: 20 },
    );
  });
}
