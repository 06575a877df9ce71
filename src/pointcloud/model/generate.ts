import { isPackable, packed } from '../../cnf/index.ts';
import { LiouvilleError } from '../../errors.ts';
import { batchOf } from '../../flow/batch.ts';
import { wholeNumber } from '../../flow/index.ts';
import type { EvaluateOptions, PathOptions } from '../../flow/index.ts';
import { settle } from '../../flow/options.ts';
import type { BatchLike, Matrix } from '../../matrix.ts';
import { cloudCount, cloudsOf, pointCloudOf } from '../clouds.ts';
import type { Clouds, CloudsLike, PointCloud } from '../clouds.ts';
import { pool } from './encoder.ts';
import type { Encoder } from './encoder.ts';
import { checkDim } from './items.ts';
import type { PointFlow } from './point-flow.ts';
import { pack, repeated, seedFor, sideBySide } from './rows.ts';

/** How clouds are drawn. Those of EvaluateOptions say how the flows are computed. */
export interface DrawOptions extends Omit<EvaluateOptions, 'context' | 'noise'> {
  /** Points of each cloud, default 2048. */
  readonly points?: number;
}

/** q(z | X): normal distributions, one row each. */
export interface Posterior {
  readonly mean: Matrix;
  /** Logarithms of the variances; null for a deterministic encoder. */
  readonly logVariance: Matrix | null;
}

/**
 * The latents of clouds. Neither the order of the points nor how often one of them is there matters, to the bit.
 *
 * @throws LiouvilleError 'invalid-argument' for a model of one shape, and what is wrong with the clouds.
 */
export async function encodeClouds(
  model: PointFlow,
  clouds: CloudsLike,
  options: Omit<EvaluateOptions, 'context' | 'noise'> = {},
): Promise<Posterior> {
  const encoder = encoderOf(model, 'encodeClouds');
  const given = cloudsOf(clouds);
  checkDim(given, model.dim, 'clouds');
  const settings = settle(options, 'evaluate', model.dim);
  const parameters = { trained: model.parameters.flat.slice(), state: model.state.flat.slice() };
  const { engine } = settings;
  const computer = { engine, parameters, call: settings };
  const { values } = await pool(encoder, given, computer);
  const [rows, cols] = [cloudCount(given), encoder.latentDim];
  const inputs = { pooled: values, noise: new Float64Array(rows * cols) };
  const { mean, logVariance } = await engine.run(encoder.ofPooled, parameters, rows, inputs, settings);
  return {
    mean: { data: mean!, rows, cols },
    logVariance: logVariance === undefined ? null : { data: logVariance, rows, cols },
  };
}

/**
 * Draws a cloud from p(x | z) for each latent z, a row. Cloud i of a seed is the same for any number of latents.
 *
 * @throws LiouvilleError 'shape-mismatch' for latents of another width, and what `Flow.sample` throws.
 */
export async function decodeLatents(
  model: PointFlow,
  latents: BatchLike,
  options: DrawOptions = {},
): Promise<Clouds> {
  encoderOf(model, 'decodeLatents');
  const { data, rows, cols } = batchOf(latents, 'latents', { cols: model.latentDim });
  const each = Array.from({ length: rows }, (_, i) => ({
    data: data.subarray(i * cols, (i + 1) * cols),
    rows: 1,
    cols,
  }));
  return drawEach(model, each, options);
}

/**
 * Draws `count` clouds of the model: latents from the prior, then points. Cloud i of a seed is the same for any count.
 * Of a model of one shape all clouds are drawn from that shape.
 *
 * @throws LiouvilleError 'invalid-argument', and what `Flow.sample` throws.
 */
export async function sampleClouds(
  model: PointFlow,
  count: number,
  options: DrawOptions = {},
): Promise<Clouds> {
  wholeNumber('count', count, 1);
  if (model.prior === null) return drawEach(model, Array<null>(count).fill(null), options);
  return decodeLatents(model, await sampleLatents(model, count, options), options);
}

/**
 * The latents of the clouds that `sampleClouds` draws with these options, one a row.
 *
 * @throws LiouvilleError 'invalid-argument' for a model of one shape, and what `Flow.sample` throws.
 */
export async function sampleLatents(
  model: PointFlow,
  count: number,
  { points: _points, ...options }: DrawOptions = {},
): Promise<Matrix> {
  encoderOf(model, 'sampleLatents');
  return model.prior!.sample(count, { ...options, seed: seedFor(options.seed ?? 0, 'latents') });
}

/**
 * The points of a cloud on their way from noise to shape, the cloud itself last: at `intervals` + 1 equally spaced times of a
 * continuous decoder (default 16), after each layer of a discrete one.
 *
 * @param latent that of the cloud, one row; null for a model of one shape.
 * @throws LiouvilleError 'shape-mismatch', and what `Flow.path` throws.
 */
