import { evaluate, summary } from '../flow/evaluate.ts';
import { pullbackThrough } from '../flow/gradient.ts';
import type { Flow, MapStep, Objective, Trace } from '../flow/index.ts';
import { settle } from '../flow/options.ts';
import { segmentsOf } from '../flow/segments.ts';
import type { Segment } from '../flow/segments.ts';
import { Program, input, ops } from '../program/index.ts';
import type { Value } from '../program/index.ts';
import { namedStream } from '../random/index.ts';
import { callFor } from './call.ts';
import { partsOf } from './regularised.ts';

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
  const traced = new WeakMap<Flow, Map<string, Programs>>();
  const programsFor = (flow: Flow, trace: Trace): Programs => {
    const byTrace = traced.get(flow) ?? new Map<string, Programs>();
    traced.set(flow, byTrace);
    const key = `${trace.method} ${trace.probes}`;
    const programs = byTrace.get(key) ?? programsOf(flow, trace, target);
    byTrace.set(key, programs);
    return programs;
  };
  return {
    name: 'reverse KL',
    nats: false,
    async evaluate(flow, batch, options) {
      const settings = settle(options, 'train', flow.dim);
      const { rows } = batch;
      const call = callFor(flow, settings, rows, options);
      const { segments, end } = programsFor(flow, settings.trace);
      const { base } = partsOf(flow);
      const { engine, seed } = settings;
      const noise = new Float64Array(rows * base.noiseDim);
      engine.fill(base.noise, noise, seed, namedStream('reverse KL'));
      const { x, logDet, records, nfe } = await evaluate(segments, noise, call, true);
      const weights = new Float64Array(rows).fill(-1 / rows);
      const ofTarget = await engine.pullback(
        end,
        call.parameters,
        rows,
        { x },
        { logDensity: weights },
        { ...settings, outputs: true },
      );
      const flat = new Float64Array(flow.parameters.count);
      await pullbackThrough(records, call, ofTarget.cotangents['x']!, weights, flat);
      const logTarget = ofTarget.outputs!['logDensity']!;
      const loss = -logDet.reduce((sum, value, row) => sum + value + logTarget[row]!, 0) / rows;
      return { loss, flat, nfe: summary(nfe), engine: engine.name };
    },
  };
}

interface Programs {
  /** From base noise to data, with -log q as the log-determinant. */
  readonly segments: readonly Segment[];
  readonly end: Program;
}

function programsOf(flow: Flow, trace: Trace, target: LogTarget): Programs {
  const { transform, base, tables } = partsOf(flow);
  const draw: MapStep = {
    kind: 'map',
    path: 'base',
    inputDim: base.noiseDim,
    apply(scope, noise, context) {
      const x = base.sample(scope, noise, context);
      return { x, logDet: ops.neg(base.logDensity(scope, x, context)) };
    },
  };
  const x = input('x', flow.dim);
  return {
    segments: segmentsOf([draw, ...transform.steps('inverse', '')], tables, flow.dim, flow.contextDim, trace),
    end: new Program('log target', [x], { logDensity: target(x) }),
  };
}
