import { LiouvilleError } from '../errors.ts';
import { batchOf } from '../flow/batch.ts';
import { partsOf } from '../flow/call.ts';
import { summary } from '../flow/evaluate.ts';
import type { Call } from '../flow/evaluate.ts';
import { pullbackThrough } from '../flow/gradient.ts';
import { keyOf, refuseUnknown, seedOf, wholeNumber, widths } from '../flow/index.ts';
import type { EvaluateOptions, Flow, FlowConfiguration, Trainable, Transform } from '../flow/index.ts';
import { gradientByName } from '../flow/likelihood.ts';
import { settle } from '../flow/options.ts';
import type { Settings } from '../flow/options.ts';
import type { BatchLike, Matrix } from '../matrix.ts';
import { activations } from '../nn/index.ts';
import type { Activation } from '../nn/index.ts';
import { modelTables } from '../program/index.ts';
import { namedStream } from '../random/index.ts';
import { drawsOf } from './draws.ts';
import { networksOf, posteriorDraw } from './networks.ts';

/** Options of `vae`. */
export interface VaeOptions {
  /** Features of a row, zeros and ones. */
  readonly dim: number;
  /** Numbers of a code. */
  readonly latentDim: number;
  /** Widths of the hidden layers of the encoder; the decoder has them the other way round. Default [300, 300]. */
  readonly hidden?: readonly number[];
  /** Width of the context, all that the encoder says of a row; default 64. */
  readonly contextDim?: number;
  /** Of the networks; default 'relu'. */
  readonly activation?: Activation;
  /**
   * What makes the posterior more than a Gaussian: a transform of latentDim features, from the code to where it is
   * Gaussian, which may take the context (its contextDim is then that of the encoder). Draws go the inverse way: of a planar
   * or autoregressive layer take `invert(...)`. Of a flow its transform is taken, with new parameters, and `loadVae` makes it
   * again by itself; a transform has to be handed to it. Default: none.
   */
  readonly posterior?: Transform | Flow;
  /** For the first parameters; default 0. */
  readonly seed?: number;
}

/** Options of the bounds of a VAE. */
export interface BoundOptions extends EvaluateOptions {
  /** Draws of the posterior for each row; default 1, the evidence lower bound. */
  readonly samples?: number;
}

/** One draw z of the posterior q(z|x) for each row x, and its density there. */
export interface Encoding {
  /** [rows, latentDim]. */
  readonly z: Matrix;
  /** log q(z|x), nats, one per row. */
  readonly logProb: Float64Array;
}

/**
 * A variational autoencoder p(x) = integral of p(x|z) p(z) dz of rows of zeros and ones, with q(z|x) as its posterior;
 * see `vae`.
 */
export interface Vae extends Trainable {
  readonly latentDim: number;
  /**
   * The importance-weighted bound (Burda, Grosse, Salakhutdinov: Importance Weighted Autoencoders, ICLR 2016, equation 8),
   * one per row, nats:
   *
   *   log 1/K sum_k p(x, z_k) / q(z_k|x),   z_1, ..., z_K from q(z|x).
   *
   * Its mean is at most log p(x), and comes nearer with the number K of samples; K = 1 is the evidence lower bound. With
   * an estimated trace it is no bound any more: see `EvaluateOptions.trace`.
   */
  bound(x: BatchLike, options?: BoundOptions): Promise<Float64Array>;
  /** `bound` with one draw: an unbiased estimate of the evidence lower bound. */
  logProb(x: BatchLike, options?: EvaluateOptions): Promise<Float64Array>;
  /** A draw of q(z|x) for each row. */
  encode(x: BatchLike, options?: EvaluateOptions): Promise<Encoding>;
  /** The probabilities of ones, [rows, dim], of codes [rows, latentDim]. */
  decode(z: BatchLike, options?: EvaluateOptions): Promise<Matrix>;
  /** Zeros and ones drawn from p(x|z) p(z); draw i of a seed is the same for any count. */
  sample(count: number, options?: EvaluateOptions): Promise<Matrix>;
}

/** Draws that are computed at once. */
const drawsAtOnce = 8192;

const optionNames: { readonly [P in keyof Required<VaeOptions>]: true } = {
  dim: true,
  latentDim: true,
  hidden: true,
  contextDim: true,
  activation: true,
  posterior: true,
  seed: true,
};

/**
 * A variational autoencoder (Kingma and Welling, ICLR 2014) of rows of zeros and ones: p(z) = N(0, I), p(x|z) a product
 * of Bernoulli distributions by the decoder, and q(z|x) a Gaussian whose mean and log-variance are linear in what the
 * encoder says of x, bent by a flow (Rezende and Mohamed, ICML 2015) that sees the same. `fit` makes
 *
 *   -E log p(x|z) + log p(z) - log q(z|x),   z from q(z|x),
 *
 * small, by one draw for each row, with the gradient through the draw.
 *
 * @example
 * const posterior = chain([0, 1, 2, 3].map(() => invert(planar({ dim: 32, contextDim: 64 }))));
 * const model = vae({ dim: 784, latentDim: 32, posterior });
 *
 * @throws LiouvilleError 'invalid-argument', 'unknown-name' or 'shape-mismatch', naming the option.
 */
