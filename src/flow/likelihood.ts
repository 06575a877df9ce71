import { LiouvilleError } from '../errors.ts';
import type { Matrix } from '../matrix.ts';
import type { ModelTables, ParameterTable } from '../program/index.ts';
import { add, beginning, evaluate, inputsFor, noteNonFinite, summary } from './evaluate.ts';
import type { Call, Record } from './evaluate.ts';
import { pullbackThrough } from './gradient.ts';
import type { StartCotangents } from './gradient.ts';
import type { MapSegment, Segment } from './segments.ts';
import { stepValues, throughStatistics } from './statistics.ts';
import type { LossAndGradient } from './types.ts';

/**
 * Mean negative log-likelihood over the rows that end 'ok', and its gradient. The last segment is the closed form
 * that ends with the base density.
 */
export async function likelihoodGradient(
  segments: readonly Segment[],
  batch: Matrix,
  call: Call,
  tables: ModelTables,
): Promise<LossAndGradient> {
  const { settings, parameters, rows } = call;
  const last = segments.at(-1) as MapSegment;
  const start = batch.data as Float64Array;
  // Without a pause where there is one call only (isOneCall).
  const { x, logDet, records, status, nfe } =
    segments.length === 1 ? beginning(start, rows) : await evaluate(segments.slice(0, -1), start, call, true);
  // The cotangents at the end do not depend on what comes out there: one pass forward and back.
  const weights = new Float64Array(rows).fill(-1 / rows);
  const { statistics, inputs } = inputsFor(last, x, call);
  const end = await settings.engine.pullback(
    last.program,
    parameters,
    rows,
    inputs,
    { logDet: weights },
    { ...settings, outputs: true },
  );
  add(logDet, end.outputs!['logDet']!);
  noteNonFinite(end.outputs!['x']!, logDet, status, settings);
  if (status.some((ended) => ended !== 'ok')) {
    const good = status.flatMap((ended, row) => (ended === 'ok' ? [row] : []));
    if (good.length === 0) throw new LiouvilleError('numerical-failure', 'Every row of the batch failed.');
    const found = await likelihoodGradient(segments, pickRows(batch, good), pickCall(call, good), tables);
    return { ...found, cotangents: spread(found.cotangents!, rows, good) };
  }
  const loss = -logDet.reduce((sum, value) => sum + value, 0) / batch.rows;
  const { gradient } = end;
  const cotangent = throughStatistics(end.cotangents, statistics, x);
  const cotangents = await pullbackThrough(records, call, cotangent, weights, gradient);
  if (cotangents.context !== null) add(cotangents.context, end.cotangents['context']!);
  return {
    loss,
    flat: gradient,
    gradient: gradientByName(tables.trained, gradient),
    nfe: summary(nfe),
    cotangents,
    state: stateAfter([...records, { kind: 'map', segment: last, inputs, statistics }], call, tables),
    engine: call.settings.engine.name,
  };
}

/** What the state becomes where the rules for batches that were met change it; null where there were none. */
function stateAfter(records: readonly Record[], call: Call, tables: ModelTables): Float64Array | null {
  let state: Float64Array | null = null;
  for (const record of records) {
    if (record.kind !== 'map' || record.statistics === null) continue;
    state ??= call.parameters.state.slice();
    const { rule, path } = record.segment.batch!;
    const { trained } = call.parameters;
    rule.update(record.statistics, stepValues(tables, path, { trained, state }));
  }
  return state;
}

/** Views of a flat gradient, as `lossAndGradient` gives them. */
export function gradientByName(parameters: ParameterTable, flat: Float64Array): Map<string, Matrix> {
  const named = (name: string): Matrix => {
    const { k, n } = parameters.shape(name);
    return { data: parameters.viewIn(flat, name), rows: k, cols: n };
  };
  return new Map(parameters.names().map((name) => [name, named(name)]));
}

function pickRows(batch: Matrix, rows: readonly number[]): Matrix {
  const data = pick(batch.data as Float64Array, batch.rows, rows);
  return { data, rows: rows.length, cols: batch.cols };
}

function pickCall(call: Call, rows: readonly number[]): Call {
  const picked = (data: Float64Array | null): Float64Array | null => data && pick(data, call.rows, rows);
  const places = rows.map((row) => call.places?.[row] ?? row);
  return { ...call, rows: rows.length, context: picked(call.context), noise: picked(call.noise), places };
}

function pick(data: Float64Array, count: number, rows: readonly number[]): Float64Array {
  const width = data.length / count;
  return Float64Array.from({ length: rows.length * width }, (_, i) => {
    return data[rows[Math.floor(i / width)]! * width + (i % width)]!;
  });
}

/** Cotangents of the rows that were picked at their places among all of them. */
function spread({ x, context }: StartCotangents, count: number, rows: readonly number[]): StartCotangents {
  const spreadOut = (data: Float64Array): Float64Array => {
    const width = data.length / rows.length;
    const all = new Float64Array(count * width);
    rows.forEach((row, i) => all.set(data.subarray(i * width, (i + 1) * width), row * width));
    return all;
  };
  return { x: spreadOut(x), context: context && spreadOut(context) };
}
