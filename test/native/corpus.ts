import { writeFileSync } from 'node:fs';
import { vjp } from '../../src/program/index.ts';
import type { Program } from '../../src/program/index.ts';
import { prepare } from '../support/cases/case.ts';
import { programCases } from '../support/cases.ts';
import { fieldCases } from '../support/ode-cases.ts';
import { codeOfProgram } from './addon.ts';

/** Small programs of every kind, each with its transpose behind it. */
export function corpus(): Program[] {
  const traced = [
    ...programCases.map((program) => prepare(program).program),
    // Fields, which are solved as well, come up more often.
    ...[1, 2, 3, 4, 5, 6].flatMap(() => fieldCases.map((field) => prepare({ ...field, rows: 1 }).program)),
  ];
  return traced.flatMap((program) => [program, vjp(program)]);
}

/** Writes the corpus as native/test/host/corpus.h reads it. */
export function writeCorpus(path: string): void {
  const programs = corpus();
  const parts: Uint8Array[] = [];
  const put = (array: Int32Array | Float64Array): void => {
    parts.push(bytesOf(Int32Array.of(array.length)), bytesOf(array));
  };
  parts.push(bytesOf(Int32Array.of(programs.length)));
  programs.forEach((program, i) => {
    const code = codeOfProgram(program);
    parts.push(bytesOf(Int32Array.of(i % 2 === 0 ? i + 1 : -1)));
    put(code.constants);
    for (const name of [
      'values',
      'prologue',
      'body',
      'epilogue',
      'sizes',
      'inputs',
      'outputs',
      'gradients',
    ] as const)
      put(code[name]);
  });
  writeFileSync(path, Buffer.concat(parts));
}

function bytesOf(array: Int32Array | Float64Array): Uint8Array {
  return new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
}
