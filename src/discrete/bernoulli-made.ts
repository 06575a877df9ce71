import { LiouvilleError } from '../errors.ts';
import { batchOf } from '../flow/batch.ts';
import { evaluate } from '../flow/evaluate.ts';
import { wholeNumber } from '../flow/index.ts';
import type { EvaluateOptions, MapStep } from '../flow/index.ts';
import { settle } from '../flow/options.ts';
import type { BatchLike, Matrix } from '../matrix.ts';
import { ops, scalar } from '../program/index.ts';
import type { Scope, Value } from '../program/index.ts';
import { made, madeInOrder, maskedLayers, wiringOf } from './made.ts';
import type { MadeOptions } from './made.ts';
import { callOf, maskSetsOf, mixture, once, routeThrough, tablesOf } from './mask-sets.ts';
import type { MadeModelOptions, MaskSetModel } from './mask-sets.ts';

/** A MADE of zeros and ones; see `bernoulliMade`. */
export interface BernoulliMade extends MaskSetModel {
  /**
   * P(x_j = 1 | the features before j in the order of a set), for every feature of every row, [rows, dim].
   *
   * @throws LiouvilleError 'invalid-argument' for a set that is not there, 'invalid-data' for numbers but 0 and 1.
   */
  conditionals(x: BatchLike, options?: ConditionalOptions): Promise<Matrix>;
}

/** Options of `conditionals`. */
export interface ConditionalOptions extends EvaluateOptions {
  /** Which set of masks; default 0. */
  readonly set?: number;
}

/**
 * A masked autoencoder for distribution estimation (Germain, Gregor, Murray, Larochelle: MADE, ICML 2015) of rows of zeros and
 * ones. With l_i the outputs of the network for feature i, which sees the features before i in the order of set k (equations 2 and
 * 3),
 *
 *   log p_k(x) = sum_i x_i l_i - log(1 + e^l_i),
 *
 * and over K sets of masks that share the weights log p(x) = log 1/K sum_k p_k(x): a probability, whose sum over all 2^dim rows is
 * one. A step of `fit` trains one set, drawn by the step's seed (sections 4.2 and 4.3). With the last layer at zero all rows start as
 * equally likely.
 *
 * Drawing goes through the features in their order, each hidden unit computed once; that program grows with dim.
 *
 * @throws LiouvilleError 'invalid-argument' or 'unknown-name', naming the option; its methods 'invalid-data' for numbers but 0 and 1.
 * @example
 * const model = bernoulliMade({ dim: 3, hidden: [16] });
 * const probability = Math.exp((await model.logProb([[0, 1, 1]]))[0]); // 1/8 before training
 */
export function bernoulliMade(options: MadeModelOptions): BernoulliMade {
  const masks = maskSetsOf('bernoulliMade', options);
  const { dim, contextDim, sets, ...network } = masks;
  const tables = tablesOf(options);
  const networks = sets.map((set) => new Network({ dim, contextDim, ...network, ...set, groups: [1] }));
  const model = mixture({
    name: 'bernoulli-made',
    options,
    masks,
    tables,
    noise: 'uniform',
    check: refuseOthers,
    sets: networks.map((one) => ({
      draw: [stepOf(dim, (scope, x, context) => one.draw(scope, x, context))],
      logDensity: (scope, x, context) => one.logProbability(scope, x, context),
    })),
  });
  const conditional = networks.map((one) =>
    once(() =>
      routeThrough(
        [stepOf(dim, (scope, x, context) => ops.sigmoid(one.logits(scope, x, context)))],
        tables,
        masks,
      ),
    ),
  );
  return {
    ...model,
    async conditionals(x, { set = 0, ...evaluateOptions } = {}) {
      wholeNumber('set', set, 0, networks.length - 1);
      const settings = settle(evaluateOptions, 'evaluate', dim);
      const batch = batchOf(x, 'x', { cols: dim });
      refuseOthers(batch);
      const call = callOf(batch.rows, settings, evaluateOptions, tables, contextDim);
      const { x: data } = await evaluate(conditional[set]!(), batch.data as Float64Array, call, false);
      return { ...batch, data };
    },
  };
}

/** The network under one set of masks. */
class Network {
  readonly #options: MadeOptions;
  readonly #wiring: ReturnType<typeof wiringOf>;

  constructor(options: MadeOptions) {
    this.#options = options;
    this.#wiring = wiringOf(options);
  }

  /** l_i of all features. */
  logits(scope: Scope, x: Value, context: Value | null): Value {
    return made(this.#layers(scope), x, context);
  }

  logProbability(scope: Scope, x: Value, context: Value | null): Value {
    const logits = this.logits(scope, x, context);
    return ops.sum(ops.sub(ops.mul(x, logits), ops.softplus(logits)), 'n');
  }

  /** x_i = 1 where the uniform u_i is below sigmoid(l_i). */
  draw(scope: Scope, u: Value, context: Value | null): Value {
    return madeInOrder(this.#layers(scope), this.#wiring, context, this.#options, (j, [logit]) =>
      ops.less(ops.slice(u, j, 1), ops.sigmoid(logit!)),
    );
  }

  #layers(scope: Scope): ReturnType<typeof maskedLayers> {
    return maskedLayers(scope.at('conditioner'), this.#options, this.#wiring);
  }
}

function stepOf(inputDim: number, map: (scope: Scope, x: Value, context: Value | null) => Value): MapStep {
  return {
    kind: 'map',
    path: '',
    inputDim,
    apply: (scope, x, context) => ({ x: map(scope, x, context), logDet: scalar(0) }),
  };
}

function refuseOthers({ data, cols }: Matrix): void {
  const wrong = data.findIndex((value) => value !== 0 && value !== 1);
  if (wrong === -1) return;
  throw new LiouvilleError(
    'invalid-data',
    `x: expected zeros and ones; row ${Math.floor(wrong / cols)}, column ${wrong % cols} is ${data[wrong]}.`,
  );
}
