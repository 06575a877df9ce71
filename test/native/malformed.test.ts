import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Code } from '../../src/engine/native/addon.ts';
import { addon, heun, missing } from './addon.ts';
import { mutated, mutations, size, smallCodes } from './mutations.ts';

/** Runs what the addon took for a program, as a program and as a field. */
async function tryToRun(code: Code): Promise<void> {
  const program = addon.createProgram(code);
  const rows = 3;
  const inputs = Array.from({ length: code.inputs.length / 4 }, (_, i) =>
    new Float64Array(rows * code.inputs[4 * i + 2]! * code.inputs[4 * i + 3]!).fill(0.5),
  );
  const sets = addon.info().instructionSets.flatMap(({ supported }, i) => (supported ? [i] : []));
  const call = {
    instructionSet: sets[code.body.length % sets.length]!,
    float64: code.values.length % 8 === 0,
    threads: 2,
    cancellation: null,
    rows,
    trained: new Float64Array(Math.max(code.sizes[1]!, 600)).fill(0.25),
    state: new Float64Array(code.sizes[2]!).fill(0.25),
    inputs,
  };
  await Promise.allSettled([
    addon.run(program, call),
    (async () => {
      const { tape } = await addon.solve(program, {
        ...call,
        ...heun,
        maxSteps: 5,
        inputs: [null, ...inputs.slice(1)],
      });
      await addon.solvePullback(program, tape!, {
        threads: 2,
        cancellation: null,
        times: true,
        cotangents: new Float64Array(inputs[1]!.length),
      });
    })(),
  ]);
}

describe.skipIf(missing !== undefined)('malformed programs', () => {
  const codes = smallCodes();

  test('are refused, or run; nothing else happens', async () => {
    let [refused, ran] = [0, 0];
    await fc.assert(
      fc.asyncProperty(fc.nat(codes.length - 1), mutations, async (index, changes) => {
        const code = changes.reduce(mutated, codes[index]!);
        if (size(code) > 100_000) return;
        try {
          await tryToRun(code);
          ran++;
        } catch (error) {
          expect(['invalid-argument', 'shape-mismatch']).toContain((error as { code?: unknown }).code);
          refused++;
        }
      }),
      { numRuns: 5000, seed: 3 },
    );
    expect(refused).toBeGreaterThan(1000);
    expect(ran).toBeGreaterThan(200);
  });
});
