import * as fc from 'fast-check';
import type { Code } from '../../src/engine/native/addon.ts';
import { vjp } from '../../src/program/index.ts';
import { prepare } from '../support/cases/case.ts';
import { programCases } from '../support/cases.ts';
import { codeOfProgram } from './addon.ts';

/** A change of one word: in which array, where (as a fraction), and how. */
interface Mutation {
  readonly part: Exclude<keyof Code, 'constants'>;
  readonly at: number;
  readonly how: 'set' | 'shift' | 'insert' | 'remove';
  readonly word: number;
}

export const mutations = fc.array(
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

export function mutated(code: Code, { part, at, how, word }: Mutation): Code {
  const words = [...code[part]];
  const index = Math.floor(at * words.length);
  if (how === 'insert') words.splice(index, 0, word);
  else if (how === 'remove') words.splice(index, 1);
  else if (words.length > 0) words[index] = how === 'set' ? word : words[index]! + (word % 8);
  return { ...code, [part]: Int32Array.from(words) };
}

/** Numbers of memory that a program asks for; those that pass the checks but want a lot are not run. */
export function size({ sizes }: Code): number {
  return sizes.reduce((sum, x) => sum + x, 0);
}

/** Small well-formed programs of every kind, to be changed. */
export function smallCodes(): Code[] {
  const programs = programCases.map((program) => prepare(program).program);
  return [...programs, ...programs.map((program) => vjp(program))]
    .map((program) => codeOfProgram(program))
    .filter((code) => size(code) < 10_000);
}
