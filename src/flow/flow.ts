import { LiouvilleError } from '../errors.ts';
import type { BatchLike, Matrix } from '../matrix.ts';
import { modelTables, scalar } from '../program/index.ts';
import type { ModelTables } from '../program/index.ts';
import { fillNormal, fillUniform, namedStream } from '../random/index.ts';
import type { Base } from './base.ts';
import { batchOf } from './batch.ts';
import { evaluate } from './evaluate.ts';
import type { Call, Evaluation } from './evaluate.ts';
import { pullbackThrough } from './gradient.ts';
import { seedOf, settle } from './options.ts';
import type { Settings, Trace } from './options.ts';
import { segmentsOf } from './segments.ts';
import type { Segment } from './segments.ts';
import type { MapStep, Step, Transform } from './transform.ts';
import type { EvaluateOptions, Flow, FlowConfiguration, LossAndGradient } from './types.ts';

export interface FlowParts {
  readonly name: string;
  readonly transform: Transform;
  readonly base: Base;
  readonly configuration: FlowConfiguration;
  /** For the first parameters; default 0. */
  readonly seed?: number | undefined;
}

/** The ways of a row: to the latent space, to it with the base density added, back, and from base noise. */
type Way = 'transform' | 'density' | 'inverse' | 'sample';

/** Makes a flow of a base distribution and a transform. */
export function createFlow(parts: FlowParts): Flow {
  const { name, transform, base, configuration } = parts;
  const { dim, contextDim } = transform;
  const tables = modelTables();
  const segments = segmentCache(transform, base, tables);
  // Tracing a density once declares every parameter.
  segments('density', { method: 'exact', probes: 1 });
  tables.trained.flat.set(tables.trained.initial(seedOf(parts.seed)));

  const begin = (settings: Settings, rows: number, options: EvaluateOptions): Call => ({
    settings,
    rows,
    parameters: { trained: tables.trained.flat.slice(), state: tables.state.flat.slice() },
    context: contextRows(options.context, contextDim, rows),
    noise: options.noise === undefined ? null : rowsOf(options.noise, 'noise', dim, rows),
  });

  const travel = async (
    way: Way,
    x: BatchLike,
    options: EvaluateOptions,
  ): Promise<Evaluation & { call: Call }> => {
    const settings = settle(options, 'evaluate', dim);
    const allowNonFinite = settings.onFailure === 'report';
    const batch = batchOf(x, way === 'inverse' ? 'z' : 'x', { cols: dim, allowNonFinite });
    const call = begin(settings, batch.rows, options);
    const result = await evaluate(segments(way, settings.trace), batch.data as Float64Array, call, false);
    return { ...result, call };
  };

  return {
    name,
    dim,
    contextDim,
    configuration,
    parameters: tables.trained,
    state: tables.state,

    async logProb(x, options = {}) {
      return (await travel('density', x, options)).logDet;
    },

    async transform(x, options = {}) {
      const result = await travel('transform', x, options);
      return { z: matrix(result.x, dim), ...transformed(result) };
    },

    async inverse(z, options = {}) {
      const result = await travel('inverse', z, options);
      return { x: matrix(result.x, dim), ...transformed(result) };
    },

    async sample(count, options = {}) {
      if (!Number.isInteger(count) || count < 1) {
        throw new LiouvilleError(
          'invalid-argument',
          `count: expected a positive whole number; got ${count}.`,
        );
      }
      const settings = settle(options, 'evaluate', dim);
      const noise = new Float64Array(count * base.noiseDim);
      (base.noise === 'normal' ? fillNormal : fillUniform)(noise, settings.seed, namedStream('base'));
      const call = begin(settings, count, options);
      const result = await evaluate(segments('sample', { method: 'none', probes: 0 }), noise, call, false);
      return matrix(result.x, dim);
    },

    async lossAndGradient(x, options = {}) {
      const settings = settle(options, 'train', dim);
      const batch = batchOf(x, 'x', { cols: dim, allowNonFinite: settings.onFailure === 'report' });
      const call = begin(settings, batch.rows, options);
      return likelihoodGradient(segments('density', settings.trace), batch, call, tables);
    },
  };
}

