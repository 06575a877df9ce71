import type { Program } from '../../program/index.ts';
import { checkField, checkInputs, refuseFloat64 } from '../check.ts';
import { transposedCall } from '../transposed.ts';
import { Pauses } from '../pause.ts';
import { reference } from '../reference/index.ts';
import type {
  CallOptions,
  Columns,
  Engine,
  ParameterData,
  PullbackOptions,
  PullbackResult,
  Solution,
  SolveOptions,
  SolvePullbackOptions,
  SolvePullbackResult,
  Tape,
} from '../types.ts';
import { runtime } from './load.ts';
import { Snapshot } from './machine.ts';
import { residents } from './residents.ts';
import { copyOf, runRows } from './run.ts';
import { solve } from './solve.ts';
import { solvePullback } from './solve-pullback.ts';

/**
 * Programs as tensor ops of tfjs, all rows of a batch together, in single precision, on the backend that is in use
 * when a call begins. Nothing of tfjs's own gradients is used. A call that fails gives back every tensor that it has made;
 * one that ends well keeps the parameters on the device for the next call, within bounds, until `dispose`. Tapes are
 * plain arrays.
 */
export class TfjsEngine implements Engine {
  readonly name = 'tfjs';
  readonly precisions = ['float32'] as const;
  /** These are not about rows of programs: they are those of the reference engine, in double precision. */
  readonly fill: Engine['fill'] = (...given) => reference.fill(...given);
  readonly adam: Engine['adam'] = (...given) => reference.adam(...given);
  readonly cloudDistances: Engine['cloudDistances'] = (...given) => reference.cloudDistances(...given);

  async run(
    program: Program,
    parameters: ParameterData,
    rows: number,
    inputs: Columns,
    options: CallOptions = {},
  ): Promise<Record<string, Float64Array>> {
    checkInputs(program, rows, inputs);
    refuseFloat64(this.name, options.precision);
    const pauses = new Pauses(options.signal);
    const snapshot = new Snapshot(program, parameters);
    const columns = copyOf(inputs);
    return runRows(await runtime(), snapshot, rows, columns, pauses);
  }

  async pullback(
    program: Program,
    parameters: ParameterData,
    rows: number,
    inputs: Columns,
    cotangents: Columns,
    options: PullbackOptions = {},
  ): Promise<PullbackResult> {
    const transposed = transposedCall(program, rows, inputs, cotangents, options);
    refuseFloat64(this.name, options.precision);
    const pauses = new Pauses(options.signal);
    const columns = copyOf(transposed.columns);
    const snapshot = new Snapshot(transposed.program, parameters);
    const outputs = await runRows(await runtime(), snapshot, rows, columns, pauses);
    return transposed.resultOf(outputs, snapshot.gradient());
  }

  async solve(
    field: Program,
    parameters: ParameterData,
    rows: number,
    inputs: Columns,
    options: SolveOptions,
  ): Promise<Solution> {
    checkField(field);
    checkInputs(field, rows, inputs, ['t']);
    refuseFloat64(this.name, options.precision);
    return solve(field, parameters, rows, inputs, options);
  }

  async solvePullback(
    tape: Tape,
    cotangents: Float64Array,
    options: SolvePullbackOptions = {},
  ): Promise<SolvePullbackResult> {
    refuseFloat64(this.name, options.precision);
    return solvePullback(tape, cotangents, options);
  }

  dispose(): void {
    residents.clear();
  }
}
