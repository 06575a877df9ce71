import { solveRows } from '../engine/index.ts';
import { LiouvilleError } from '../errors.ts';
import { batchOf } from '../flow/batch.ts';
import { callFor, partsOf } from '../flow/call.ts';
import {
  add,
  columnsOf,
  endTimeOf,
  evaluate,
  noteFailures,
  statesOf,
  withContext,
} from '../flow/evaluate.ts';
import type { Call } from '../flow/evaluate.ts';
import { wholeNumber } from '../flow/index.ts';
import type { EvaluateOptions, Flow } from '../flow/index.ts';
import { settle } from '../flow/options.ts';
import { segmentsOf } from '../flow/segments.ts';
import type { SolveSegment } from '../flow/segments.ts';
import { stepsOf } from '../flow/ways.ts';
import type { BatchLike, Matrix } from '../matrix.ts';
import type { RowStatus } from '../ode/index.ts';
import { Program, Scope, input } from '../program/index.ts';
import { isContinuous } from './continuous.ts';

/** Where rows are on their way to the latent space, and how dense the flow is there. */
export interface JourneyStop {
  readonly x: Matrix;
  /** log of the density that the rows have at this stop, nats: log p(x) at the first, log p_Z at the last. */
  readonly logDensity: Float64Array;
  /** The part of the model that led here; '' at the start. */
  readonly path: string;
  /** Of a continuous part; null after a closed form, and at the start. */
  readonly time: number | null;
}

/** Options of `journey`. */
export interface JourneyOptions extends EvaluateOptions {
  /** Equally long pieces that each continuous part is cut into; default 16. */
  readonly intervals?: number;
}

/**
 * Rows on their way from data to latent space, with the log-density that is carried along: at time t it is
 * log p_Z(x(T)) + integral from t to T of tr(df/dx).
 *
 * @throws LiouvilleError as `flow.transform`.
 */
export async function journey(
  flow: Flow,
  x: BatchLike,
  { intervals = 16, ...options }: JourneyOptions = {},
): Promise<JourneyStop[]> {
  wholeNumber('intervals', intervals, 1);
  const { transform, base, tables } = partsOf(flow);
  const settings = settle(options, 'evaluate', flow.dim);
  const start = batchOf(x, 'x', { cols: flow.dim });
  const call = callFor(flow, settings, start.rows, options);
  const legs: Leg[] = [];
  let at = start.data as Float64Array;
  for (const step of transform.steps('forward', '')) {
    const [segment] = segmentsOf([step], tables, flow.dim, flow.contextDim, settings.trace);
    if (segment!.kind === 'map') {
      const found = await evaluate([segment!], at, call, false);
      legs.push({ x: found.x, logDet: found.logDet, path: step.path, time: null });
    } else {
      legs.push(...(await piecesOf(segment!, at, call, intervals)));
    }
    at = legs.at(-1)!.x;
  }
  const last = stepsOf('density', transform, base).slice(-1);
  const ending = segmentsOf(last, tables, flow.dim, flow.contextDim, settings.trace);
  let logDensity = (await evaluate(ending, at, call, false)).logDet;
  const stops: JourneyStop[] = [];
  for (const leg of legs.toReversed()) {
    stops.unshift({ x: matrix(leg.x, flow.dim), logDensity, path: leg.path, time: leg.time });
    logDensity = logDensity.map((value, row) => value + leg.logDet[row]!);
  }
  return [{ x: matrix(start.data as Float64Array, flow.dim), logDensity, path: '', time: null }, ...stops];
}

interface Leg {
  readonly x: Float64Array;
  readonly logDet: Float64Array;
  readonly path: string;
  readonly time: number | null;
}

