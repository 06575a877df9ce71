import { reference } from '../engine/index.ts';
import type { Matrix } from '../matrix.ts';
import type { ModelTables } from '../program/index.ts';
import { columnsOf, evaluate, noteFailures, noteNonFinite, withContext } from './evaluate.ts';
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
  const end = (await reference.run(segment.endTime, call.parameters, 1, {}))['time']![0]!;
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
  const y = new Float64Array(rows * (dim + 1));
  for (let row = 0; row < rows; row++) y.set(x.subarray(row * dim, (row + 1) * dim), row * (dim + 1));
  const inputs = withContext({ y }, call);
  const solution = await settings.engine.solve(segment.field, parameters, rows, inputs, {
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
