import { LiouvilleError } from '../errors.ts';
import { batchOf } from '../flow/batch.ts';
import { evaluate } from '../flow/evaluate.ts';
import type { Call } from '../flow/evaluate.ts';
import {
  createFlow,
  keyOf,
  refuseUnknown,
  seedOf,
  standardNormal,
  wholeNumber,
  widths,
} from '../flow/index.ts';
import type { EvaluateOptions, Flow, MapStep, ModelOptions, Trainable } from '../flow/index.ts';
import { likelihoodGradient } from '../flow/likelihood.ts';
import { settle } from '../flow/options.ts';
import { segmentsOf } from '../flow/segments.ts';
import type { BatchLike, Matrix } from '../matrix.ts';
import { activations } from '../nn/index.ts';
import type { Activation } from '../nn/index.ts';
import { logSumExp, modelTables, ops, scalar } from '../program/index.ts';
import type { Value } from '../program/index.ts';
import { integerBelow, namedStream } from '../random/index.ts';
import { autoregressive } from './autoregressive.ts';
import type { HiddenDegrees } from './made.ts';
import { randomPermutation } from './permutation.ts';
import { affine } from './univariate.ts';

/** Options of `made`. */
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

/** A MADE with several sets of masks; see `made`. */
export interface Made extends Trainable {
  /**
   * The models of one set of masks each, with the same parameters: Gaussian autoregressive in their orders. Conditional
   * densities, or anything else that one order is good for, are theirs.
   */
  readonly flows: readonly Flow[];
  /** orders[k][i] = j: in set k feature j is the i-th. */
  readonly orders: readonly (readonly number[])[];
  /** log of the mean of the densities of all sets, nats, one per row. */
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

/**
 * A masked autoencoder for distribution estimation (Germain, Gregor, Murray, Larochelle: MADE, ICML 2015) of real numbers
 * whose weights are shared by several sets of masks (sections 4.2 and 4.3). Set k says p_k(x) = prod_i N(x_i; m_i, s_i^2) with
 * m_i and s_i of the features before i in its order. A step of `fit` trains one set, drawn by the step's seed; the model is
 * their mixture,
 *
 *   log p(x) = log 1/K sum_k p_k(x),
 *
 * one row program. It is no flow: a mixture has no map to one latent space; each of its `flows` has.
 *
 * @throws LiouvilleError 'invalid-argument' or 'unknown-name', naming the option.
 * @example
 * const model = made({ dim: 5, masks: 16, hidden: [128], degrees: 0 });
 * await fit(model, rows, { steps: 2000 });
 * const density = await model.logProb(rows);
 */
export function made(options: MadeModelOptions): Made {
  refuseUnknown('option of made', options, Object.keys(optionNames));
  const dim = wholeNumber('dim', options.dim, 2);
  const contextDim = wholeNumber('contextDim', options.contextDim ?? 0, 0);
  const orders = ordersOf(options, dim);
  const hidden = widths('hidden', options.hidden ?? [64, 64]);
  const activation = keyOf('activation', options.activation ?? 'relu', activations);
  const { degrees = 'equal' } = options;
  const tables = modelTables(seedOf(options.seed));
  const base = standardNormal(dim);
  const transforms = orders.map((order, k) => {
    const drawn = typeof degrees === 'number' ? wholeNumber('degrees', degrees, 0) + k : degrees;
    return autoregressive({
      dim,
      contextDim,
      order,
      hidden,
      activation,
      univariate: affine(),
      degrees: drawn,
    });
  });
  const configuration = { model: 'made', options: { ...options } };
  const flows = transforms.map((transform) =>
    createFlow({ name: 'made', transform, base, configuration, tables }),
  );
  const route = segmentsOf([mixtureOf(flows, dim)], tables, dim, contextDim, { method: 'none', probes: 0 });

  const callOf = (rows: number, settings: Call['settings'], options_: EvaluateOptions): Call => ({
    settings,
    rows,
    parameters: { trained: tables.trained.flat.slice(), state: tables.state.flat.slice() },
    context: contextRows(options_.context, contextDim, rows),
    noise: null,
    places: null,
  });

  return {
    name: 'made',
    dim,
    contextDim,
    parameters: tables.trained,
    state: tables.state,
    configuration: structuredClone(configuration),
    flows,
    orders,

    async logProb(x, evaluateOptions = {}) {
      const settings = settle(evaluateOptions, 'evaluate', dim);
      const { data, rows } = batchOf(x, 'x', { cols: dim, allowNonFinite: settings.onFailure === 'report' });
      const call = callOf(rows, settings, evaluateOptions);
      return (await evaluate(route, data as Float64Array, call, false)).logDet;
    },

    async lossAndGradient(x, gradientOptions = {}) {
      const settings = settle(gradientOptions, 'train', dim);
      if (settings.training) {
        const set = integerBelow(flows.length, settings.seed, namedStream('set of masks'), 0);
        return flows[set]!.lossAndGradient(x, gradientOptions);
      }
      const batch = batchOf(x, 'x', { cols: dim, allowNonFinite: settings.onFailure === 'report' });
      return likelihoodGradient(route, batch, callOf(batch.rows, settings, gradientOptions), tables);
    },

    async initialise() {
      // Nothing here waits for data.
    },

    async sample(count, evaluateOptions = {}) {
      wholeNumber('count', count, 1, 2 ** 31 / dim);
      const { engine, seed } = settle(evaluateOptions, 'evaluate', dim);
      const context = contextRows(evaluateOptions.context, contextDim, count);
      const noise = new Float64Array(count * dim);
      engine.fill('normal', noise, seed, namedStream('base'));
      const stream = namedStream('set of a sample');
      const chosen = Array.from({ length: count }, (_, row) => integerBelow(flows.length, seed, stream, row));
      const result = new Float64Array(count * dim);
      for (const [set, flow] of flows.entries()) {
        const rows = chosen.flatMap((of, row) => (of === set ? [row] : []));
        if (rows.length === 0) continue;
        const seen = context && { context: picked(context, contextDim, rows) };
        const { x } = await flow.inverse(picked(noise, dim, rows), { ...evaluateOptions, ...seen });
        rows.forEach((row, i) => result.set(x.data.subarray(i * dim, (i + 1) * dim), row * dim));
      }
      return { data: result, rows: count, cols: dim };
    },
  };
}

/** log 1/K sum_k p_k(x) as the logDet of one step. */
function mixtureOf(flows: readonly Flow[], dim: number): MapStep {
  return {
    kind: 'map',
    path: '',
    inputDim: dim,
    apply(scope, x, context) {
      const densities = flows.map(({ parts }) => {
        const { transform, base } = parts!;
        let z: Value = x;
        let logDensity: Value = scalar(0);
        for (const step of transform.steps('forward', '')) {
          if (step.kind !== 'map') continue;
          const passed = step.apply(scope, z, context);
          [z, logDensity] = [passed.x, ops.add(logDensity, passed.logDet)];
        }
        return ops.add(logDensity, base.logDensity(scope, z, context));
      });
      return { x, logDet: ops.sub(logSumExp(ops.concat(densities)), scalar(Math.log(flows.length))) };
    },
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

function picked(data: Float64Array, cols: number, rows: readonly number[]): Matrix {
  const part = new Float64Array(rows.length * cols);
  rows.forEach((row, i) => part.set(data.subarray(row * cols, (row + 1) * cols), i * cols));
  return { data: part, rows: rows.length, cols };
}