async function piecesOf(
  segment: SolveSegment,
  from: Float64Array,
  call: Call,
  intervals: number,
): Promise<Leg[]> {
  const { settings, parameters, rows } = call;
  const dim = from.length / rows;
  const end = segment.fixedEndTime ?? (await endTimeOf(segment, parameters));
  const times = Array.from({ length: intervals + 1 }, (_, i) => (end * i) / intervals);
  if (segment.reversed) times.reverse();
  const legs: Leg[] = [];
  let x = from;
  for (const [i, t1] of times.slice(1).entries()) {
    const inputs = withContext({ y: statesOf(x, new Float64Array(rows)) }, call);
    if (segment.noise !== null) {
      throw new LiouvilleError(
        'invalid-argument',
        "trace: a journey needs 'exact'; probes would be drawn anew.",
      );
    }
    const options = { ...settings, t0: times[i]!, t1, tape: false };
    const solution = await solveRows(settings.engine, segment.field, parameters, rows, inputs, options);
    noteFailures(solution, solution.status.slice(), settings);
    x = columnsOf(solution.y, dim + 1, 0, dim);
    legs.push({ x, logDet: columnsOf(solution.y, dim + 1, dim, 1), path: segment.path, time: t1 });
  }
  return legs;
}

/** How many continuous parts a flow has; 0 also for one that does not say what it is made of. */
export function continuousParts(flow: Flow): number {
  return flow.parts?.transform.steps('forward', '').filter(isContinuous).length ?? 0;
}

/** Options of `fieldAt`. */
export interface FieldOptions extends EvaluateOptions {
  /** Which of the continuous parts, from the data's side; default 0. */
  readonly part?: number;
}

/**
 * f(t, x) at these points for each of the times: one matrix [points, dim] for each time.
 *
 * @throws LiouvilleError 'invalid-argument' for a part that is not there.
 */
export async function fieldAt(
  flow: Flow,
  points: BatchLike,
  times: readonly number[],
  { part = 0, ...options }: FieldOptions = {},
): Promise<Matrix[]> {
  const { transform, tables } = partsOf(flow);
  const step = transform.steps('forward', '').filter(isContinuous)[part];
  if (step === undefined) {
    throw new LiouvilleError('invalid-argument', `part: '${flow.name}' has no continuous part ${part}.`);
  }
  const settings = settle(options, 'evaluate', flow.dim);
  const { data, rows } = batchOf(points, 'points', { cols: flow.dim });
  const call = callFor(flow, settings, rows, options);
  const [t, x] = [input('t', 1), input('x', flow.dim)];
  const context = flow.contextDim > 0 ? input('context', flow.contextDim) : null;
  const velocity = step.velocity(new Scope(tables, step.path), { t, x, context });
  const program = new Program('field', context === null ? [t, x] : [t, x, context], { velocity });
  return Promise.all(
    times.map(async (time) => {
      const inputs = withContext({ t: new Float64Array(rows).fill(time), x: data as Float64Array }, call);
      const result = await settings.engine.run(program, call.parameters, rows, inputs, settings);
      return matrix(result['velocity']!, flow.dim);
    }),
  );
}

/** What `rowCosts` finds, one entry for each row. */
export interface RowCosts {
  /** Evaluations of the field for each row, over all continuous parts. */
  readonly evaluations: Int32Array;
  /** Why each row's solve ended. */
  readonly status: readonly RowStatus[];
}

/** What each row costs on its way to the latent space: every row takes steps of its own. */
export async function rowCosts(flow: Flow, x: BatchLike, options: EvaluateOptions = {}): Promise<RowCosts> {
  const { transform, tables } = partsOf(flow);
  const settings = settle(options, 'evaluate', flow.dim);
  const batch = batchOf(x, 'x', { cols: flow.dim });
  const call = callFor(flow, settings, batch.rows, options);
  const steps = transform.steps('forward', '');
  const segments = segmentsOf(steps, tables, flow.dim, flow.contextDim, settings.trace);
  const { nfe, status } = await evaluate(segments, batch.data as Float64Array, call, false);
  const evaluations = new Int32Array(batch.rows);
  if (nfe !== null) add(evaluations, nfe);
  return { evaluations, status };
}

function matrix(data: Float64Array, cols: number): Matrix {
  return { data, rows: data.length / cols, cols };
}
