import { vjp, vjpWithOutputs } from '../program/index.ts';
import type { Program } from '../program/index.ts';
import { checkCotangents, checkInputs, outputsOf } from './check.ts';
import type { Columns, PullbackOptions, PullbackResult } from './types.ts';

/** A pullback as a run of another program. */
export interface Transposed {
  readonly program: Program;
  readonly columns: Columns;
  /** What the pullback gives, from the outputs of that run and the gradient. */
  resultOf(outputs: Readonly<Record<string, Float64Array>>, gradient: Float64Array): PullbackResult;
}

/** Checks the arguments of `Engine.pullback` and says which program to run on what. */
export function transposedCall(
  program: Program,
  rows: number,
  inputs: Columns,
  cotangents: Columns,
  options: PullbackOptions,
): Transposed {
  checkInputs(program, rows, inputs);
  checkCotangents(program, rows, cotangents);
  const named = Object.entries(cotangents).map(([name, x]) => [`cotangent/${name}`, x] as const);
  return {
    program: options.outputs === true ? vjpWithOutputs(program) : vjp(program),
    columns: { ...inputs, ...Object.fromEntries(named) },
    resultOf: (outputs, gradient) => ({
      cotangents: Object.fromEntries(program.inputs.map(({ name }) => [name, outputs[`cotangent/${name}`]!])),
      gradient,
      ...(options.outputs === true && { outputs: outputsOf(program, outputs) }),
    }),
  };
}
