import { LiouvilleError } from '../errors.ts';
import { reference } from '../engine/index.ts';
import { batchOf } from '../flow/batch.ts';
import { callFor, partsOf } from '../flow/call.ts';
import { withContext } from '../flow/evaluate.ts';
import type { Call } from '../flow/evaluate.ts';
import { keyOf, refuseUnknown, wholeNumber } from '../flow/index.ts';
import type { Objective, Trainable } from '../flow/index.ts';
import { settle } from '../flow/options.ts';
import { Program, Scope, input, ops } from '../program/index.ts';
import { namedStream } from '../random/index.ts';
import { assignment } from './assignment.ts';
import { isContinuous } from './continuous.ts';
import type { ContinuousStep } from './continuous.ts';

/** Options of `flowMatching`: how noise and rows are paired, and how often each row is seen in a step. */
export interface FlowMatchingOptions {
  /** Which noise goes with which row of a batch; default 'optimal-transport'. */
  readonly coupling?: Coupling;
  /**
   * Noises and times that each row of a batch is mixed with, spread over [0, T]; default 1. A step costs as many times as much,
   * which is still little beside solving an ODE, and its gradient is steadier, so that the learning rate may be higher.
   */
  readonly draws?: number;
  /** Rows that are paired among themselves at most; default 256. The cost of pairing grows with their cube. */
  readonly pairedAtOnce?: number;
  /**
   * s = u^power with u uniform; default 1. Above it more of the training is near the data, where thin and sharp densities
   * get their shape. The minimum of the loss stays where it is.
   */
  readonly power?: number;
  /** The way from a row to its noise; default 'straight'. */
  readonly path?: ProbabilityPath;
  /** How much noise is left at the data's end of a straight path; default 0. */
  readonly sigmaMin?: number;
}

/** How noise is paired with the rows of a batch: as it comes, or at the least total squared distance. */
export type Coupling = 'independent' | 'optimal-transport';
/** The mixture of a row and its noise that the field learns the velocity of. */
export type ProbabilityPath = 'straight' | 'variance-preserving';

/** Where a row x and its noise z are mixed at s in [0, 1] from data to noise, and the speeds: a x + b z, a' x + b' z. */
type Mixture = (s: number, sigmaMin: number) => readonly [a: number, b: number, da: number, db: number];

const mixtures: Readonly<Record<ProbabilityPath, Mixture>> = {
  straight: (s, sigmaMin) => [1 - s, sigmaMin + (1 - sigmaMin) * s, -1, 1 - sigmaMin],
  'variance-preserving': (s) => {
    const angle = (Math.PI * s) / 2;
    const [sine, cosine] = [Math.sin(angle), Math.cos(angle)];
    return [cosine, sine, (-sine * Math.PI) / 2, (cosine * Math.PI) / 2];
  },
};

const optionNames: { readonly [P in keyof Required<FlowMatchingOptions>]: true } = {
  coupling: true,
  draws: true,
  pairedAtOnce: true,
  power: true,
  path: true,
  sigmaMin: true,
};

/**
 * Conditional flow matching (Lipman, Chen, Ben-Hamu, Nickel, Le: Flow Matching, ICLR 2023; Albergo, Vanden-Eijnden
 * 2023): no ODE is solved in training. With z from N(0, I), t = s T with s uniform on [0, 1] (stratified over the batch), and
 * x_s = a(s) x + b(s) z, the loss is the mean of |f(t, x_s) - dx_s/dt|^2, whose minimum is a field that carries the
 * data's density to N(0, I) along the marginal path.
 *
 * - path 'straight': a = 1 - s, b = sigmaMin + (1 - sigmaMin) s; 'variance-preserving': a = cos(pi s / 2),
 *   b = sin(pi s / 2).
 * - coupling 'independent': any z; 'optimal-transport': within the batch, rows and noise are paired so that the sum of
 *   |x - z|^2 is least, which makes ways nearly straight (Pooladian et al., Tong et al. 2023). Only rows that follow
 *   each other with the same context are paired among themselves.
 *
 * It trains the field of a flow that is one continuous transform; T stays as it is. The flow answers `logProb`,
 * `sample` and the rest as usual, and may be trained further by likelihood.
 *
 * @throws LiouvilleError 'invalid-argument' or 'unknown-name', naming the option.
 */
