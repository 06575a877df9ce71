import { reference } from '../engine/index.ts';
import { continuousAdjoint } from './continuous-adjoint.ts';
import type { SolveEndCotangents } from './continuous-adjoint.ts';
import type { Call, Record } from './evaluate.ts';
import { add, columnsOf, statesOf } from './evaluate.ts';
import { throughStatistics } from './statistics.ts';

/** Cotangents of the rows that a way begins with. */
export interface StartCotangents {
  readonly x: Float64Array;
  /** Of the conditioning rows, summed over the parts of the way; null where there are none. */
  readonly context: Float64Array | null;
}

/** Takes cotangents of the end states and of logDet back through what was recorded; adds to the gradient. */
export async function pullbackThrough(
  records: readonly Record[],
  call: Call,
  cotangentOfEnd: Float64Array,
  cotangentOfLogDet: Float64Array,
  gradient: Float64Array,
): Promise<StartCotangents> {
  let x = cotangentOfEnd;
  const context = call.context && new Float64Array(call.context.length);
  for (const record of records.toReversed()) {
    const found =
      record.kind === 'map'
        ? await pullMap(record, call, x, cotangentOfLogDet, gradient)
        : await pullSolve(record, call, x, cotangentOfLogDet, gradient);
    x = found.x;
    if (context !== null) add(context, found.context!);
  }
  return { x, context };
}

async function pullMap(
  { segment, inputs, statistics }: Extract<Record, { kind: 'map' }>,
  { settings, parameters, rows }: Call,
  x: Float64Array,
  logDet: Float64Array,
  gradient: Float64Array,
): Promise<StartCotangents> {
  const result = await settings.engine.pullback(
    segment.program,
    parameters,
    rows,
    inputs,
    { x, logDet },
    settings,
  );
  add(gradient, result.gradient);
  return {
    x: throughStatistics(result.cotangents, statistics, inputs['x'] as Float64Array),
    context: result.cotangents['context'] ?? null,
  };
}

async function pullSolve(
  { segment, dim, tape, end }: Extract<Record, { kind: 'solve' }>,
  call: Call,
  x: Float64Array,
  logDet: Float64Array,
  gradient: Float64Array,
): Promise<StartCotangents> {
  const times = segment.endTime.trainedParameters().length > 0;
  const { settings, parameters } = call;
  const cotangents = statesOf(x, logDet);
  let found: SolveEndCotangents;
  if (end === null) {
    const result = await settings.engine.solvePullback(tape!, cotangents, { ...settings, times });
    tape!.dispose?.();
    add(gradient, result.gradient);
    const { y: start, context = null } = result.cotangents;
    found = { start: start!, context, t0: result.t0, t1: result.t1 };
  } else {
    found = await continuousAdjoint(segment, end, call, cotangents, gradient);
  }
  if (times) {
    const time = Float64Array.of(segment.reversed ? found.t0 : found.t1);
    const ofTime = await reference.pullback(segment.endTime, parameters, 1, {}, { time });
    add(gradient, ofTime.gradient);
  }
  return { x: columnsOf(found.start, dim + 1, 0, dim), context: found.context };
}
