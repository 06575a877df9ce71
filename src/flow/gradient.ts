import { reference } from '../engine/index.ts';
import type { Call, Record } from './evaluate.ts';
import { columnsOf } from './evaluate.ts';
import { throughStatistics } from './statistics.ts';

/** Takes cotangents of the end states and of logDet back through what was recorded; adds up the gradient. */
export async function pullbackThrough(
  records: readonly Record[],
  call: Call,
  cotangentOfEnd: Float64Array,
  cotangentOfLogDet: Float64Array,
): Promise<{ gradient: Float64Array; cotangentOfStart: Float64Array }> {
  const gradient = new Float64Array(call.parameters.trained.length);
  let cotangent = cotangentOfEnd;
  for (const record of records.toReversed()) {
    cotangent =
      record.kind === 'map'
        ? await pullMap(record, call, cotangent, cotangentOfLogDet, gradient)
        : await pullSolve(record, call, cotangent, cotangentOfLogDet, gradient);
  }
  return { gradient, cotangentOfStart: cotangent };
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
  addTo(gradient, result.gradient);
  return throughStatistics(result.cotangents, statistics, inputs['x'] as Float64Array);
}

async function pullSolve(
  { segment, dim, tape }: Extract<Record, { kind: 'solve' }>,
  { settings, parameters, rows }: Call,
  x: Float64Array,
  logDet: Float64Array,
  gradient: Float64Array,
): Promise<Float64Array> {
  const cotangents = new Float64Array(rows * (dim + 1));
  for (let row = 0; row < rows; row++) {
    cotangents.set(x.subarray(row * dim, (row + 1) * dim), row * (dim + 1));
    cotangents[row * (dim + 1) + dim] = logDet[row]!;
  }
  const times = segment.endTime.trainedParameters().length > 0;
  const result = await settings.engine.solvePullback(tape!, cotangents, { ...settings, times });
  addTo(gradient, result.gradient);
  if (times) {
    const time = Float64Array.of(segment.reversed ? result.t0 : result.t1);
    const ofTime = await reference.pullback(segment.endTime, parameters, 1, {}, { time });
    addTo(gradient, ofTime.gradient);
  }
  return columnsOf(result.cotangents['y']!, dim + 1, 0, dim);
}

function addTo(sum: Float64Array, term: Float64Array): void {
  for (let i = 0; i < sum.length; i++) sum[i] = sum[i]! + term[i]!;
}