export function flowMatching(options: FlowMatchingOptions = {}): Objective {
  refuseUnknown('option of flowMatching', options, Object.keys(optionNames));
  const mixture = mixtures[keyOf('path', options.path ?? 'straight', mixtures)];
  const couplings = { independent: false, 'optimal-transport': true } as const;
  const paired = couplings[keyOf('coupling', options.coupling ?? 'optimal-transport', couplings)];
  const block = wholeNumber('pairedAtOnce', options.pairedAtOnce ?? 256, 1, 4096);
  const draws = wholeNumber('draws', options.draws ?? 1, 1, 10_000);
  const { sigmaMin = 0, power = 1 } = options;
  if (!(power > 0 && power < Infinity)) {
    throw new LiouvilleError('invalid-argument', `power: expected a positive number; got ${power}.`);
  }
  if (!(sigmaMin >= 0 && sigmaMin < 1)) {
    throw new LiouvilleError(
      'invalid-argument',
      `sigmaMin: expected a number from 0 below 1; got ${sigmaMin}.`,
    );
  }
  const traced = new WeakMap<Trainable, Programs>();
  const programsFor = (flow: Trainable): Programs => {
    const known = traced.get(flow) ?? trace(flow);
    traced.set(flow, known);
    return known;
  };
  return {
    name: `flow matching ${JSON.stringify(options)}`,
    nats: false,
    async evaluate(flow, batch, evaluateOptions) {
      const settings = settle(evaluateOptions, 'train', flow.dim);
      const given = batchOf(batch, 'x', { cols: flow.dim });
      // One copy of the batch after the other, so that the copies of a row are spread over all times.
      const data = tiled(given.data as Float64Array, draws);
      const rows = given.rows * draws;
      const single = callFor(flow, settings, given.rows, evaluateOptions);
      const call = { ...single, rows, context: single.context && tiled(single.context, draws) };
      const programs = programsFor(flow);
      const T = (await reference.run(programs.endTime, call.parameters, 1, {}))['time']![0]!;
      const { engine, seed } = settings;
      const noise = new Float64Array(data.length);
      const uniforms = new Float64Array(rows);
      engine.fill('normal', noise, seed, namedStream('flow matching noise'));
      engine.fill('uniform', uniforms, seed, namedStream('flow matching time'));
      const z = paired ? pair(data, noise, call, { block, width: programs.width }) : noise;
      const [t, x, u] = [
        new Float64Array(rows),
        new Float64Array(data.length),
        new Float64Array(data.length),
      ];
      const times = Array.from(uniforms, (draw, row) => ((row + draw) / rows) ** power);
      const mixed = times.map((s) => mixture(s, sigmaMin));
      for (let row = 0; row < rows; row++) {
        const s = times[row]!;
        const [a, b, da, db] = mixed[row]!;
        t[row] = s * T;
        for (let i = row * flow.dim; i < (row + 1) * flow.dim; i++) {
          x[i] = a * data[i]! + b * z[i]!;
          u[i] = (da * data[i]! + db * z[i]!) / T;
        }
      }
      const loss = new Float64Array(rows).fill(1 / rows);
      const inputs = withContext({ t, x, u }, call);
      const result = await engine.pullback(
        programs.loss,
        call.parameters,
        rows,
        inputs,
        { loss },
        { ...settings, outputs: true },
      );
      const sum = result.outputs!['loss']!.reduce((total, value) => total + value, 0);
      const { x: ofPlace, u: ofSpeed, context = null } = result.cotangents;
      const ofRows = ofPlace!.map((value, i) => {
        const [a, , da] = mixed[Math.floor(i / flow.dim)]!;
        return a * value + (da / T) * ofSpeed![i]!;
      });
      return {
        loss: sum / rows,
        flat: result.gradient,
        nfe: { mean: 1, max: 1 },
        cotangents: { x: folded(ofRows, draws), context: context && folded(context, draws) },
        engine: engine.name,
      };
    },
  };
}

