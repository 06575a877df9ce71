import { LiouvilleError } from '../../errors.ts';
import { endTimeCotangent, integrate, integratePullback } from '../../ode/index.ts';
import type { Failure, RowStatus, Tape as RowTape, Tableau } from '../../ode/index.ts';
import type { Program } from '../../program/index.ts';
import { checkField, checkInputs } from '../check.ts';
import { Pauses } from '../pause.ts';
import type {
  Columns,
  ParameterData,
  Solution,
  SolveOptions,
  SolvePullbackOptions,
  SolvePullbackResult,
  Tape,
} from '../types.ts';
import { RowField } from './row-field.ts';

/** What the reference engine keeps of a solve: the steps of each row, and copies of what went in. */
class ReferenceTape implements Tape {
  readonly engine = 'reference';
  readonly rows: number;
  readonly field: Program;
  readonly parameters: ParameterData;
  readonly inputs: Columns;
  readonly tableau: Tableau;
  readonly interval: readonly [number, number];
  /** null for a row that failed. */
  readonly steps: (RowTape | null)[] = [];
  readonly end: Float64Array;

  constructor(
    field: Program,
    parameters: ParameterData,
    inputs: Columns,
    options: SolveOptions,
    end: Float64Array,
  ) {
    this.field = field;
    this.parameters = { trained: parameters.trained.slice(), state: parameters.state.slice() };
    this.inputs = inputs;
    this.tableau = options.tableau;
    this.interval = [options.t0, options.t1];
    this.rows = end.length / stateSize(field);
    this.end = end;
  }
}

export async function solve(
  field: Program,
  parameters: ParameterData,
  rows: number,
  inputs: Columns,
  options: SolveOptions,
): Promise<Solution> {
  checkField(field);
  checkInputs(field, rows, inputs, ['t']);
  const pauses = new Pauses(options.signal);
  const copies = copyOf(inputs);
  const own = new RowField(field, parameters, copies);
  const { n } = own;
  const y = new Float64Array(rows * n).fill(NaN);
  const tape = options.tape === true ? new ReferenceTape(field, parameters, copies, options, y) : null;
  const replay = options.replay === undefined ? null : replayTape(options.replay, rows);
  const status: RowStatus[] = [];
  const failures: (Failure | null)[] = [];
  const [nfe, accepted, rejected] = [new Int32Array(rows), new Int32Array(rows), new Int32Array(rows)];
  for (let row = 0; row < rows; row++) {
    own.select(row);
    const outcome = integrate(own.f, rowOf(copies['y']!, row, n), options.t0, options.t1, {
      ...options,
      record: tape !== null,
      replay: replay?.steps[row] ?? undefined,
    });
    if (outcome.status === 'ok') y.set(outcome.y, row * n);
    status.push(outcome.status);
    failures.push(outcome.failure);
    tape?.steps.push(outcome.status === 'ok' ? outcome.tape : null);
    [nfe[row], accepted[row], rejected[row]] = [outcome.nfe, outcome.steps, outcome.rejected];
    await pauses.maybe();
  }
  return { y: tape === null ? y : y.slice(), status, failures, nfe, accepted, rejected, tape };
}

export async function solvePullback(
  tape: Tape,
  cotangents: Float64Array,
  options: SolvePullbackOptions = {},
): Promise<SolvePullbackResult> {
  const { field, parameters, inputs, rows, tableau, interval, steps, end } = ownTape(tape);
  const n = stateSize(field);
  if (cotangents.length !== rows * n) {
    throw new LiouvilleError(
      'shape-mismatch',
      `solvePullback: expected ${rows} cotangents of ${n} numbers; got ${cotangents.length} numbers.`,
    );
  }
  const pauses = new Pauses(options.signal);
  const given = cotangents.slice();
  const own = new RowField(field, parameters, inputs);
  const result = Object.fromEntries(
    Object.entries(inputs).map(([name, x]) => [name, new Float64Array(x.length)]),
  );
  let [t0, t1] = [0, 0];
  for (let row = 0; row < rows; row++) {
    const rowTape = steps[row];
    if (rowTape == null) continue;
    const cotangent = given.slice(row * n, (row + 1) * n);
    own.select(row);
    const start = integratePullback(
      tableau,
      rowTape,
      (t, y, v, cotangentY) => own.pullback(t, y, v, cotangentY, result),
      cotangent,
    );
    result['y']!.set(start, row * n);
    if (options.times !== false) {
      t1 += endTimeCotangent(own.f, interval[1], rowOf(end, row, n), cotangent);
      t0 -= endTimeCotangent(own.f, interval[0], rowOf(inputs['y']!, row, n), start);
    }
    await pauses.maybe();
  }
  return { cotangents: result, gradient: own.gradient(), t0, t1 };
}

export function copyOf(inputs: Columns): Columns {
  return Object.fromEntries(Object.entries(inputs).map(([name, data]) => [name, Float64Array.from(data)]));
}

export function rowOf(data: Float32Array | Float64Array, row: number, n: number): Float64Array {
  return Float64Array.from(data.subarray(row * n, (row + 1) * n));
}

function stateSize(field: Program): number {
  return field.inputs.find((x) => x.name === 'y')!.n;
}

function replayTape(tape: Tape, rows: number): ReferenceTape {
  const own = ownTape(tape);
  if (own.rows !== rows) {
    throw new LiouvilleError(
      'shape-mismatch',
      `replay: the tape holds the steps of ${own.rows} rows; got ${rows} rows.`,
    );
  }
  const failed = own.steps.indexOf(null);
  if (failed === -1) return own;
  throw new LiouvilleError(
    'invalid-argument',
    `replay: expected a tape to replay on which no row failed; row ${failed} did.`,
  );
}

function ownTape(tape: Tape): ReferenceTape {
  if (tape instanceof ReferenceTape) return tape;
  throw new LiouvilleError(
    'invalid-argument',
    `The tape was made by the engine '${tape.engine}'; this is 'reference'.`,
  );
}
