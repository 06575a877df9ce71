import { flowMatching, isPackable, packed } from '../../cnf/index.ts';
import type { Coupling } from '../../cnf/index.ts';
import { LiouvilleError } from '../../errors.ts';
import { keyOf, refuseUnknown, wholeNumber } from '../../flow/index.ts';
import type { EvaluateOptions, Flow, Objective, ObjectiveValue } from '../../flow/index.ts';
import { settle } from '../../flow/options.ts';
import type { Matrix } from '../../matrix.ts';
import { namedStream } from '../../random/index.ts';
import { likelihood } from '../../train/index.ts';
import { cloudCount } from '../clouds.ts';
import type { Clouds } from '../clouds.ts';
import { pool, pullPool } from './encoder.ts';
import type { Computer, Encoder, Pooled } from './encoder.ts';
import { cloudsOfItems, drawPoints } from './items.ts';
import type { PointFlow } from './point-flow.ts';
import { repeated, seedFor, sideBySide } from './rows.ts';

/** How the decoder or the prior of a PointFlow is trained: by its likelihood, or by flow matching, in which no ODE is solved. */
export type PartObjective = 'likelihood' | 'flow-matching';

/** Options of the objective of PointFlow. */
export interface PointFlowObjectiveOptions {
  /** Points of each cloud that a step sees, drawn anew in each; default 2048. */
  readonly points?: number;
  /** How the decoder is trained; default 'likelihood'. */
  readonly decoder?: PartObjective;
  /** How the prior is trained; default 'likelihood'. */
  readonly prior?: PartObjective;
  /**
   * Which noise goes with which point where the decoder is trained by flow matching; default 'independent'. By
   * 'optimal-transport' the ways of a cloud are straighter, and a step takes two to three times as long for small networks.
   */
  readonly coupling?: Coupling;
  /** What the terms of the loss are multiplied with; default 1 each. */
  readonly weights?: {
    readonly reconstruction?: number;
    readonly prior?: number;
    readonly entropy?: number;
  };
}

/** Points are paired with noise of their own cloud, few at a time, since there are many of them. */
const decoderObjectives: Readonly<Record<PartObjective, (coupling: Coupling) => Objective>> = {
  likelihood: () => likelihood,
  'flow-matching': (coupling) => flowMatching({ coupling, pairedAtOnce: 64 }),
};

/** A batch has too few latents for pairs that are near each other. */
const priorObjectives: Readonly<Record<PartObjective, Objective>> = {
  likelihood,
  'flow-matching': flowMatching({ coupling: 'independent' }),
};

/**
 * Minus the evidence lower bound of PointFlow (Yang et al. 2019, equation 9), the mean over clouds of
 *
 *   - sum_i log p(x_i | z) - log p(z) - H[q(z | X)],   z = mean + exp(logVariance / 2) eps,
 *
 * with one eps from N(0, I) for each cloud, `points` points x_i of it, and a weight for each of the terms. Gradients pass
 * through z into the encoder.
 *
 * - decoder 'flow-matching': its loss takes the place of -log p(x_i | z).
 * - prior 'flow-matching', or a deterministic encoder: the prior is trained on the latents as they are, without a
 *   gradient for the encoder, which could make that loss small by letting all latents be the same. In place of prior
 *   and entropy stands KL(q(z | X) || N(0, I)) with the weight of the prior; of a deterministic encoder, nothing.
 *
 * The loss of what is not a likelihood has no unit.
 *
 * @throws LiouvilleError 'invalid-argument' and 'unknown-name', naming the option.
 */