/** Mean negative log-likelihood over the rows that end 'ok', and its gradient. */
async function likelihoodGradient(
  segments: readonly Segment[],
  batch: Matrix,
  call: Call,
  tables: ModelTables,
): Promise<LossAndGradient> {
  const { logDet, records, status, nfe } = await evaluate(segments, batch.data as Float64Array, call, true);
  const good = status.flatMap((ended, row) => (ended === 'ok' ? [row] : []));
  if (good.length === 0) throw new LiouvilleError('numerical-failure', 'Every row of the batch failed.');
  if (good.length < batch.rows)
    return likelihoodGradient(segments, pickRows(batch, good), pickCall(call, good), tables);
  const loss = -logDet.reduce((sum, value) => sum + value, 0) / batch.rows;
  const weights = new Float64Array(batch.rows).fill(-1 / batch.rows);
  const end = new Float64Array(batch.rows * batch.cols);
  const { gradient } = await pullbackThrough(records, call, end, weights);
  return {
    loss,
    flat: gradient,
    gradient: new Map(tables.trained.names().map((name) => [name, named(tables, name, gradient)])),
    nfe: summary(nfe),
    engine: call.settings.engine.name,
  };
}

/** Segments by way and trace, traced when first asked for. */
function segmentCache(
  transform: Transform,
  base: Base,
  tables: ModelTables,
): (way: Way, trace: Trace) => Segment[] {
  const cache = new Map<string, Segment[]>();
  return (way, trace) => {
    const key = `${way} ${trace.method} ${trace.probes}`;
    let segments = cache.get(key);
    if (segments === undefined) {
      segments = segmentsOf(
        stepsOf(way, transform, base),
        tables,
        transform.dim,
        transform.contextDim,
        trace,
      );
      cache.set(key, segments);
    }
    return segments;
  };
}

function stepsOf(way: Way, transform: Transform, base: Base): Step[] {
  const density: MapStep = {
    kind: 'map',
    path: 'base',
    inputDim: base.dim,
    apply: (scope, x, context) => ({ x, logDet: base.logDensity(scope, x, context) }),
  };
  const draw: MapStep = {
    kind: 'map',
    path: 'base',
    inputDim: base.noiseDim,
    apply: (scope, noise, context) => ({ x: base.sample(scope, noise, context), logDet: scalar(0) }),
  };
  switch (way) {
    case 'transform':
      return [...transform.steps('forward', '')];
    case 'density':
      return [...transform.steps('forward', ''), density];
    case 'inverse':
      return [...transform.steps('inverse', '')];
    case 'sample':
      return [draw, ...transform.steps('inverse', '')];
  }
}

function contextRows(context: BatchLike | undefined, contextDim: number, rows: number): Float64Array | null {
  if (contextDim === 0) {
    if (context === undefined) return null;
    throw new LiouvilleError('invalid-argument', 'context: this flow takes none (its contextDim is 0).');
  }
  if (context === undefined) {
    throw new LiouvilleError(
      'invalid-argument',
      `context: expected ${rows} rows of ${contextDim} numbers; got none.`,
    );
  }
  return rowsOf(context, 'context', contextDim, rows);
}

function rowsOf(x: BatchLike, what: string, cols: number, rows: number): Float64Array {
  return batchOf(x, what, { cols, rows }).data as Float64Array;
}

function matrix(data: Float64Array, cols: number): Matrix {
  return { data, rows: data.length / cols, cols };
}

function transformed(result: Evaluation & { call: Call }): {
  logDet: Float64Array;
  status: Evaluation['status'];
  nfe: { mean: number; max: number } | null;
  engine: Settings['engine']['name'];
} {
  const { logDet, status, nfe, call } = result;
  return { logDet, status, nfe: summary(nfe), engine: call.settings.engine.name };
}

function summary(nfe: Int32Array | null): { mean: number; max: number } | null {
  if (nfe === null) return null;
  return {
    mean: nfe.reduce((sum, count) => sum + count, 0) / nfe.length,
    max: nfe.reduce((a, b) => Math.max(a, b), 0),
  };
}

function named(tables: ModelTables, name: string, flat: Float64Array): Matrix {
  const { data, rows, cols } = tables.trained.get(name);
  const offset = (data.byteOffset - tables.trained.flat.byteOffset) / data.BYTES_PER_ELEMENT;
  return { data: flat.slice(offset, offset + data.length), rows, cols };
}

function pickRows(batch: Matrix, rows: readonly number[]): Matrix {
  const data = pick(batch.data as Float64Array, batch.rows, rows);
  return { data, rows: rows.length, cols: batch.cols };
}

function pickCall(call: Call, rows: readonly number[]): Call {
  const picked = (data: Float64Array | null): Float64Array | null => data && pick(data, call.rows, rows);
  return { ...call, rows: rows.length, context: picked(call.context), noise: picked(call.noise) };
}

function pick(data: Float64Array, count: number, rows: readonly number[]): Float64Array {
  const width = data.length / count;
  return Float64Array.from({ length: rows.length * width }, (_, i) => {
    return data[rows[Math.floor(i / width)]! * width + (i % width)]!;
  });
}
