import type { CallOptions, Engine, ParameterData } from '../../engine/index.ts';
import { activationAt, linear, mlp, uniformWithin, zeros } from '../../nn/index.ts';
import type { Activation } from '../../nn/index.ts';
import { Scope, ops, trace } from '../../program/index.ts';
import type { ModelTables, Program, Value } from '../../program/index.ts';
import { cloudAt, cloudCount } from '../clouds.ts';
import type { Clouds } from '../clouds.ts';

/** What the encoder is made of; see `PointFlowOptions.encoder`. */
export interface EncoderShape {
  readonly features: readonly number[];
  readonly head: readonly number[];
  readonly activation: Activation;
}

/**
 * A map from clouds to latents that does not depend on the order of the points (Qi, Su, Mo, Guibas: PointNet, CVPR
 * 2017): a network for each point, the maximum of each of its features over the cloud, and networks of those maxima.
 */
export interface Encoder {
  readonly latentDim: number;
  readonly deterministic: boolean;
  /** Input x, a point; output `features`. */
  readonly ofPoints: Program;
  /**
   * Inputs `pooled` and `noise`; outputs `z` and `mean`, and unless deterministic `logVariance`,
   * `entropy` (of the posterior, nats) and `divergence`, KL(posterior || N(0, I)).
   */
  readonly ofPooled: Program;
}

/** Traces the two programs; their parameters are declared in the tables. */
export function createEncoder(
  tables: ModelTables,
  dim: number,
  latentDim: number,
  deterministic: boolean,
  shape: EncoderShape,
): Encoder {
  const scope = new Scope(tables);
  const width = shape.features.at(-1)!;
  return {
    latentDim,
    deterministic,
    ofPoints: trace('points of the encoder', { x: dim }, ({ x }) => ({
      features: features(scope, x, shape),
    })),
    ofPooled: trace<'pooled' | 'noise'>(
      'head of the encoder',
      // A deterministic encoder reads no noise.
      { pooled: width, noise: latentDim },
      ({ pooled, noise }) => {
        const { head: hidden, activation } = shape;
        const branch = (name: string): Value =>
          mlp(scope.at(name), pooled, { hidden, outputs: latentDim, activation });
        const mean = branch('mean');
        return deterministic ? { z: mean, mean } : posterior(mean, branch('log_variance'), noise);
      },
    ),
  };
}

function features(scope: Scope, x: Value, { features: widths, activation }: EncoderShape): Value {
  const activate = activationAt(activation, scope.at('points.activation'));
  let h = x;
  widths.forEach((width, i) => {
    // He's bound: without normalisation, PyTorch's usual one would let the signal fade from layer to layer.
    const initialise = uniformWithin(Math.sqrt(6 / h.n));
    const layer = linear(scope.at(`points.layers.${i}`), h, width, { initialise, initialiseBias: zeros });
    h = i + 1 < widths.length ? activate(layer) : layer;
  });
  return h;
}

/** z = mean + exp(logVariance / 2) noise; entropy and divergence are those of N(mean, diag exp(logVariance)). */
function posterior(mean: Value, logVariance: Value, noise: Value): Record<string, Value> {
  const z = ops.add(mean, ops.mul(ops.exp(ops.mul(0.5, logVariance)), noise));
  const half = ops.mul(0.5, ops.sum(logVariance, 'n'));
  const squares = ops.sum(ops.add(ops.exp(logVariance), ops.square(mean)), 'n');
  return {
    z,
    mean,
    logVariance,
    entropy: ops.add(half, 0.5 * mean.n * (1 + Math.log(2 * Math.PI))),
    divergence: ops.sub(ops.mul(0.5, ops.sub(squares, mean.n)), half),
  };
}

/** The largest value of each feature over the points of each cloud, and which point has it. */
export interface Pooled {
  /** [clouds, features] */
  readonly values: Float64Array;
  /** Numbers of points, over all clouds. Of points that share a maximum it is the first: the gradient goes there. */
  readonly points: Uint32Array;
}

/** What computes: an engine, the parameters of the whole model, and how. */
export interface Computer {
  readonly engine: Engine;
  readonly parameters: ParameterData;
  readonly call: CallOptions;
}

/** Takes clouds through the network of points and the maximum. */
export async function pool(encoder: Encoder, clouds: Clouds, computer: Computer): Promise<Pooled> {
  const { engine, parameters, call } = computer;
  const count = cloudCount(clouds);
  const width = encoder.ofPoints.outputs['features']!.n;
  const values = new Float64Array(count * width).fill(-Infinity);
  const points = new Uint32Array(count * width);
  for (let i = 0; i < count; i++) {
    // A cloud at a time: the features of all of them would be many times as large as the clouds.
    const { data: x, rows } = cloudAt(clouds, i);
    const found = (await engine.run(encoder.ofPoints, parameters, rows, { x }, call))['features']!;
    const first = clouds.offsets[i]!;
    const into = i * width;
    for (let row = 0, at = 0; row < rows; row++) {
      for (let j = into; j < into + width; j++, at++) {
        const value = found[at]!;
        // A NaN stays: it must not vanish behind other points.
        if (value > values[j]! || Number.isNaN(value)) {
          values[j] = value;
          points[j] = first + row;
        }
      }
    }
  }
  return { values, points };
}

/**
 * The gradient of the network of points from cotangents of what was pooled: only points that hold a maximum have one.
 */
export async function pullPool(
  encoder: Encoder,
  clouds: Clouds,
  { points }: Pooled,
  cotangents: Float64Array,
  { engine, parameters, call }: Computer,
): Promise<Float64Array> {
  const width = encoder.ofPoints.outputs['features']!.n;
  const { dim, data } = clouds;
  const chosen = Uint32Array.from(new Set(points)).toSorted();
  const places = new Map(Array.from(chosen, (point, row) => [point, row]));
  const x = new Float64Array(chosen.length * dim);
  chosen.forEach((point, row) => x.set(data.subarray(point * dim, (point + 1) * dim), row * dim));
  const ofFeatures = new Float64Array(chosen.length * width);
  points.forEach((point, i) => (ofFeatures[places.get(point)! * width + (i % width)] = cotangents[i]!));
  const found = await engine.pullback(
    encoder.ofPoints,
    parameters,
    chosen.length,
    { x },
    { features: ofFeatures },
    call,
  );
  return found.gradient;
}
