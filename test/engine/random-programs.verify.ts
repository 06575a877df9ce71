import * as fc from 'fast-check';
import { test } from 'vitest';
import { chooseEngine, diagnose } from '../../src/engine/index.ts';
import { expectClose, expectSameRows } from '../support/close.ts';
import { between, draws, numbers } from '../support/numbers.ts';
import { oracleRows } from '../support/oracle.ts';
import { cook, recipes, transposedOracle } from '../support/random-programs.ts';

const engines = diagnose()
  .engines.filter((x) => x.available)
  .map(({ name }) => name)
  .filter((name) => chooseEngine(name).precisions.includes('float64'));

/** Other programs at every run; a failure tells its seed. */
test.each(engines)('%s computes any program and its gradients as the oracle does', async (name) => {
  const engine = chooseEngine(name);
  const options = { precision: 'float64' } as const;
  // Derivatives such as 1 - y cancel where functions saturate: hence the absolute error.
  const closeness = { relative: 1e-9, absolute: 1e-9, precision: 'float64' } as const;
  await fc.assert(
    fc.asyncProperty(recipes, async (recipe) => {
      const cooked = cook(recipe);
      const { program, outputs, data } = cooked;
      const { parameters, rows, inputs } = data;
      expectSameRows(
        await engine.run(program, parameters, rows, inputs, options),
        oracleRows(outputs, data),
        closeness,
      );
      const random = numbers(recipe.seed);
      const cotangents = Object.fromEntries(
        Object.entries(program.outputs).map(([key, y]) => [
          key,
          draws(rows * y.k * y.n, between(-1, 1), random),
        ]),
      );
      const actual = await engine.pullback(program, parameters, rows, inputs, cotangents, options);
      const expected = transposedOracle(cooked, cotangents);
      expectSameRows(actual.cotangents, expected.cotangents, closeness);
      expectClose(actual.gradient, expected.gradient, closeness, 'gradient');
    }),
    { numRuns: 10_000 },
  );
});
