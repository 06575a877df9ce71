import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Code } from '../../src/engine/native/addon.ts';
import { vjp } from '../../src/program/index.ts';
import { prepare } from '../support/cases/case.ts';
import { programCases } from '../support/cases.ts';
import { addon, codeOfProgram, heun, missing } from './addon.ts';

/** A change of one word: in which array, where (as a fraction), and how. */
interface Mutation {
  readonly part: Exclude<keyof Code, 'constants'>;
  readonly at: number;
  readonly how: 'set' | 'shift' | 'insert' | 'remove';
  readonly word: number;
}

const mutations = fc.array(
  fc.record<Mutation>({
    part: fc.constantFrom(
      ...(['values', 'prologue', 'body', 'epilogue', 'sizes', 'inputs', 'outputs', 'gradients'] as const),
    ),
    at: fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
    how: fc.constantFrom(...(['set', 'set', 'shift', 'insert', 'remove'] as const)),
    word: fc.oneof(
      fc.integer({ min: -3, max: 70 }),
      fc.constantFrom(2 ** 31 - 1, -(2 ** 31), 2 ** 30, 2 ** 16, -1, 128, 129),
    ),
  }),
  { minLength: 1, maxLength: 3 },
);

function mutated(code: Code, { part, at, how, word }: Mutation): Code {
  const words = [...code[part]];
  const index = Math.floor(at * words.length);
  if (how === 'insert') words.splice(index, 0, word);
  else if (how === 'remove') words.splice(index, 1);
  else if (words.length > 0) words[index] = how === 'set' ? word : words[index]! + (word % 8);
  return { ...code, [part]: Int32Array.from(words) };
}

/** Numbers of memory that a program asks for; those that pass the checks but want a lot are not run. */
function size({ sizes }: Code): number {
  return sizes.reduce((sum, x) => sum + x, 0);
}

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
  const programs = programCases.map((program) => prepare(program).program);
  const codes = [...programs, ...programs.map((program) => vjp(program))]
    .map((program) => codeOfProgram(program))
    .filter((code) => size(code) < 10_000);

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
