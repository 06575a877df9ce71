import type { Precision } from '../../../src/engine/index.ts';
import { Scope, jvp, modelTables, vjp } from '../../../src/program/index.ts';
import type { Initialiser, Program } from '../../../src/program/index.ts';
import { between, draws, numbers } from '../numbers.ts';
import type { Draw } from '../numbers.ts';
import type { Data } from '../oracle.ts';

/** A program, and the rows on which an engine must compute what the oracle computes. */
export interface ProgramCase {
  readonly name: string;
  /** Traces the program; parameters are declared in the scope. */
  readonly trace: (scope: Scope) => Program;
  readonly rows: number;
  /** Where the numbers of an input come from; uniform on (-1, 1) when nothing is said. */
  readonly draws?: Readonly<Record<string, Draw>>;
  /** Whether derivatives exist near all rows, so that finite differences apply. */
  readonly smooth: boolean;
  /** It is the transpose of another case. */
  readonly transposed?: boolean;
  /** How many times larger than for a well-conditioned program errors may be. */
  readonly condition?: number;
  /** Errors are relative to each number, not to the largest of the output: nothing cancels here. */
  readonly entrywise?: boolean;
}

export interface Prepared {
  readonly program: Program;
  readonly data: Data;
}

/** Traces a case and draws its numbers; in float32 they are such as single precision can hold. */
export function prepare(
  { trace, rows, draws: drawOf = {} }: Pick<ProgramCase, 'trace' | 'rows' | 'draws'>,
  precision: Precision = 'float64',
  seed = 1,
): Prepared {
  const tables = modelTables();
  const program = trace(new Scope(tables));
  const random = numbers(seed);
  const held = (data: Float64Array): Float64Array =>
    precision === 'float32' ? data.map((x) => Math.fround(x)) : data;
  const inputs = Object.fromEntries(
    program.inputs.map(({ name, k, n }) => [
      name,
      held(draws(rows * k * n, drawOf[name] ?? between(-1, 1), random)),
    ]),
  );
  const parameters = {
    trained: held(tables.trained.initial(seed)),
    state: held(tables.state.initial(seed)),
  };
  return { program, data: { parameters, rows, inputs } };
}

/** First values of a parameter from a draw. */
export function drawn(draw: Draw): Initialiser {
  return (source, { k, n }) => draws(k * n, draw, () => source.uniform());
}

/** The case itself, its tangents along all inputs, and its transpose: one level of derivatives more each. */
export function withDerivatives(original: ProgramCase): ProgramCase[] {
  const { trace, name } = original;
  const tangents = (program: Program): Program =>
    jvp(
      program,
      program.inputs.map((x) => x.name),
    );
  return [
    original,
    { ...original, name: `jvp of ${name}`, trace: (scope) => tangents(trace(scope)) },
    { ...original, name: `vjp of ${name}`, trace: (scope) => vjp(trace(scope)), transposed: true },
  ];
}
