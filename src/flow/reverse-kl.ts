import { LiouvilleError } from '../errors.ts';
import { Program, input } from '../program/index.ts';
import type { Value } from '../program/index.ts';
import { namedStream } from '../random/index.ts';
import { callFor, partsOf } from './call.ts';
import { evaluate, summary } from './evaluate.ts';
import type { Call, Evaluation } from './evaluate.ts';
import { pullbackThrough } from './gradient.ts';
import { wholeNumber } from './model-options.ts';
import type { Objective } from './objective.ts';
import { settle } from './options.ts';
import type { EvaluateOptions, Flow, Trainable } from './types.ts';
import { waysOf } from './ways.ts';

/** log of an unnormalised density, nats: a row x [1, dim] to [1, 1]. */
export type LogTarget = (x: Value) => Value;

/**
 * Training without data, towards a density that is known up to a factor: the mean over z from the base of
 *
 *   log q(x) - log target(x),   x = inverse(z),
 *
 * which is KL(q || target) less the log of the target's integral (Rezende, Mohamed, ICML 2015). Gradients pass through
 * the samples. `fit` still draws batches of rows; they are only counted, and their context used.
 *
 * @param target as a traced function; `formula` makes one of text.
 */
export function reverseKL(target: LogTarget): Objective {
  const density = densityOf(target);
  return fromDraws('reverse KL', () => density);
}

/**
 * Probability density distillation (van den Oord et al.: Parallel WaveNet, ICML 2018): a student q that is fast to sample
 * from is brought to a teacher p that is fast to evaluate, without data. The loss is KL(q || p) itself, by the mean over
 * draws of the student of
 *
 *   log q(x) - log p(x),   x = inverse(z),
 *
 * whose gradient passes through the draws and the teacher's density; the teacher does not change. `fit` still draws
 * batches of rows; they are only counted, and their context, the same for both, used.
 *
 * Draws of the student show nothing of modes that it has not found. Fit it to draws of the teacher first, where the
 * teacher has several: `await fit(student, await teacher.sample(100_000))`.
 *
 * @throws LiouvilleError 'shape-mismatch' when student and teacher differ in dim, in the first step.
 */
export function distillation(teacher: Flow): Objective {
  return fromDraws(`distillation of ${teacher.name}`, (flow) => densityOfFlow(teacher, flow));
}

/** How far a flow is from a target: what `estimateReverseKL` finds. */
export interface ReverseKLEstimate {
  /** The mean of log q(x) - log target(x) over draws of the flow: KL(q || target) - log Z, nats. Z is 1 for a flow. */
  readonly freeEnergy: number;
  /** The standard error of that mean. */
  readonly standardError: number;
  /** log Z of the target's integral, by importance sampling from the flow. */
  readonly logNormaliser: number;
  /** (sum w)^2 / sum w^2 over draws with the weights w = target / q, as a share of their number. */
  readonly effectiveShare: number;
}

/** Options of `estimateReverseKL`: the number of draws, and those of every evaluation. */
export interface ReverseKLOptions extends EvaluateOptions {
  /** Default 10,000. */
  readonly samples?: number;
}

/**
 * KL(flow || target) up to log Z by draws of the flow, for another flow or an unnormalised density. Importance sampling
 * sees only where the flow goes: a mode that it misses is missing from `logNormaliser` too.
 *
 * @throws LiouvilleError 'shape-mismatch' for a flow of another dim.
 */
export async function estimateReverseKL(
  flow: Flow,
  target: Flow | LogTarget,
  { samples = 10_000, ...options }: ReverseKLOptions = {},
): Promise<ReverseKLEstimate> {
  wholeNumber('samples', samples, 2);
  const settings = settle(options, 'evaluate', flow.dim);
  const call = callFor(flow, settings, samples, options);
  const { x, logDet } = await draw(flow, call, false);
  const { logDensity } = await targetOf(target, flow)(x, call, options, null);
  const logWeights = logDensity.map((value, row) => value + logDet[row]!);
  const mean = logWeights.reduce((sum, value) => sum + value, 0) / samples;
  const square = logWeights.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  const most = logWeights.reduce((a, b) => Math.max(a, b), -Infinity);
  const weights = logWeights.map((value) => Math.exp(value - most));
  const total = weights.reduce((sum, value) => sum + value, 0);
  return {
    freeEnergy: -mean,
    standardError: Math.sqrt(square / (samples - 1) / samples),
    logNormaliser: most + Math.log(total / samples),
    effectiveShare: total ** 2 / weights.reduce((sum, value) => sum + value * value, 0) / samples,
  };
}