export function pointFlowObjective(model: PointFlow, options: PointFlowObjectiveOptions = {}): Objective {
  const known = ['points', 'decoder', 'prior', 'coupling', 'weights'];
  refuseUnknown('option of the point cloud training', options, known);
  const points = wholeNumber('points', options.points ?? 2048, 1);
  const decoder = keyOf('decoder', options.decoder ?? 'likelihood', decoderObjectives);
  const prior = keyOf('prior', options.prior ?? 'likelihood', priorObjectives);
  const { coupling = 'independent' } = options;
  if (decoder !== 'flow-matching' && options.coupling !== undefined) {
    throw new LiouvilleError(
      'invalid-argument',
      "coupling: the decoder is trained by likelihood; expected decoder: 'flow-matching'.",
    );
  }
  const weights = weightsOf(options.weights);
  const side = model.encoder !== null && isPackable(model.decoder) ? sideBySide(points) : 1;
  const parts: Parts = {
    points,
    side,
    decoder: side === 1 ? model.decoder : packed(model.decoder, side),
    decoderObjective: decoderObjectives[decoder](coupling),
    priorObjective: priorObjectives[prior],
    priorApart: prior === 'flow-matching' || model.encoder?.deterministic === true,
    weights,
  };
  return {
    name: `point clouds ${JSON.stringify(options)}`,
    nats: false,
    evaluate: (_model, batch, evaluateOptions) => step(model, parts, batch, evaluateOptions),
  };
}

interface Parts {
  readonly points: number;
  /** Points that are taken side by side. */
  readonly side: number;
  readonly decoder: Flow;
  readonly decoderObjective: Objective;
  readonly priorObjective: Objective;
  /** Is the prior trained without a gradient for the encoder? */
  readonly priorApart: boolean;
  readonly weights: Weights;
}

type Weights = Required<NonNullable<PointFlowObjectiveOptions['weights']>>;

/** One step: the latents, what decoder and prior lose with them, and the gradient back through the encoder. */
async function step(
  model: PointFlow,
  parts: Parts,
  batch: Matrix,
  { context: _context, noise: _noise, ...options }: EvaluateOptions,
): Promise<ObjectiveValue> {
  const settings = settle(options, 'train', model.dim);
  const { engine, seed } = settings;
  const parameters = { trained: model.parameters.flat.slice(), state: model.state.flat.slice() };
  const computer: Computer = { engine, parameters, call: settings };
  const clouds = drawPoints(cloudsOfItems(batch, model.dim), parts.points, seed);
  const total = new Sum(model.parameters.count, parameters.state);
  // The sum over the points of a cloud, of which the decoder has the mean over packs.
  const ofPoints = (parts.weights.reconstruction * parts.points) / parts.side;
  const { encoder, prior } = model;
  if (encoder === null || prior === null) {
    const found = await decoderLoss(parts, clouds, null, options, seed);
    total.add(found, ofPoints);
    return total.value(found);
  }
  const latents = await drawLatents(encoder, clouds, seed, computer);
  const ofDecoder = await decoderLoss(parts, clouds, latents.z, options, seed);
  total.add(ofDecoder, ofPoints);
  const ofLatents = sumOver(ofDecoder.cotangents!.context!, latents.z, ofPoints);
  const given = { ...options, seed: seedFor(seed, 'prior') };
  const found = await parts.priorObjective.evaluate(prior, latents.z, given);
  const weight = parts.priorApart ? 1 : parts.weights.prior;
  total.add(found, weight);
  if (!parts.priorApart) addTo(ofLatents, found.cotangents!.x, weight);
  total.add(await encoderGradient(encoder, latents, ofLatents, parts, computer));
  return total.value(ofDecoder);
}

interface Latents {
  readonly clouds: Clouds;
  readonly pooled: Pooled;
  readonly noise: Float64Array;
  readonly z: Matrix;
}

async function drawLatents(
  encoder: Encoder,
  clouds: Clouds,
  seed: number,
  computer: Computer,
): Promise<Latents> {
  const { engine, parameters, call } = computer;
  const rows = cloudCount(clouds);
  const pooled = await pool(encoder, clouds, computer);
  const noise = new Float64Array(rows * encoder.latentDim);
  engine.fill('normal', noise, seed, namedStream('posterior'));
  const inputs = { pooled: pooled.values, noise };
  const { z } = await engine.run(encoder.ofPooled, parameters, rows, inputs, call);
  return { clouds, pooled, noise, z: { data: z!, rows, cols: encoder.latentDim } };
}

