import { LiouvilleError } from '../errors.ts';
import { batchOf } from '../flow/batch.ts';
import { evaluate } from '../flow/evaluate.ts';
import type { Call } from '../flow/evaluate.ts';
import { keyOf, refuseUnknown, seedOf, wholeNumber, widths } from '../flow/index.ts';
import type { EvaluateOptions, MapStep, ModelOptions, Trainable } from '../flow/index.ts';
import { likelihoodGradient } from '../flow/likelihood.ts';
import { settle } from '../flow/options.ts';
import type { Settings } from '../flow/options.ts';
import { segmentsOf } from '../flow/segments.ts';
import type { Segment } from '../flow/segments.ts';
import type { BatchLike, Matrix } from '../matrix.ts';
import { activations } from '../nn/index.ts';
import type { Activation } from '../nn/index.ts';
import { logSumExp, modelTables, ops, scalar } from '../program/index.ts';
import type { ModelTables, Scope, Value } from '../program/index.ts';
import { integerBelow, namedStream } from '../random/index.ts';
import { checkPermutation } from './check.ts';
import type { HiddenDegrees } from './made.ts';
import { randomPermutation } from './permutation.ts';

/** Options of `made` and `bernoulliMade`. */
export interface MadeModelOptions extends ModelOptions {
  /** Sets of masks, each with an order of the features, that share the weights; default 8, or one for each order that is given. */
  readonly masks?: number;
  /**
   * 'random': another order for each set, drawn by the seed; 'same': as the features stand; or a list that the sets go through
   * again and again. Default 'random'.
   */
  readonly orders?: 'random' | 'same' | readonly (readonly number[])[];
  /**
   * Which features hidden units may see: 'equal' and 'cyclic' are the same in all sets, up to the order (order-agnostic); a number
   * is a seed that draws them anew for each set (connectivity-agnostic, too). Default 'equal'.
   */
  readonly degrees?: HiddenDegrees;
  /** Widths of the hidden layers; default [64, 64]. */
  readonly hidden?: readonly number[];
  /** Default 'relu'. */
  readonly activation?: Activation;
}

/** A density whose weights are shared by several sets of masks: their mixture. */
export interface MaskSetModel extends Trainable {
  /** orders[k][i] = j: in set k feature j is the i-th. */
  readonly orders: readonly (readonly number[])[];
  /** log of the mean of the densities, or probabilities, of all sets; nats, one per row. */
  logProb(x: BatchLike, options?: EvaluateOptions): Promise<Float64Array>;
  /** Draws, each from a set that is drawn too; draw i of a seed is the same for any count. */
  sample(count: number, options?: EvaluateOptions): Promise<Matrix>;
}

const optionNames: { readonly [P in keyof Required<MadeModelOptions>]: true } = {
  dim: true,
  contextDim: true,
  seed: true,
  masks: true,
  orders: true,
  degrees: true,
  hidden: true,
  activation: true,
};

/** What the networks of all sets are wired by, checked. */
export interface MaskSets {
  readonly dim: number;
  readonly contextDim: number;
  readonly hidden: readonly number[];
  readonly activation: Activation;
  readonly sets: readonly { readonly order: readonly number[]; readonly degrees: HiddenDegrees }[];
}

/** Checks the options of a model. Throws 'invalid-argument' or 'unknown-name', naming the option. */
export function maskSetsOf(model: string, options: MadeModelOptions): MaskSets {
  refuseUnknown(`option of ${model}`, options, Object.keys(optionNames));
  const dim = wholeNumber('dim', options.dim, 2);
  const { degrees = 'equal' } = options;
  if (degrees !== 'equal' && degrees !== 'cyclic') wholeNumber('degrees', degrees, 0);
  return {
    dim,
    contextDim: wholeNumber('contextDim', options.contextDim ?? 0, 0),
    hidden: widths('hidden', options.hidden ?? [64, 64]),
    activation: keyOf('activation', options.activation ?? 'relu', activations),
    sets: ordersOf(options, dim).map((order, set) => ({
      order: checkPermutation('order', order, dim),
      degrees: typeof degrees === 'number' ? degrees + set : degrees,
    })),
  };
}

function ordersOf({ orders = 'random', masks, seed }: MadeModelOptions, dim: number): (readonly number[])[] {
  const isList = Array.isArray(orders);
  const list = isList ? (orders as readonly (readonly number[])[]) : [];
  const count = wholeNumber('masks', masks ?? (isList ? list.length : 8), 1, 1000);
  if (!isList) keyOf('orders', orders as string, { random: true, same: true });
  return Array.from({ length: count }, (_, set) => {
    if (isList) return [...(list[set % list.length] ?? [])];
    if (orders === 'same') return Array.from({ length: dim }, (__, i) => i);
    return randomPermutation(dim, seedOf(seed) + set);
  });
}

/** What one set of masks says. */
export interface MaskSet {
  /** log p_k(x), [1, 1]. */
  readonly logDensity: (scope: Scope, x: Value, context: Value | null) => Value;
  /** From noise to draws. */
  readonly draw: readonly MapStep[];
}

/** What a mixture is made of. */
export interface Mixture {
  readonly name: string;
  readonly options: MadeModelOptions;
  readonly masks: MaskSets;
  readonly tables: ModelTables;
  readonly sets: readonly MaskSet[];
  /** What draws are made of. */
  readonly noise: 'normal' | 'uniform';
  /** Throws for rows that the model has no density for. */
  readonly check?: (x: Matrix) => void;
}

