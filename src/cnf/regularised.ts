import { LiouvilleError } from '../errors.ts';
import { batchOf } from '../flow/batch.ts';
import { callFor, partsOf } from '../flow/call.ts';
import { likelihoodGradient } from '../flow/likelihood.ts';
import { endTimeOf } from '../flow/evaluate.ts';
import { refuseUnknown } from '../flow/index.ts';
import type { Objective, SolveStep, Step, Trace, Trainable } from '../flow/index.ts';
import { settle } from '../flow/options.ts';
import { segmentsOf } from '../flow/segments.ts';
import type { Segment } from '../flow/segments.ts';
import { stepsOf } from '../flow/ways.ts';
import { ops } from '../program/index.ts';
import { namedStream, uniform } from '../random/index.ts';
import { isContinuous } from './continuous.ts';
import { penalties } from './penalties.ts';
import type { PenaltyName } from './penalties.ts';

/** Options of `regularised`: the weight of each penalty. */
export interface RegularisedOptions extends Partial<Readonly<Record<PenaltyName, number>>> {
  /** Which total derivative `taylor` makes small; default 2. */
  readonly order?: number;
  /** STEER: in each step of training, T moves by up to this much either way; default 0. */
  readonly steer?: number;
}

/**
 * Maximum likelihood of fields that are easy to integrate: the mean over rows of
 *
 *   -log p(x) + sum_i weight_i integral from 0 to T of r_i(t, x(t)) dt,
 *
 * with the rates r_i of `penalties` (kinetic, jacobian, directional, l1, taylor, hjb). They are integrated with the
 * log-determinant, so their gradients are as exact as that of the likelihood. Random traces give the Jacobian's norm for
 * nothing: the probe's image is there already.
 *
 * STEER (Behl, Ghosh, Dupont, Torr, Namboodiri, NeurIPS 2020): T + u with u uniform on (-steer, steer), one draw for a
 * batch.
 *
 * @throws LiouvilleError 'invalid-argument' for a weight that is negative, and when asked of a flow without a
 * continuous part, or `hjb` of a field without a potential.
 */
export function regularised(options: RegularisedOptions): Objective {
  refuseUnknown('option of regularised', options, [...Object.keys(penalties), 'order', 'steer']);
  const { order = 2, steer = 0, ...given } = options;
  const weights = Object.entries(given) as [PenaltyName, number][];
  for (const [name, value] of [...weights, ['steer', steer] as const]) {
    if (Number.isFinite(value) && value >= 0) continue;
    throw new LiouvilleError('invalid-argument', `${name}: expected a number from 0; got ${value}.`);
  }
  if (!(Number.isInteger(order) && order >= 1 && order <= 6)) {
    throw new LiouvilleError('invalid-argument', `order: expected a whole number from 1 to 6; got ${order}.`);
  }
  const traced = new WeakMap<Trainable, Map<string, readonly Segment[]>>();

  const segmentsFor = (flow: Trainable, trace: Trace): readonly Segment[] => {
    const byTrace = traced.get(flow) ?? new Map<string, readonly Segment[]>();
    traced.set(flow, byTrace);
    const key = `${trace.method} ${trace.probes}`;
    let segments = byTrace.get(key);
    if (segments === undefined) {
      const { transform, base, tables } = partsOf(flow);
      const steps = stepsOf('density', transform, base).map((step) => penalised(step, weights, order));
      if (!steps.some((step) => step.kind === 'solve')) {
        throw new LiouvilleError('invalid-argument', `regularised: '${flow.name}' has no continuous part.`);
      }
      segments = segmentsOf(steps, tables, flow.dim, flow.contextDim, trace, true);
      byTrace.set(key, segments);
    }
    return segments;
  };

  return {
    name: `regularised ${JSON.stringify(options)}`,
    nats: true,
    async evaluate(flow, batch, evaluateOptions) {
      const settings = settle({ ...evaluateOptions, training: true }, 'train', flow.dim);
      const x = batchOf(batch, 'x', { cols: flow.dim });
      const call = callFor(flow, settings, x.rows, evaluateOptions);
      let segments = segmentsFor(flow, settings.trace);
      if (steer > 0) {
        const shift = steer * (2 * uniform(settings.seed, namedStream('steer'), 0) - 1);
        segments = await Promise.all(
          segments.map(async (segment) => {
            if (segment.kind === 'map') return segment;
            const end = await endTimeOf(segment, call.parameters);
            return { ...segment, fixedEndTime: shiftedEnd(end, shift) };
          }),
        );
      }
      return likelihoodGradient(segments, x, call, partsOf(flow).tables);
    },
  };
}

/** A time must stay on its side of zero, however far STEER reaches. */
function shiftedEnd(end: number, shift: number): number {
  return Math.max(end + shift, end / 100);
}

/** The step with the penalties taken off the rate of its log-determinant. */
function penalised(step: Step, weights: readonly (readonly [PenaltyName, number])[], order: number): Step {
  if (!isContinuous(step)) return step;
  return {
    ...(step as SolveStep),
    field(scope, inputs, trace) {
      const rates = step.field(scope, inputs, trace);
      const { dim } = step;
      const x = ops.slice(inputs.state, 0, dim);
      const point = { t: inputs.t, x, context: inputs.context };
      let logDet = ops.slice(rates, dim, 1);
      for (const [name, weight] of weights) {
        const rate = penalties[name](step, scope, point, { probes: inputs.noise, order });
        logDet = ops.sub(logDet, ops.mul(weight, rate));
      }
      return ops.concat([ops.slice(rates, 0, dim), logDet]);
    },
  };
}