/** `copies` of the whole, one after the other. */
function tiled(data: Float64Array, copies: number): Float64Array {
  if (copies === 1) return data;
  const all = new Float64Array(copies * data.length);
  for (let copy = 0; copy < copies; copy++) all.set(data, copy * data.length);
  return all;
}

/** The sum of the copies: what `tiled` does to cotangents. */
function folded(all: Float64Array, copies: number): Float64Array {
  if (copies === 1) return all;
  const sum = new Float64Array(all.length / copies);
  all.forEach((value, i) => (sum[i % sum.length] = sum[i % sum.length]! + value));
  return sum;
}

interface Programs {
  /** Inputs t, x, u and context; output loss. */
  readonly loss: Program;
  readonly endTime: Program;
  /** Of the rows that are paired: less than the flow's where it takes several of them side by side. */
  readonly width: number;
}

function trace(flow: Trainable): Programs {
  const { tables } = partsOf(flow);
  const step = onlyStepOf(flow);
  const scope = new Scope(tables, step.path);
  const [t, x, u] = [input('t', 1), input('x', flow.dim), input('u', flow.dim)];
  const context = flow.contextDim > 0 ? input('context', flow.contextDim) : null;
  const difference = ops.sub(step.velocity(scope, { t, x, context }), u);
  const leaves = context === null ? [t, x, u] : [t, x, u, context];
  return {
    loss: new Program('flow matching', leaves, { loss: ops.sum(ops.square(difference), 'n') }),
    endTime: new Program('end time', [], { time: step.endTime(scope) }),
    width: flow.dim / step.rows,
  };
}

function onlyStepOf(flow: Trainable): ContinuousStep {
  const steps = partsOf(flow).transform.steps('forward', '');
  const [step] = steps;
  if (steps.length === 1 && step !== undefined && isContinuous(step) && !step.reversed) return step;
  throw new LiouvilleError(
    'invalid-argument',
    `flowMatching: expected a flow of one continuous transform; '${flow.name}' has ${steps.length} parts.`,
  );
}

/**
 * The noise in the order of the rows that it goes with, block by block. A block has one context only: rows that chose
 * their noise among others would leave those others a latent distribution that is no longer the base.
 */
function pair(
  data: Float64Array,
  noise: Float64Array,
  { context, rows: contexts }: Call,
  { block, width }: { readonly block: number; readonly width: number },
): Float64Array {
  const rows = data.length / width;
  // Rows side by side share a context.
  const perContext = rows / contexts;
  const result = new Float64Array(noise.length);
  let n = 0;
  for (let start = 0; start < rows; start += n) {
    const most = Math.min(start + block, rows);
    n =
      Math.min(most, perContext * sameContext(context, start / perContext, most / perContext, contexts)) -
      start;
    const costs = new Float64Array(n * n);
    for (let i = 0; i < n; i++) {
      for (let j = 0; j < n; j++) {
        // |x - z|^2 without the terms that every pairing has.
        let product = 0;
        for (let d = 0; d < width; d++)
          product += data[(start + i) * width + d]! * noise[(start + j) * width + d]!;
        costs[i * n + j] = -product;
      }
    }
    assignment(costs, n).forEach((j, i) => {
      result.set(noise.subarray((start + j) * width, (start + j + 1) * width), (start + i) * width);
    });
  }
  return result;
}

/** Where the contexts from `start` on, up to `end`, cease to be the same; both may lie within one. */
function sameContext(context: Float64Array | null, start: number, end: number, count: number): number {
  if (context === null) return end;
  const width = context.length / count;
  const first = Math.floor(start) * width;
  const limit = Math.ceil(end) * width;
  let at = first;
  while (at < limit && context[at] === context[first + ((at - first) % width)]) at++;
  return at === limit ? end : Math.floor(at / width);
}
