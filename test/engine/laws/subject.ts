import type {
  CallOptions,
  Columns,
  Engine,
  EngineName,
  Precision,
  PullbackResult,
  Solution,
  SolveOptions,
} from '../../../src/engine/index.ts';
import { integrate } from '../../../src/ode/index.ts';
import { vjp } from '../../../src/program/index.ts';
import type { Program } from '../../../src/program/index.ts';
import { reference } from '../../../src/engine/reference/index.ts';
import { prepare } from '../../support/cases/case.ts';
import type { Prepared, ProgramCase } from '../../support/cases/case.ts';
import { oracleGradient, oracleRun } from '../../support/oracle.ts';
import type { Data } from '../../support/oracle.ts';

/** What is known of the right results: the oracle for the reference engine, that engine for all others. */
export interface Witness {
  run(program: Program, data: Data): Promise<Readonly<Record<string, Float64Array>>>;
  pullback(program: Program, data: Data, cotangents: Columns): Promise<PullbackResult>;
  solve(
    field: Program,
    data: Data,
    options: SolveOptions,
  ): Promise<Pick<Solution, 'y' | 'status' | 'nfe' | 'accepted' | 'rejected'>>;
}

/** The engine under test, and what is asked of it. */
export interface Subject {
  readonly engine: Engine;
  readonly name: EngineName;
  readonly precision: Precision;
  readonly options: CallOptions;
  /** The largest relative error of a well-conditioned program. */
  readonly relative: number;
  /** Whether every solve takes exactly the steps of the witness. */
  readonly sameSteps: boolean;
  /** Whether a part of the cases is enough. */
  readonly sampled: boolean;
  readonly witness: Witness;
}

/** The cases that are tried: all of them, or every ninth where a part is enough. */
export function someOf<T>({ sampled }: Subject, cases: readonly T[]): readonly T[] {
  return sampled ? cases.filter((_, i) => i % 9 === 0) : cases;
}

/** How many random programs are tried. */
export function someRuns({ sampled }: Subject, count: number): number {
  return sampled ? Math.ceil(count / 20) : count;
}

/** The engine's own rows: what the laws call, so that precision is never forgotten. */
export function run(
  { engine, options }: Subject,
  program: Program,
  data: Data,
): Promise<Record<string, Float64Array>> {
  return engine.run(program, data.parameters, data.rows, data.inputs, options);
}

export function pullback(
  { engine, options }: Subject,
  program: Program,
  data: Data,
  cotangents: Columns,
): Promise<PullbackResult> {
  return engine.pullback(program, data.parameters, data.rows, data.inputs, cotangents, options);
}

export function solve(
  { engine, options }: Subject,
  field: Program,
  data: Data,
  how: SolveOptions,
): Promise<Solution> {
  return engine.solve(field, data.parameters, data.rows, data.inputs, { ...how, ...options });
}

export const referenceWitness: Witness = {
  run: (program, { parameters, rows, inputs }) => reference.run(program, parameters, rows, inputs),
  pullback: (program, { parameters, rows, inputs }, cotangents) =>
    reference.pullback(program, parameters, rows, inputs, cotangents),
  solve: (field, { parameters, rows, inputs }, options) =>
    reference.solve(field, parameters, rows, inputs, options),
};

/** The oracle; its solutions by the scalar solver, with the oracle as field. */
export const oracleWitness: Witness = {
  run: async (program, data) => oracleRun(program, data),

  async pullback(program, data, cotangents) {
    const named = Object.entries(cotangents).map(([name, x]) => [`cotangent/${name}`, x] as const);
    const all = { ...data, inputs: { ...data.inputs, ...Object.fromEntries(named) } };
    const transposed = vjp(program);
    const rows = oracleRun(transposed, all);
    return {
      cotangents: Object.fromEntries(program.inputs.map(({ name }) => [name, rows[`cotangent/${name}`]!])),
      gradient: oracleGradient(transposed, all),
    };
  },

  async solve(field, data, options) {
    const outcomes = Array.from({ length: data.rows }, (_, row) => {
      const inputs = rowOf(field, data, row);
      const derivative = (t: number, y: Float64Array, dydt: Float64Array): void => {
        const at = { ...data, rows: 1, inputs: { ...inputs, t: Float64Array.of(t), y } };
        dydt.set(oracleRun(field, at)['dy']!);
      };
      return integrate(derivative, inputs['y']!, options.t0, options.t1, { ...options, replay: undefined });
    });
    return {
      y: Float64Array.from(
        outcomes.flatMap(({ y, status }) => [...y].map((value) => (status === 'ok' ? value : NaN))),
      ),
      status: outcomes.map(({ status }) => status),
      nfe: Int32Array.from(outcomes, ({ nfe }) => nfe),
      accepted: Int32Array.from(outcomes, ({ steps }) => steps),
      rejected: Int32Array.from(outcomes, ({ rejected }) => rejected),
    };
  },
};

/** The inputs of one row. */
export function rowOf(program: Program, data: Data, row: number): Record<string, Float64Array> {
  return selectRows(program, data, [row]).inputs as Record<string, Float64Array>;
}

/** Some of the rows, in that order. */
export function selectRows(program: Program, data: Data, rows: readonly number[]): Data {
  const inputs = program.inputs
    .filter(({ name }) => data.inputs[name] !== undefined)
    .map(({ name, k, n }) => [name, select(data.inputs[name]!, k * n, rows)] as const);
  return { ...data, rows: rows.length, inputs: Object.fromEntries(inputs) };
}

/** Some of the rows of an array whose rows hold `width` numbers. */
export function select(
  array: Float32Array | Float64Array,
  width: number,
  rows: readonly number[],
): Float64Array {
  return Float64Array.from(rows.flatMap((row) => [...array.subarray(row * width, (row + 1) * width)]));
}

/** The program and the rows of a field; the time is no column. */
export function prepareField(
  field: Pick<ProgramCase, 'trace' | 'draws'>,
  precision: Precision,
  rows: number,
): Prepared {
  const { program, data } = prepare({ ...field, rows }, precision);
  const { t: _, ...inputs } = data.inputs;
  return { program, data: { ...data, inputs } };
}