/** The mean over all packs of all clouds. */
function decoderLoss(
  { decoder, decoderObjective }: Parts,
  clouds: Clouds,
  z: Matrix | null,
  options: EvaluateOptions,
  seed: number,
): Promise<ObjectiveValue> {
  const rows = clouds.data.length / decoder.dim;
  const context = z === null ? undefined : { context: repeated(z, rows / z.rows) };
  const x = { data: clouds.data, rows, cols: decoder.dim };
  return decoderObjective.evaluate(decoder, x, { ...options, ...context, seed: seedFor(seed, 'decoder') });
}

/** What the encoder adds to loss and gradient, its entropy or divergence included. */
async function encoderGradient(
  encoder: Encoder,
  { clouds, pooled, noise, z }: Latents,
  ofLatents: Float64Array,
  { weights, priorApart }: Parts,
  computer: Computer,
): Promise<{ loss: number; flat: Float64Array }> {
  const { engine, parameters, call } = computer;
  const { rows } = z;
  const term = priorApart ? 'divergence' : 'entropy';
  const weight = (priorApart ? weights.prior : -weights.entropy) / rows;
  const ofTerm = encoder.deterministic ? {} : { [term]: new Float64Array(rows).fill(weight) };
  const { gradient, cotangents, outputs } = await engine.pullback(
    encoder.ofPooled,
    parameters,
    rows,
    { pooled: pooled.values, noise },
    { z: ofLatents, ...ofTerm },
    { ...call, outputs: true },
  );
  const flat = await pullPool(encoder, clouds, pooled, cotangents['pooled']!, computer);
  addTo(flat, gradient, 1);
  const loss = encoder.deterministic ? 0 : outputs![term]!.reduce((sum, value) => sum + weight * value, 0);
  return { loss, flat };
}

/** Adds up what the parts of a model lose. */
class Sum {
  #loss = 0;
  readonly #flat: Float64Array;
  readonly #before: Float64Array;
  #state: Float64Array | null = null;

  constructor(count: number, state: Float64Array) {
    this.#flat = new Float64Array(count);
    this.#before = state;
  }

  add(found: Pick<ObjectiveValue, 'loss' | 'flat' | 'state'>, weight = 1): void {
    this.#loss += weight * found.loss;
    addTo(this.#flat, found.flat, weight);
    if (found.state == null) return;
    // Each part changes what is its own.
    const state = (this.#state ??= this.#before.slice());
    found.state.forEach((value, i) => {
      if (value !== this.#before[i]) state[i] = value;
    });
  }

  value({ nfe, engine }: ObjectiveValue): ObjectiveValue {
    return { loss: this.#loss, flat: this.#flat, nfe, engine, state: this.#state };
  }
}

/** The opposite of `repeated`: cotangents of the copies, summed, times a weight. */
function sumOver(copies: Float64Array, { data, cols, rows }: Matrix, weight: number): Float64Array {
  const result = new Float64Array(data.length);
  const times = copies.length / data.length;
  for (let row = 0; row < rows * times; row++) {
    const into = Math.floor(row / times) * cols;
    for (let j = 0; j < cols; j++) result[into + j] = result[into + j]! + weight * copies[row * cols + j]!;
  }
  return result;
}

function addTo(sum: Float64Array, term: Float64Array, weight: number): void {
  for (let i = 0; i < sum.length; i++) sum[i] = sum[i]! + weight * term[i]!;
}

function weightsOf(given: PointFlowObjectiveOptions['weights'] = {}): Weights {
  refuseUnknown('weight', given, ['reconstruction', 'prior', 'entropy']);
  const weights = { reconstruction: 1, prior: 1, entropy: 1, ...given };
  for (const [name, value] of Object.entries(weights)) {
    if (Number.isFinite(value) && value >= 0) continue;
    throw new LiouvilleError('invalid-argument', `weights.${name}: expected a number from 0; got ${value}.`);
  }
  return weights;
}
