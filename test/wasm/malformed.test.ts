import * as fc from 'fast-check';
import { afterAll, expect, test } from 'vitest';
import type { Code, Kernels } from '../../src/engine/native/addon.ts';
import { vjpWithoutTime } from '../../src/program/index.ts';
import { codeOfProgram, heun } from '../native/addon.ts';
import { mutated, mutations, size, smallCodes } from '../native/mutations.ts';
import { prepare } from '../support/cases/case.ts';
import type { Prepared } from '../support/cases/case.ts';
import { fieldCases } from '../support/ode-cases.ts';
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

/** Solves a field and takes the gradient back by its transpose; how far it came. */
async function tryToSolve(
  { data, program }: Prepared,
  [field, transposed]: readonly [Code, Code],
): Promise<{ solved: boolean; refused: unknown }> {
  let solved = false;
  try {
    const inputs = program.inputs.map(({ name }) => data.inputs[name]!);
    const [t, y] = ['t', 'y'].map((name) => program.inputs.findIndex((port) => port.name === name));
    const surroundings = { threads: 2, cancellation: null };
    const { tape } = await below.solve(below.createProgram(field), {
      ...heun,
      ...surroundings,
      instructionSet: 0,
      float64: true,
      rows: data.rows,
      ...data.parameters,
      inputs: inputs.map((input, i) => (i === t ? null : input)),
      t: t!,
      y: y!,
      maxSteps: 5,
    });
    solved = true;
    const cotangents = new Float64Array(inputs[y!]!.length).fill(0.5);
    const back = { ...surroundings, times: true, cotangents };
    await below.solvePullback(below.createProgram(transposed), tape!, back);
    return { solved, refused: undefined };
  } catch (error) {
    return { solved, refused: (error as { code?: unknown }).code };
  }
}

test('malformed fields and transposes are refused, or solve', { timeout: 120_000 }, async () => {
  const cases = fieldCases
    .map((field) => prepare({ ...field, rows: 6 }))
    .map((prepared) => ({
      prepared,
      codes: [prepared.program, vjpWithoutTime(prepared.program)].map((program) => codeOfProgram(program)),
    }));
  const counts = { refused: 0, solved: 0, differentiated: 0 };
  await fc.assert(
    fc.asyncProperty(fc.nat(cases.length - 1), fc.nat(1), mutations, async (index, which, changes) => {
      const { prepared, codes } = cases[index]!;
      // One change of one of both: a share of them gets through.
      const changed = codes.map((code, i) => (i === which ? mutated(code, changes[0]!) : code));
      if (changed.some((code) => size(code) > 100_000)) return;
      const { solved, refused } = await tryToSolve(prepared, [changed[0]!, changed[1]!]);
      expect([undefined, 'invalid-argument', 'shape-mismatch', 'out-of-memory']).toContain(refused);
      counts.solved += Number(solved);
      counts[refused === undefined ? 'differentiated' : 'refused'] += 1;
    }),
    { numRuns: 400, seed: 5 },
  );
  expect(counts.refused).toBeGreaterThan(50);
  expect(counts.solved).toBeGreaterThan(200);
  expect(counts.differentiated).toBeGreaterThan(50);
});
