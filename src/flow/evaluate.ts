import { reference, solveRows } from '../engine/index.ts';
import type { Columns, ParameterData, Solution, Tape } from '../engine/index.ts';
import { LiouvilleError } from '../errors.ts';
import { describeFailure, stiffSolverNames } from '../ode/index.ts';
import type { RowStatus } from '../ode/index.ts';
import { namedStream } from '../random/index.ts';
import type { Shape } from '../program/index.ts';
import type { SolveEnd } from './continuous-adjoint.ts';
import type { Settings } from './options.ts';
import type { MapSegment, Segment, SolveSegment } from './segments.ts';
import { statisticsFor } from './statistics.ts';
import type { ColumnStatistics } from './statistics.ts';

/** Everything that a call computes with; snapshots, so that nothing that happens beside it matters. */
export interface Call {
  readonly settings: Settings;
  /** Those of the model itself where `isOneCall`: the engine takes the snapshot. */
  readonly parameters: ParameterData;
  readonly rows: number;
  readonly context: Float64Array | null;
  /** The caller's own probe, [rows, dim]. */
  readonly noise: Float64Array | null;
  /** Where the rows stand in the caller's batch, when some of it were left out; their probes go by that. */
  readonly places: readonly number[] | null;
}

/** What one segment did, kept for its gradient. */
export type Record =
  | {
      readonly kind: 'map';
      readonly segment: MapSegment;
      readonly inputs: Columns;
      /** Of the batch, where the segment's rule depends on it. */
      readonly statistics: ColumnStatistics | null;
    }
  | {
      readonly kind: 'solve';
      readonly segment: SolveSegment;
      readonly dim: number;
      /** For the discrete gradient. */
      readonly tape: Tape | null;
      /** For the continuous adjoint. */
      readonly end: SolveEnd | null;
    };

export interface Evaluation {
  readonly x: Float64Array;
  readonly logDet: Float64Array;
  readonly status: RowStatus[];
  /** Evaluations per row over all solves; null when there was none. */
  readonly nfe: Int32Array | null;
  readonly records: readonly Record[];
}

/**
 * Does the engine see the parameters only once, in a call that begins at once? An engine copies them then, so that
 * nobody has to before.
 */
export function isOneCall(segments: readonly Segment[], settings: Settings): boolean {
  const [first] = segments;
  // Where failures are reported, a gradient is computed again without the rows that failed.
  const once = segments.length === 1 && settings.onFailure === 'throw';
  return once && first!.kind === 'map' && first!.batch === null;
}

/** Rows at the begin of their way. */
export function beginning(x: Float64Array, rows: number): Evaluation {
  return {
    x,
    logDet: new Float64Array(rows),
    status: Array<RowStatus>(rows).fill('ok'),
    nfe: null,
    records: [],
  };
}

/** Takes rows through the segments. Throws on a row that fails, unless failures are to be reported. */
export async function evaluate(
  segments: readonly Segment[],
  start: Float64Array,
  call: Call,
  keepTapes: boolean,
): Promise<Evaluation> {
  const { status, logDet } = beginning(start, call.rows);
  const records: Record[] = [];
  let x = start;
  let nfe: Int32Array | null = null;
  for (const segment of segments) {
    if (segment.kind === 'map') {
      const { statistics, inputs } = inputsFor(segment, x, call);
      const result = await call.settings.engine.run(
        segment.program,
        call.parameters,
        call.rows,
        inputs,
        call.settings,
      );
      records.push({ kind: 'map', segment, inputs, statistics });
      x = result['x']!;
      add(logDet, result['logDet']!);
    } else {
      const dim = x.length / call.rows;
      const continuous = keepTapes && call.settings.gradient !== 'discrete';
      const { solution, end } = await solveBlock(segment, x, call, keepTapes && !continuous);
      records.push({ kind: 'solve', segment, dim, tape: solution.tape, end: continuous ? end : null });
      nfe ??= new Int32Array(call.rows);
      add(nfe, solution.nfe);
      noteFailures(solution, status, call.settings);
      x = columnsOf(solution.y, dim + 1, 0, dim);
      add(logDet, columnsOf(solution.y, dim + 1, dim, 1));
    }
  }
  noteNonFinite(x, logDet, status, call.settings);
  return { x, logDet, status, nfe, records };
}

async function solveBlock(
  segment: SolveSegment,
  x: Float64Array,
  call: Call,
  tape: boolean,
): Promise<{ solution: Solution; end: SolveEnd }> {
  const { settings, parameters, rows } = call;
  const inputs: { [name: string]: Float64Array } = withContext(
    { y: statesOf(x, new Float64Array(rows)) },
    call,
  );
  if (segment.noise !== null) inputs['noise'] = probesOf(segment.path, segment.noise, call);
  const end = segment.fixedEndTime ?? (await endTimeOf(segment, parameters));
  const [t0, t1] = segment.reversed ? [end, 0] : [0, end];
  const options = { ...settings, t0, t1, tape };
  const solution = await solveRows(settings.engine, segment.field, parameters, rows, inputs, options);
  const { y: start, ...constants } = inputs;
  return { solution, end: { start: start!, y: solution.y, t0, t1, steps: solution.accepted, constants } };
}