export function vae(options: VaeOptions): Vae {
  refuseUnknown('option of vae', options, Object.keys(optionNames));
  const shape = {
    dim: wholeNumber('dim', options.dim, 1),
    latentDim: wholeNumber('latentDim', options.latentDim, 1),
    contextDim: wholeNumber('contextDim', options.contextDim ?? 64, 1),
    hidden: widths('hidden', options.hidden ?? [300, 300]),
    activation: keyOf('activation', options.activation ?? 'relu', activations),
  };
  const { dim, latentDim } = shape;
  const posterior = checkPosterior(transformOf(options.posterior), shape);
  const tables = modelTables(seedOf(options.seed));
  const networks = networksOf(shape, tables);
  const draw = drawsOf(posteriorDraw(latentDim, 'posterior'), posterior, shape.contextDim, tables);

  const begin = (settings: Settings, rows: number): Call => ({
    settings,
    rows,
    parameters: { trained: tables.trained.flat.slice(), state: tables.state.flat.slice() },
    context: null,
    noise: null,
    places: null,
  });

  /** The call of draws for rows: `copies` of the context of each. */
  const encoded = async (x: Float64Array, call: Call, copies = 1): Promise<Call> => {
    const { settings, parameters } = call;
    const rows = x.length / dim;
    const { context } = await settings.engine.run(networks.encoder, parameters, rows, { x }, settings);
    return { ...call, rows: rows * copies, context: repeated(context!, rows, copies) };
  };

  const bound = async (x: BatchLike, { samples = 1, ...rest }: BoundOptions = {}): Promise<Float64Array> => {
    wholeNumber('samples', samples, 1);
    const settings = settingsOf(rest, 'evaluate', latentDim);
    const { data, rows } = zerosAndOnes(x, dim);
    const call = begin(settings, rows);
    const result = new Float64Array(rows);
    const block = Math.max(1, Math.floor(drawsAtOnce / samples));
    for (let start = 0; start < rows; start += block) {
      const count = Math.min(block, rows - start);
      const of = data.subarray(start * dim, (start + count) * dim);
      const first = start * samples;
      const places = Array.from({ length: count * samples }, (_, i) => first + i);
      const drawing = { ...(await encoded(of, call, samples)), places };
      const { x: z, logDet } = await draw(drawing, false, first);
      const inputs = { z, x: repeated(of, count, samples) };
      const { engine } = settings;
      const { logDensity } = await engine.run(
        networks.joint,
        call.parameters,
        count * samples,
        inputs,
        settings,
      );
      for (let row = 0; row < count; row++) {
        const weights = Float64Array.from({ length: samples }, (_, k) => {
          return logDensity![row * samples + k]! + logDet[row * samples + k]!;
        });
        result[start + row] = logMeanExp(weights);
      }
    }
    return result;
  };

  return {
    name: 'vae',
    dim,
    contextDim: 0,
    latentDim,
    parameters: tables.trained,
    state: tables.state,
    configuration: { model: 'vae', options: { ...shape, posterior: describedAs(options.posterior) } },

    bound,

    logProb: (x, evaluateOptions = {}) => bound(x, evaluateOptions),

    async lossAndGradient(x, gradientOptions = {}) {
      const settings = settingsOf(gradientOptions, 'train', latentDim);
      if (settings.onFailure === 'report') {
        throw new LiouvilleError('invalid-argument', "onFailure: expected 'throw' for a gradient.");
      }
      const { data, rows } = zerosAndOnes(x, dim);
      const { engine } = settings;
      const call = await encoded(data, begin(settings, rows));
      const { parameters } = call;
      const { x: z, logDet, records, nfe } = await draw(call, true);
      const weights = new Float64Array(rows).fill(-1 / rows);
      const joint = await engine.pullback(
        networks.joint,
        parameters,
        rows,
        { z, x: data },
        { logDensity: weights },
        { ...settings, outputs: true },
      );
      const flat = joint.gradient;
      const { context } = await pullbackThrough(records, call, joint.cotangents['z']!, weights, flat);
      const encoder = await engine.pullback(
        networks.encoder,
        parameters,
        rows,
        { x: data },
        { context: context! },
        settings,
      );
      encoder.gradient.forEach((value, i) => (flat[i] = flat[i]! + value));
      const logDensity = joint.outputs!['logDensity']!;
      return {
        loss: -logDet.reduce((sum, value, row) => sum + value + logDensity[row]!, 0) / rows,
        gradient: gradientByName(tables.trained, flat),
        flat,
        nfe: summary(nfe),
        state: null,
        engine: engine.name,
      };
    },

    async initialise() {
      // Nothing here waits for data.
    },

    async encode(x, evaluateOptions = {}) {
      const settings = settingsOf(evaluateOptions, 'evaluate', latentDim);
      const { data, rows } = zerosAndOnes(x, dim);
      const { x: z, logDet } = await draw(await encoded(data, begin(settings, rows)), false);
      return { z: { data: z, rows, cols: latentDim }, logProb: logDet.map((value) => -value) };
    },

    async decode(z, evaluateOptions = {}) {
      const settings = settingsOf(evaluateOptions, 'evaluate', latentDim);
      const { data, rows } = batchOf(z, 'z', { cols: latentDim });
      const { parameters } = begin(settings, rows);
      const inputs = { z: data as Float64Array };
      const { mean } = await settings.engine.run(networks.decoder, parameters, rows, inputs, settings);
      return { data: mean!, rows, cols: dim };
    },

    async sample(count, evaluateOptions = {}) {
      wholeNumber('count', count, 1);
      const { engine, seed } = settingsOf(evaluateOptions, 'evaluate', latentDim);
      const z = new Float64Array(count * latentDim);
      engine.fill('normal', z, seed, namedStream('prior'));
      const mean = await this.decode({ data: z, rows: count, cols: latentDim }, evaluateOptions);
      const draws = new Float64Array(count * dim);
      engine.fill('uniform', draws, seed, namedStream('pixels'));
      return { ...mean, data: draws.map((u, i) => Number(u < mean.data[i]!)) };
    },
  };
}

