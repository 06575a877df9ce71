import { LiouvilleError } from '../errors.ts';
import type { BatchLike, Matrix } from '../matrix.ts';
import { modelTables } from '../program/index.ts';
import type { ModelTables } from '../program/index.ts';
import { namedStream } from '../random/index.ts';
import type { Base } from './base.ts';
import { batchOf } from './batch.ts';
import { evaluate, isOneCall, summary } from './evaluate.ts';
import type { Call, Evaluation } from './evaluate.ts';
import { initialiseSteps } from './initialise.ts';
import { likelihoodGradient } from './likelihood.ts';
import { keyOf, wholeNumber } from './model-options.ts';
import { seedOf, settle } from './options.ts';
import type { Settings } from './options.ts';
import { usualIntervals, walk } from './path.ts';
import type { Transform } from './transform.ts';
import type { EvaluateOptions, Flow, FlowConfiguration, Transformed } from './types.ts';
import { segmentCache } from './ways.ts';
import type { Way } from './ways.ts';

/** The most numbers that one call makes: 8 GiB of them. */
const maxNumbers = 2 ** 30;

/**
 * What `createFlow` makes a flow of: log p(x) = log p_Z(z) + log|det dz/dx| with z = transform(x). `configuration` is what a
 * saved file says about the model, and what `load` makes it again from.
 */
export interface FlowDefinition {
  readonly name: string;
  readonly transform: Transform;
  readonly base: Base;
  readonly configuration: FlowConfiguration;
  /** For the first parameters; default 0. */
  readonly seed?: number | undefined;
  /** Of another flow whose parameters this one is to share; default: tables of its own. */
  readonly tables?: ModelTables | undefined;
}

/** One gigabyte of float64. */
const mostParameters = 2 ** 27;

/**
 * Makes a flow of a base distribution and a transform: log p(x) = log p_Z(z) + log|det dz/dx| with z = transform(x). Its first
 * parameters depend on the seed alone.
 *
 * @throws LiouvilleError 'shape-mismatch' where base and transform differ in dim, 'invalid-argument' for more than 2^27
 * parameters.
 */
export function createFlow(definition: FlowDefinition): Flow {
  const { name, transform, base } = definition;
  const { dim, contextDim } = transform;
  if (base.dim !== dim) {
    throw new LiouvilleError(
      'shape-mismatch',
      `createFlow: base and transform need the same dim; got ${base.dim} and ${dim}.`,
    );
  }
  const tables = definition.tables ?? modelTables(seedOf(definition.seed));
  const segments = segmentCache(transform, base, tables);
  // Tracing a density once declares every parameter; the trace of the Jacobian adds none.
  segments('density', { method: 'none', probes: 0 });
  if (tables.trained.count > mostParameters) {
    throw new LiouvilleError(
      'invalid-argument',
      `${name}: a model has at most ${mostParameters} parameters; this one would have ${tables.trained.count}.`,
    );
  }

  const begin = (settings: Settings, rows: number, options: EvaluateOptions, oneCall = false): Call => ({
    settings,
    rows,
    parameters: oneCall
      ? { trained: tables.trained.flat, state: tables.state.flat }
      : { trained: tables.trained.flat.slice(), state: tables.state.flat.slice() },
    context: contextRows(options.context, contextDim, rows),
    noise: options.noise === undefined ? null : rowsOf(options.noise, 'noise', probeWidth(transform), rows),
    places: null,
  });

  const travel = async (
    way: Way,
    x: BatchLike,
    options: EvaluateOptions,
  ): Promise<Evaluation & { call: Call }> => {
    const settings = settle(options, 'evaluate', dim);
    const allowNonFinite = settings.onFailure === 'report';
    const batch = batchOf(x, way === 'inverse' ? 'z' : 'x', { cols: dim, allowNonFinite });
    const route = segments(way, settings.trace);
    const call = begin(settings, batch.rows, options, isOneCall(route, settings));
    const result = await evaluate(route, batch.data as Float64Array, call, false);
    return { ...result, call };
  };

  return {
    name,
    dim,
    contextDim,
    // A copy: what the caller does with its own arrays later must not change what is saved.
    configuration: structuredClone(definition.configuration),
    parameters: tables.trained,
    state: tables.state,
    parts: { transform, base, tables },

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
      if (!Number.isInteger(count) || count < 1 || count * base.noiseDim > maxNumbers) {
        throw new LiouvilleError(
          'invalid-argument',
          `count: expected a whole number from 1 to ${Math.floor(maxNumbers / base.noiseDim)}; got ${String(count)}.`,
        );
      }
      const settings = settle(options, 'evaluate', dim);
      const noise = new Float64Array(count * base.noiseDim);
      settings.engine.fill(base.noise, noise, settings.seed, namedStream('base'));
      const route = segments('sample', { method: 'none', probes: 0 });
      const call = begin(settings, count, options, isOneCall(route, settings));
      const result = await evaluate(route, noise, call, false);
      return matrix(result.x, dim);
    },

    async path(x, { direction = 'inverse', intervals = usualIntervals, ...options } = {}) {
      keyOf('direction', direction, { forward: true, inverse: true });
      wholeNumber('intervals', intervals, 1);
      const settings = settle(options, 'evaluate', dim);
      const batch = batchOf(x, direction === 'inverse' ? 'z' : 'x', {
        cols: dim,
        allowNonFinite: settings.onFailure === 'report',
      });
      return walk(transform, tables, direction, batch, begin(settings, batch.rows, options), intervals);
    },

    async lossAndGradient(x, options = {}) {
      const settings = settle(options, 'train', dim);
      const batch = batchOf(x, 'x', { cols: dim, allowNonFinite: settings.onFailure === 'report' });
      const route = segments('density', settings.trace, settings.training);
      const call = begin(settings, batch.rows, options, isOneCall(route, settings));
      return likelihoodGradient(route, batch, call, tables);
    },

    async initialise(x, options = {}) {
      const settings = settle(options, 'evaluate', dim);
      const batch = batchOf(x, 'x', { cols: dim });
      const call = begin(settings, batch.rows, options);
      await initialiseSteps(transform, tables, batch.data as Float64Array, call);
    },
  };
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

/** How wide a probe is: that of the first trace on the way. */
function probeWidth(transform: Transform): number {
  const probe = { method: 'hutchinson', probes: 1 } as const;
  const solves = transform.steps('forward', '').filter((step) => step.kind === 'solve');
  return solves[0]?.noiseShape(probe)?.n ?? transform.dim;
}

function rowsOf(x: BatchLike, what: string, cols: number, rows: number): Float64Array {
  return batchOf(x, what, { cols, rows }).data as Float64Array;
}

function matrix(data: Float64Array, cols: number): Matrix {
  return { data, rows: data.length / cols, cols };
}

function transformed(result: Evaluation & { call: Call }): Transformed {
  const { logDet, status, nfe, call } = result;
  return { logDet, status, nfe: summary(nfe), engine: call.settings.engine.name };
}