export async function cloudPath(
  model: PointFlow,
  cloud: BatchLike,
  latent: BatchLike | null,
  options: Omit<PathOptions, 'context' | 'noise' | 'direction'> = {},
): Promise<readonly PointCloud[]> {
  const points = pointCloudOf(cloud);
  checkDim(cloudsOf([points]), model.dim, 'cloud');
  const { latentDim, decoder } = model;
  if ((latent === null) !== (latentDim === 0)) {
    const expected = latentDim === 0 ? 'null for a model of one shape' : `a row of ${latentDim} numbers`;
    throw new LiouvilleError('shape-mismatch', `latent: expected ${expected}.`);
  }
  const row = latent === null ? null : batchOf(latent, 'latent', { cols: latentDim, rows: 1 });
  const context = row === null ? undefined : { context: repeated(row, points.rows) };
  const stops = await decoder.path(points, { ...options, ...context, direction: 'forward' });
  return stops.map(({ x }) => x).toReversed();
}

/**
 * Draws clouds of other points from the shapes of these: through the mean of their latents. Of a model of one shape, the
 * clouds are only counted.
 *
 * @throws LiouvilleError as `encodeClouds` and `decodeLatents`.
 */
export async function reconstructClouds(
  model: PointFlow,
  clouds: CloudsLike,
  options: DrawOptions = {},
): Promise<Clouds> {
  if (model.encoder === null) return sampleClouds(model, cloudCount(cloudsOf(clouds)), options);
  const { points: _points, ...computed } = options;
  return decodeLatents(model, (await encodeClouds(model, clouds, computed)).mean, options);
}

/**
 * The way from one latent to another, `steps` of them, both ends included: straight in the space of the prior's base,
 * where a straight line does not leave what is probable as it may among the latents.
 *
 * @throws LiouvilleError 'shape-mismatch', 'invalid-argument'.
 */
export async function interpolateLatents(
  model: PointFlow,
  from: BatchLike,
  to: BatchLike,
  steps: number,
  options: Omit<EvaluateOptions, 'context' | 'noise'> = {},
): Promise<Matrix> {
  encoderOf(model, 'interpolateLatents');
  wholeNumber('steps', steps, 2, 1000);
  const cols = model.latentDim;
  const ends = [from, to].map((end, i) => batchOf(end, i === 0 ? 'from' : 'to', { cols, rows: 1 }).data);
  const both = Float64Array.from([...ends[0]!, ...ends[1]!]);
  const { z } = await model.prior!.transform({ data: both, rows: 2, cols }, options);
  const between = new Float64Array(steps * cols);
  for (let i = 0; i < steps; i++) {
    const s = i / (steps - 1);
    for (let j = 0; j < cols; j++) between[i * cols + j] = (1 - s) * z.data[j]! + s * z.data[cols + j]!;
  }
  const { x } = await model.prior!.inverse({ data: between, rows: steps, cols }, options);
  // The ends themselves, not what there and back has made of them.
  (x.data as Float64Array).set(ends[0]!);
  (x.data as Float64Array).set(ends[1]!, (steps - 1) * cols);
  return x;
}

/** The encoder, or 'invalid-argument' for a model that has none. */
export function encoderOf({ encoder }: PointFlow, what: string): Encoder {
  if (encoder !== null) return encoder;
  throw new LiouvilleError('invalid-argument', `${what}: a model of one shape has no latents.`);
}

/** A cloud for each latent, one after the other; null where there are no latents. */
async function drawEach(
  model: PointFlow,
  latents: readonly (Matrix | null)[],
  { points: wanted, ...options }: DrawOptions,
): Promise<Clouds> {
  const points = wholeNumber('points', wanted ?? 2048, 1, 2 ** 26);
  const { dim, decoder } = model;
  const whole = Math.ceil(points / pack) * pack;
  const side = isPackable(decoder) && model.encoder !== null ? sideBySide(whole) : 1;
  const rows = side === 1 ? points : whole / side;
  const flow = side === 1 ? decoder : packed(decoder, side);
  const data = new Float64Array(latents.length * points * dim);
  for (const [i, latent] of latents.entries()) {
    const context = latent === null ? undefined : { context: repeated(latent, rows) };
    const seed = seedFor(options.seed ?? 0, 'cloud', i);
    const drawn = await flow.sample(rows, { ...options, ...context, seed });
    data.set(drawn.data.subarray(0, points * dim), i * points * dim);
  }
  return { data, dim, offsets: Uint32Array.from({ length: latents.length + 1 }, (_, i) => i * points) };
}