/** The end of a solve, in the parameters of the call. */
export async function endTimeOf(segment: SolveSegment, parameters: ParameterData): Promise<number> {
  // One number, from parameters alone: no engine is faster than the plain one.
  return (await reference.run(segment.endTime, parameters, 1, {}))['time']![0]!;
}

/**
 * The probes of a block: the caller's, or drawn so that row i of a seed has the same ones in any batch, and
 * the block the same ones in both directions.
 */
function probesOf(path: string, { k, n }: Shape, call: Call): Float64Array {
  if (call.noise !== null) return call.noise;
  const { rows, places, settings } = call;
  const size = k * n;
  const probes = new Float64Array(rows * size);
  const stream = namedStream(`probe of ${path}`);
  const { engine, seed } = settings;
  const kind = settings.probeDistribution === 'gaussian' ? 'normal' : 'rademacher';
  if (places === null) engine.fill(kind, probes, seed, stream);
  places?.forEach((place, row) => {
    engine.fill(kind, probes.subarray(row * size, (row + 1) * size), seed, stream, place * size);
  });
  return probes;
}

export function withContext(
  inputs: { [name: string]: Float64Array },
  call: Call,
): { [name: string]: Float64Array } {
  return call.context === null ? inputs : { ...inputs, context: call.context };
}

/** What a closed form reads of its rows: x, the context, statistics of the batch, and probes. */
export function inputsFor(
  segment: MapSegment,
  x: Float64Array,
  call: Call,
): { statistics: ColumnStatistics | null; inputs: { [name: string]: Float64Array } } {
  const { statistics, inputs: ofBatch } = statisticsFor(segment, x, call.rows);
  const inputs = withContext({ x, ...ofBatch }, call);
  for (const { input, path, shape } of segment.probes) inputs[input] = probesOf(path, shape, call);
  return { statistics, inputs };
}

/** Throws on the first row whose solve failed, or notes in `status` why each did. */
export function noteFailures(solution: Solution, status: RowStatus[], settings: Settings): void {
  solution.status.forEach((ended, row) => {
    if (ended === 'ok') return;
    if (settings.onFailure === 'throw') {
      const stiffMethod = stiffSolverNames.includes(settings.solver);
      const message = describeFailure(ended, solution.failures[row]!, { ...settings, row, stiffMethod });
      throw new LiouvilleError('numerical-failure', message);
    }
    if (status[row] === 'ok') status[row] = ended;
  });
}

/** A closed form can overflow too: such a row has failed, and its results are NaN throughout. */
export function noteNonFinite(
  x: Float64Array,
  logDet: Float64Array,
  status: RowStatus[],
  settings: Settings,
): void {
  const dim = x.length / logDet.length;
  for (let row = 0; row < logDet.length; row++) {
    const finite = isFiniteRow(x, row * dim, (row + 1) * dim) && Number.isFinite(logDet[row]);
    if (status[row] === 'ok' && finite) continue;
    if (status[row] === 'ok') status[row] = 'non-finite';
    if (settings.onFailure === 'throw') {
      throw new LiouvilleError(
        'numerical-failure',
        `Row ${row} left the range of finite numbers: its logDet is ${logDet[row]}. ` +
          'Check the scale of the row, or ask for onFailure: "report".',
      );
    }
    x.fill(NaN, row * dim, (row + 1) * dim);
    logDet[row] = NaN;
  }
}

function isFiniteRow(x: Float64Array, first: number, end: number): boolean {
  for (let i = first; i < end; i++) if (!Number.isFinite(x[i])) return false;
  return true;
}

export function add<T extends Float64Array | Int32Array>(sum: T, term: T): void {
  for (let i = 0; i < sum.length; i++) sum[i] = sum[i]! + term[i]!;
}

/** States of a solve, [rows, dim + 1]: each row of x with its logDet behind it. */
export function statesOf(x: Float64Array, logDet: Float64Array): Float64Array {
  const dim = x.length / logDet.length;
  const states = new Float64Array(x.length + logDet.length);
  for (let row = 0, from = 0, to = 0; row < logDet.length; row++) {
    for (let i = 0; i < dim; i++) states[to++] = x[from++]!;
    states[to++] = logDet[row]!;
  }
  return states;
}

/** `count` columns of a row-major array from column `start`. */
export function columnsOf(data: Float64Array, width: number, start: number, count: number): Float64Array {
  const rows = data.length / width;
  const result = new Float64Array(rows * count);
  for (let row = 0; row < rows; row++) {
    for (let i = 0; i < count; i++) result[row * count + i] = data[row * width + start + i]!;
  }
  return result;
}

/** Evaluations of the field over the rows of a call. */
export function summary(nfe: Int32Array | null): { mean: number; max: number } | null {
  if (nfe === null) return null;
  return {
    mean: nfe.reduce((sum, count) => sum + count, 0) / nfe.length,
    max: nfe.reduce((a, b) => Math.max(a, b), 0),
  };
}