/** log target of rows, and with weights of that the cotangent of the rows. */
type Density = (
  x: Float64Array,
  call: Call,
  options: EvaluateOptions,
  weights: Float64Array | null,
) => Promise<{ logDensity: Float64Array; cotangent: Float64Array | null }>;

/** The mean of log q - log target over draws of q, where the target may depend on the flow that it is asked for. */
function fromDraws(name: string, target: (flow: Trainable) => Density): Objective {
  return {
    name,
    nats: false,
    async evaluate(flow, { rows }, options) {
      const settings = settle(options, 'train', flow.dim);
      const call = callFor(flow, settings, rows, options);
      const density = target(flow);
      const { x, logDet, records, nfe } = await draw(flow, call, true);
      const weights = new Float64Array(rows).fill(-1 / rows);
      const { logDensity, cotangent } = await density(x, call, options, weights);
      const flat = new Float64Array(flow.parameters.count);
      await pullbackThrough(records, call, cotangent!, weights, flat);
      const loss = -logDet.reduce((sum, value, row) => sum + value + logDensity[row]!, 0) / rows;
      return { loss, flat, nfe: summary(nfe), engine: settings.engine.name };
    },
  };
}

/** Draws by the way from the base, with -log q(x) as their logDet. */
function draw(flow: Trainable, call: Call, keepTapes: boolean): Promise<Evaluation> {
  const parts = partsOf(flow);
  const { engine, seed, trace } = call.settings;
  const noise = new Float64Array(call.rows * parts.base.noiseDim);
  engine.fill(parts.base.noise, noise, seed, namedStream('reverse KL'));
  return evaluate(waysOf(parts)('sample with density', trace), noise, call, keepTapes);
}

function targetOf(target: Flow | LogTarget, flow: Trainable): Density {
  return typeof target === 'function' ? densityOf(target) : densityOfFlow(target, flow);
}

function densityOf(target: LogTarget): Density {
  const programs = new Map<number, Program>();
  return async (x, { settings, parameters, rows }, _options, weights) => {
    const dim = x.length / rows;
    let program = programs.get(dim);
    if (program === undefined) {
      const row = input('x', dim);
      program = new Program('log target', [row], { logDensity: target(row) });
      programs.set(dim, program);
    }
    const { engine } = settings;
    if (weights === null) {
      const outputs = await engine.run(program, parameters, rows, { x }, settings);
      return { logDensity: outputs['logDensity']!, cotangent: null };
    }
    const all = { ...settings, outputs: true };
    const found = await engine.pullback(program, parameters, rows, { x }, { logDensity: weights }, all);
    return { logDensity: found.outputs!['logDensity']!, cotangent: found.cotangents['x']! };
  };
}

function densityOfFlow(teacher: Flow, { dim, name }: Trainable): Density {
  if (teacher.dim !== dim) {
    throw new LiouvilleError(
      'shape-mismatch',
      `teacher: '${teacher.name}' has ${teacher.dim} features; expected ${dim}, as '${name}' has.`,
    );
  }
  return async (x, { settings, rows }, options, weights) => {
    const call = callFor(teacher, settings, rows, options);
    const segments = waysOf(partsOf(teacher))('density', settings.trace);
    const { logDet, records } = await evaluate(segments, x, call, weights !== null);
    if (weights === null) return { logDensity: logDet, cotangent: null };
    const unused = new Float64Array(teacher.parameters.count);
    const found = await pullbackThrough(records, call, new Float64Array(x.length), weights, unused);
    return { logDensity: logDet, cotangent: found.x };
  };
}
