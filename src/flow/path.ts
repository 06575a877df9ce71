import { solveRows } from '../engine/index.ts';
import type { Matrix } from '../matrix.ts';
import type { ModelTables } from '../program/index.ts';
import {
  columnsOf,
  endTimeOf,
  evaluate,
  noteFailures,
  noteNonFinite,
  statesOf,
  withContext,
} from './evaluate.ts';
import type { Call } from './evaluate.ts';
import { segmentsOf } from './segments.ts';
import type { SolveSegment } from './segments.ts';
import type { Direction, Transform } from './transform.ts';
import type { PathStop } from './types.ts';

/** How many stops a path makes in each continuous part, unless it is said. */
export const usualIntervals = 16;

/** Takes rows through a transform step by step and keeps where they were after each. */
export async function walk(
  transform: Transform,
  tables: ModelTables,
  direction: Direction,
  start: Matrix,
  call: Call,
  intervals: number,
): Promise<PathStop[]> {
  const { dim, contextDim } = transform;
  const stops: PathStop[] = [{ x: start, path: '', time: null }];
  // Positions only: without a trace a field costs one evaluation, not one for each dimension.
  const trace = { method: 'none', probes: 0 } as const;
  let x = start.data as Float64Array;
  const arrive = (at: Float64Array, path: string, time: number | null): void => {
    x = at;
    stops.push({ x: { data: x.slice(), rows: call.rows, cols: dim }, path, time });
  };
  for (const step of transform.steps(direction, '')) {
    const [segment] = segmentsOf([step], tables, dim, contextDim, trace);
    if (segment!.kind === 'map') {
      arrive((await evaluate([segment!], x, call, false)).x, step.path, null);
    } else {
      const times = await timesOf(segment!, call, intervals);
      for (const [i, t1] of times.slice(1).entries()) {
        arrive(await solveBetween(segment!, x, call, times[i]!, t1), step.path, t1);
      }
    }
  }
  return stops;
}

/** Equally spaced times from one end of a solve to the other. */
async function timesOf(segment: SolveSegment, call: Call, intervals: number): Promise<number[]> {
  const end = segment.fixedEndTime ?? (await endTimeOf(segment, call.parameters));
  const times = Array.from({ length: intervals + 1 }, (_, i) => (end * i) / intervals);
  return segment.reversed ? times.toReversed() : times;
}

async function solveBetween(
  segment: SolveSegment,
  x: Float64Array,
  call: Call,
  t0: number,
  t1: number,
): Promise<Float64Array> {
  const { settings, parameters, rows } = call;
  const dim = x.length / rows;
  const inputs = withContext({ y: statesOf(x, new Float64Array(rows)) }, call);
  const solution = await solveRows(settings.engine, segment.field, parameters, rows, inputs, {
    ...settings,
    t0,
    t1,
    tape: false,
  });
  const status = solution.status.slice();
  noteFailures(solution, status, settings);
  const found = columnsOf(solution.y, dim + 1, 0, dim);
  noteNonFinite(found, new Float64Array(rows), status, settings);
  return found;
}
