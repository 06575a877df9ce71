import { LiouvilleError } from '../../errors.ts';
import type { EvaluateOptions, LossAndGradient, Trainable } from '../../flow/index.ts';
import { settle } from '../../flow/options.ts';
import type { BatchLike, Matrix } from '../../matrix.ts';
import { fit } from '../../train/index.ts';
import type { FitOptions, FitResult } from '../../train/index.ts';
import { cloudsOf } from '../clouds.ts';
import type { CloudsLike } from '../clouds.ts';
import { evidence } from './evidence.ts';
import { encodeClouds } from './generate.ts';
import { checkDim, cloudsOfItems, drawPoints, itemsOf } from './items.ts';
import { pointFlowObjective } from './objective.ts';
import type { PointFlowObjectiveOptions } from './objective.ts';
import type { PointFlow } from './point-flow.ts';
import { repeated } from './rows.ts';

/** Options of `fit`, where a row is a cloud, and those of `pointFlowObjective`. */
export interface FitPointFlowOptions
  extends
    Omit<FitOptions, 'objective' | 'context' | 'noise' | 'validation' | 'validationContext' | 'logDet'>,
    PointFlowObjectiveOptions {
  /**
   * Clouds whose evidence lower bound, as `evidence` finds it, chooses the parameters that are kept;
   * default: none, the last ones are kept.
   */
  readonly validation?: CloudsLike;
  /** Clouds of a step; default 16. */
  readonly batchSize?: number;
}

/** Points of the first clouds that layers with first values from data are shown, in all. */
const firstPoints = 2048;

/**
 * Trains a model on clouds: `fit`, whose rows are clouds here. Each step sees other points of each cloud, and other draws
 * of the latents; the same seed gives the same parameters. Checkpoints, resuming, averages and stopping are those of `fit`.
 *
 * @throws LiouvilleError what is wrong with the clouds, and as `fit` and `pointFlowObjective`.
 * @example
 * const model = pointFlow({ latentDim: 0, decoder: { model: 'cnf-fm', options: { hidden: [64, 64, 64] } } });
 * await fitPointFlow(model, [bunny], { decoder: 'flow-matching', steps: 2000 });
 * const points = await sampleClouds(model, 1, { points: 10_000 });
 */
export async function fitPointFlow(
  model: PointFlow,
  clouds: CloudsLike,
  options: FitPointFlowOptions = {},
): Promise<FitResult> {
  const { points, decoder, prior, coupling, weights, validation, batchSize = 16, ...others } = options;
  const given = { points, decoder, prior, coupling, weights };
  const objective = pointFlowObjective(
    model,
    Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)),
  );
  for (const name of ['objective', 'context', 'noise', 'logDet'] as const) {
    if (name in others) throw new LiouvilleError('invalid-argument', `${name}: fitPointFlow takes none.`);
  }
  const rowsOf = (given: CloudsLike, what: string): Matrix => {
    const checked = cloudsOf(given, what);
    checkDim(checked, model.dim, what);
    return itemsOf(checked);
  };
  const x = rowsOf(clouds, 'clouds');
  const forValidation = validation === undefined ? null : rowsOf(validation, 'validation');
  const cols = Math.max(x.cols, forValidation?.cols ?? 0);
  return fit(trainable(model, cols), widened(x, cols), {
    ...others,
    batchSize,
    objective,
    ...(forValidation !== null && { validation: widened(forValidation, cols) }),
  });
}

/** The model as `fit` sees it: its rows are clouds, of `dim` numbers at most (see `itemsOf`). */
function trainable(model: PointFlow, dim: number): Trainable {
  const { name, parameters, state, configuration } = model;
  const withoutRows = ({ context: _context, noise: _noise, ...options }: EvaluateOptions): EvaluateOptions =>
    options;
  return {
    name,
    dim,
    contextDim: 0,
    parameters,
    state,
    configuration,
    async logProb(x, options = {}) {
      return (await evidence(model, cloudsOfItems(x as Matrix, model.dim), withoutRows(options))).total;
    },
    async lossAndGradient(): Promise<LossAndGradient> {
      throw new LiouvilleError('invalid-argument', 'objective: point clouds have one of their own.');
    },
    initialise: async (x, options = {}) => initialise(model, x, withoutRows(options)),
  };
}

/** First values from data, in the parts that have such. */
async function initialise(model: PointFlow, x: BatchLike, options: EvaluateOptions): Promise<void> {
  const { seed } = settle(options, 'evaluate', model.dim);
  const items = x as Matrix;
  const points = Math.max(1, Math.floor(firstPoints / items.rows));
  const clouds = drawPoints(cloudsOfItems(items, model.dim), points, seed);
  const rows = { data: clouds.data, rows: items.rows * points, cols: model.dim };
  if (model.encoder === null) return model.decoder.initialise(rows, options);
  const { mean } = await encodeClouds(model, clouds, options);
  await model.prior!.initialise(mean, options);
  return model.decoder.initialise(rows, { ...options, context: repeated(mean, points) });
}

/** The same rows with zeros behind them. */
function widened({ data, rows, cols }: Matrix, width: number): Matrix {
  const wide = new Float64Array(rows * width);
  for (let row = 0; row < rows; row++) wide.set(data.subarray(row * cols, (row + 1) * cols), row * width);
  return { data: wide, rows, cols: width };
}
