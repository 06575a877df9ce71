import { expect, test } from 'vitest';
import type { SolveOptions } from '../../../src/engine/index.ts';
import { reference } from '../../../src/engine/reference/index.ts';
import { controllers, tableaus } from '../../../src/ode/index.ts';
import type { Tableau } from '../../../src/ode/index.ts';
import { expectClose, expectSameBits, expectSameRows } from '../../support/close.ts';
import { fieldCases } from '../../support/ode-cases.ts';
import { prepareField, selectRows, solve, someOf } from './subject.ts';
import type { Subject } from './subject.ts';

const [, riccati] = fieldCases;
const rows = 5;

const span = { t0: 0.2, t1: 2.2, rtol: 1e-4, atol: 1e-5, maxSteps: 500 };

/** Error estimates of high order are small differences of large numbers: there rounding has a say in the steps. */
const finely = { ...span, rtol: 1e-8, atol: 1e-8 };

/** Every method and every controller means the same on this engine as on the reference. */
export function methodLaws(subject: Subject): void {
  const { engine, precision, relative, sameSteps } = subject;
  const methods = someOf(subject, Object.values(tableaus));
  const { program, data } = prepareField(riccati!, precision, rows);
  const spanOf = ({ order }: Tableau): typeof span => (order > 5 && precision === 'float64' ? finely : span);

  const checkSame = async (options: SolveOptions): Promise<void> => {
    const actual = await solve(subject, program, data, options);
    const expected = await reference.solve(program, data.parameters, rows, data.inputs, options);
    expect(actual.status).toEqual(expected.status);
    const decided = (sameSteps && options.tableau.order <= 5) || options.stepSize !== undefined;
    const closeness = { relative: decided ? 100 * relative : 100 * options.rtol, precision };
    expectClose(actual.y, expected.y, closeness, 'y');
    if (!decided) return;
    expect([...actual.accepted]).toEqual([...expected.accepted]);
    expect([...actual.rejected]).toEqual([...expected.rejected]);
    expect([...actual.nfe]).toEqual([...expected.nfe]);
  };

  test.each(methods)('$name takes the steps of the reference', async (tableau) => {
    await checkSame({ ...span, tableau, stepSize: 0.1 });
    if (tableau.errorOrder !== null) await checkSame({ ...spanOf(tableau), tableau });
  });

  test.each(Object.entries(controllers))('controller %s', async (_name, control) => {
    await checkSame({ ...span, tableau: tableaus.bosh3, control });
  });

  test.each(methods)(
    '$name: no row knows of another, whatever that is, and its gradient',
    async (tableau) => {
      const fixed = tableau.errorOrder === null ? { stepSize: 0.1 } : {};
      const options = { ...spanOf(tableau), ...fixed, tableau, tape: true };
      const all = await solve(subject, program, data, options);
      const alone = await solve(subject, program, selectRows(program, data, [3]), options);
      expectSameBits({ y: alone.y }, { y: all.y.subarray(3, 4) });

      const changed = { ...data, inputs: { y: data.inputs['y']!.map((y, i) => (i === 1 ? y / 2 : y)) } };
      const other = await solve(subject, program, changed, options);
      expect(other.y[1]).not.toBe(all.y[1]);
      const without = ({ y }: { readonly y: Float64Array }) => ({ y: y.filter((_, i) => i !== 1) });
      expectSameBits(without(other), without(all));

      const cotangents = Float64Array.from({ length: rows }, (_, i) => 1 + i);
      const actual = await engine.solvePullback(all.tape!, cotangents, subject.options);
      const known = await reference.solve(program, data.parameters, rows, data.inputs, options);
      const expected = await reference.solvePullback(known.tape!, cotangents);
      const decided = (sameSteps && tableau.order <= 5) || tableau.errorOrder === null;
      const closeness = { relative: decided ? 1000 * relative : 1000 * options.rtol, precision };
      expectSameRows(actual.cotangents, expected.cotangents, closeness);
    },
  );
}