/** The tables of a model with these options. */
export function tablesOf({ seed }: MadeModelOptions): ModelTables {
  return modelTables(seedOf(seed));
}

/** The model log p(x) = log 1/K sum_k p_k(x), one row program; a step of training takes one p_k, drawn by its seed. */
export function mixture({ name, options, masks, tables, sets, noise, check }: Mixture): MaskSetModel {
  const { dim, contextDim } = masks;
  const configuration = { model: name, options: { ...options } };
  const routeOf = (steps: readonly MapStep[]): Segment[] => routeThrough(steps, tables, masks);
  const asStep = (logDensity: MaskSet['logDensity']): MapStep => ({
    kind: 'map',
    path: '',
    inputDim: dim,
    apply: (scope, x, context) => ({ x, logDet: logDensity(scope, x, context) }),
  });
  const all = routeOf([asStep((scope, x, context) => meanOf(sets, scope, x, context))]);
  const each = sets.map(({ logDensity, draw }) => ({
    density: once(() => routeOf([asStep(logDensity)])),
    draw: once(() => routeOf(draw)),
  }));
  const rowsOf = (x: BatchLike, settings: Settings): Matrix => {
    const batch = batchOf(x, 'x', { cols: dim, allowNonFinite: settings.onFailure === 'report' });
    check?.(batch);
    return batch;
  };

  return {
    name,
    dim,
    contextDim,
    parameters: tables.trained,
    state: tables.state,
    configuration: structuredClone(configuration),
    orders: masks.sets.map(({ order }) => order),

    async logProb(x, evaluateOptions = {}) {
      const settings = settle(evaluateOptions, 'evaluate', dim);
      const { data, rows } = rowsOf(x, settings);
      const call = callOf(rows, settings, evaluateOptions, tables, contextDim);
      return (await evaluate(all, data as Float64Array, call, false)).logDet;
    },

    async lossAndGradient(x, gradientOptions = {}) {
      const settings = settle(gradientOptions, 'train', dim);
      const batch = rowsOf(x, settings);
      const set = integerBelow(sets.length, settings.seed, namedStream('set of masks'), 0);
      const route = settings.training ? each[set]!.density() : all;
      const call = callOf(batch.rows, settings, gradientOptions, tables, contextDim);
      return likelihoodGradient(route, batch, call, tables);
    },

    async initialise() {
      // Nothing here waits for data.
    },

    async sample(count, evaluateOptions = {}) {
      wholeNumber('count', count, 1, 2 ** 31 / dim);
      const settings = settle(evaluateOptions, 'evaluate', dim);
      const call = callOf(count, settings, evaluateOptions, tables, contextDim);
      const start = new Float64Array(count * dim);
      settings.engine.fill(noise, start, settings.seed, namedStream('base'));
      const stream = namedStream('set of a sample');
      const chosen = Array.from({ length: count }, (_, row) =>
        integerBelow(sets.length, settings.seed, stream, row),
      );
      const result = new Float64Array(count * dim);
      for (const [set, { draw }] of each.entries()) {
        const rows = chosen.flatMap((of, row) => (of === set ? [row] : []));
        if (rows.length === 0) continue;
        const context = call.context && picked(call.context, contextDim, rows);
        const part = { ...call, rows: rows.length, context };
        const { x } = await evaluate(draw(), picked(start, dim, rows), part, false);
        rows.forEach((row, i) => result.set(x.subarray(i * dim, (i + 1) * dim), row * dim));
      }
      return { data: result, rows: count, cols: dim };
    },
  };
}

/** Closed forms as one program of rows. */
export function routeThrough(steps: readonly MapStep[], tables: ModelTables, masks: MaskSets): Segment[] {
  return segmentsOf(steps, tables, masks.dim, masks.contextDim, { method: 'none', probes: 0 });
}

/** A call with what the parameters are now. */
export function callOf(
  rows: number,
  settings: Settings,
  { context }: EvaluateOptions,
  tables: ModelTables,
  contextDim: number,
): Call {
  return {
    settings,
    rows,
    parameters: { trained: tables.trained.flat.slice(), state: tables.state.flat.slice() },
    context: contextRows(context, contextDim, rows),
    noise: null,
    places: null,
  };
}

/** log 1/K sum_k p_k(x). */
function meanOf(sets: readonly MaskSet[], scope: Scope, x: Value, context: Value | null): Value {
  const densities = sets.map(({ logDensity }) => logDensity(scope, x, context));
  return ops.sub(logSumExp(ops.concat(densities)), scalar(Math.log(sets.length)));
}

/** Made when it is asked for first, and kept. */
export function once<T>(make: () => T): () => T {
  let made: { readonly value: T } | null = null;
  return () => (made ??= { value: make() }).value;
}

function contextRows(context: BatchLike | undefined, contextDim: number, rows: number): Float64Array | null {
  if (contextDim > 0 && context !== undefined) {
    return batchOf(context, 'context', { cols: contextDim, rows }).data as Float64Array;
  }
  if (contextDim === 0 && context === undefined) return null;
  const expected = contextDim === 0 ? 'none' : `${rows} rows of ${contextDim} numbers`;
  throw new LiouvilleError(
    'invalid-argument',
    `context: expected ${expected}; got ${context === undefined ? 'none' : 'some'}.`,
  );
}

function picked(data: Float64Array, cols: number, rows: readonly number[]): Float64Array {
  const part = new Float64Array(rows.length * cols);
  rows.forEach((row, i) => part.set(data.subarray(row * cols, (row + 1) * cols), i * cols));
  return part;
}