/**
 * What a file says of the posterior: how to make the flow again, 'given' for a transform, which it cannot, null for
 * none.
 */
function describedAs(posterior: VaeOptions['posterior']): FlowConfiguration | 'given' | null {
  if (posterior === undefined) return null;
  return 'configuration' in posterior ? posterior.configuration : 'given';
}

function transformOf(posterior: VaeOptions['posterior']): Transform | null {
  if (posterior === undefined) return null;
  const transform = 'configuration' in posterior ? partsOf(posterior).transform : posterior;
  if (typeof transform?.steps === 'function') return transform;
  throw new LiouvilleError('invalid-argument', 'posterior: expected a transform or a flow.');
}

function checkPosterior(
  posterior: Transform | null,
  { latentDim, contextDim }: { readonly latentDim: number; readonly contextDim: number },
): Transform | null {
  if (posterior === null) return null;
  const { dim, contextDim: seen } = posterior;
  if (dim !== latentDim || (seen !== 0 && seen !== contextDim)) {
    throw new LiouvilleError(
      'shape-mismatch',
      `posterior: expected a transform of ${latentDim} features with the contextDim 0 or ${contextDim}; ` +
        `got ${dim} features and the contextDim ${seen}.`,
    );
  }
  if (posterior.steps('forward', '').some((step) => step.kind === 'map' && step.batch !== undefined)) {
    throw new LiouvilleError(
      'invalid-argument',
      'posterior: a layer that normalises by its batch cannot be drawn through; got one.',
    );
  }
  return posterior;
}

/** A row here has no conditioning rows, and its draws have probes of their own. */
function settingsOf(options: EvaluateOptions, purpose: 'evaluate' | 'train', latentDim: number): Settings {
  for (const name of ['context', 'noise'] as const) {
    if (options[name] === undefined) continue;
    throw new LiouvilleError('invalid-argument', `${name}: a variational autoencoder takes none.`);
  }
  return settle(options, purpose, latentDim);
}

function zerosAndOnes(x: BatchLike, dim: number): { readonly data: Float64Array; readonly rows: number } {
  const { data, rows } = batchOf(x, 'x', { cols: dim });
  const at = data.findIndex((value) => value !== 0 && value !== 1);
  if (at === -1) return { data: data as Float64Array, rows };
  throw new LiouvilleError(
    'invalid-data',
    `x: expected zeros and ones; row ${Math.floor(at / dim)}, column ${at % dim} is ${data[at]}. See binarise.`,
  );
}

/** Each row `copies` times, one after the other. */
function repeated(data: Float64Array, rows: number, copies: number): Float64Array {
  if (copies === 1) return data;
  const width = data.length / rows;
  const all = new Float64Array(copies * data.length);
  for (let i = 0; i < rows * copies; i++) {
    const row = Math.floor(i / copies);
    all.set(data.subarray(row * width, (row + 1) * width), i * width);
  }
  return all;
}

/** log of the mean of exp(x_i), without overflow. */
function logMeanExp(x: Float64Array): number {
  const most = x.reduce((a, b) => Math.max(a, b), -Infinity);
  return most + Math.log(x.reduce((sum, value) => sum + Math.exp(value - most), 0) / x.length);
}
