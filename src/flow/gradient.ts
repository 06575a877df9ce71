import { reference } from '../engine/index.ts';
import { backsolve } from './backsolve.ts';
import type { SolveEndCotangents } from './backsolve.ts';
import type { Call, Record } from './evaluate.ts';
import { add, columnsOf, statesOf } from './evaluate.ts';
import { throughStatistics } from './statistics.ts';

/** Takes cotangents of the end states and of logDet back through what was recorded; adds to the gradient. */
export async function pullbackThrough(
  records: readonly Record[],
  call: Call,
  cotangentOfEnd: Float64Array,
  cotangentOfLogDet: Float64Array,
  gradient: Float64Array,
): Promise<void> {
  let cotangent = cotangentOfEnd;
  for (const record of records.toReversed()) {
    cotangent =
      record.kind === 'map'
        ? await pullMap(record, call, cotangent, cotangentOfLogDet, gradient)
        : await pullSolve(record, call, cotangent, cotangentOfLogDet, gradient);
  }
}

async function pullMap(
  { segment, inputs, statistics }: Extract<Record, { kind: 'map' }>,
  { settings, parameters, rows }: Call,
  x: Float64Array,
  logDet: Float64Array,
  gradient: Float64Array,
): Promise<Float64Array> {
  const result = await settings.engine.pullback(
    segment.program,
    parameters,
    rows,
    inputs,
    { x, logDet },
    settings,
  );
  add(gradient, result.gradient);
  return throughStatistics(result.cotangents, statistics, inputs['x'] as Float64Array);
}

async function pullSolve(
  { segment, dim, tape, end }: Extract<Record, { kind: 'solve' }>,
  call: Call,
  x: Float64Array,
  logDet: Float64Array,
  gradient: Float64Array,
): Promise<Float64Array> {
  const times = segment.endTime.trainedParameters().length > 0;
  const { settings, parameters } = call;
  const cotangents = statesOf(x, logDet);
  let found: SolveEndCotangents;
  if (end === null) {
    const result = await settings.engine.solvePullback(tape!, cotangents, { ...settings, times });
    add(gradient, result.gradient);
    found = { start: result.cotangents['y']!, t0: result.t0, t1: result.t1 };
  } else {
    found = await backsolve(segment, end, call, cotangents, gradient);
  }
  if (times) {
    const time = Float64Array.of(segment.reversed ? found.t0 : found.t1);
    const ofTime = await reference.pullback(segment.endTime, parameters, 1, {}, { time });
    add(gradient, ofTime.gradient);
  }
  return columnsOf(found.start, dim + 1, 0, dim);
}
