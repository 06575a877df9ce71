import * as fc from 'fast-check';
import { afterAll, expect, test } from 'vitest';
import type { Code, Kernels } from '../../src/engine/native/addon.ts';
import { heun } from '../native/addon.ts';
import { mutated, mutations, size, smallCodes } from '../native/mutations.ts';
import { kernels } from './engine.ts';

const below: Kernels = kernels();
afterAll(() => below.rest());

/** Runs code as a program and as a field; gives the codes of what was refused, and whether the program ran. */
async function tryToRun(code: Code): Promise<{ refused: unknown[]; ran: boolean }> {
  const program = below.createProgram(code);
  const rows = 3;
  const widths = Array.from({ length: Math.floor(code.inputs.length / 4) }, (_, i) =>
    Math.max(0, rows * code.inputs[4 * i + 2]! * code.inputs[4 * i + 3]!),
  );
  const inputs = widths.map((width) => new Float64Array(width < 1e6 ? width : 0).fill(0.5));
  const call = {
    instructionSet: 0,
    float64: code.values.length % 8 === 0,
    threads: 2,
    cancellation: null,
    rows,
    trained: new Float64Array(600).fill(0.25),
    state: new Float64Array(100).fill(0.25),
    inputs,
  };
  const results = await Promise.allSettled([
    below.run(program, call),
    (async () => {
      const how = { ...heun, maxSteps: 5, inputs: [null, ...inputs.slice(1)] };
      const { tape } = await below.solve(program, { ...call, ...how });
      const cotangents = new Float64Array(inputs[1]!.length);
      await below.solvePullback(program, tape!, { threads: 2, cancellation: null, times: true, cotangents });
    })(),
  ]);
  const refused = results.flatMap((result) =>
    result.status === 'rejected' ? [(result.reason as { code?: unknown }).code] : [],
  );
  return { refused, ran: results[0].status === 'fulfilled' };
}

test('malformed programs are refused, or run; nothing traps or hangs', { timeout: 120_000 }, async () => {
  const codes = smallCodes();
  let [refused, ran] = [0, 0];
  await fc.assert(
    fc.asyncProperty(fc.nat(codes.length - 1), mutations, async (index, changes) => {
      const code = changes.reduce(mutated, codes[index]!);
      if (size(code) > 100_000) return;
      const found = await tryToRun(code);
      for (const what of found.refused)
        expect(['invalid-argument', 'shape-mismatch', 'out-of-memory']).toContain(what);
      if (found.ran) ran++;
      else refused++;
    }),
    { numRuns: 600, seed: 3 },
  );
  expect(refused).toBeGreaterThan(100);
  expect(ran).toBeGreaterThan(10);
});
