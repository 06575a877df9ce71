import type { Call, Evaluation } from '../flow/evaluate.ts';
import { evaluate } from '../flow/evaluate.ts';
import type { MapStep, Transform } from '../flow/index.ts';
import type { Trace } from '../flow/options.ts';
import { segmentsOf } from '../flow/segments.ts';
import type { Segment } from '../flow/segments.ts';
import type { ModelTables } from '../program/index.ts';
import { namedStream } from '../random/index.ts';

/** Draws z of q(z|x), one for each row of the call's context, with -log q(z|x) as their logDet. */
export type Draw = (call: Call, keepTapes: boolean, first?: number) => Promise<Evaluation>;

/**
 * The way of a draw: `start` from noise, then `posterior` from its latent space to the codes. Draw i of a seed is the
 * same in any batch; `first` is the number of the first one.
 */
export function drawsOf(
  start: MapStep,
  posterior: Transform | null,
  contextDim: number,
  tables: ModelTables,
): Draw {
  const { inputDim, path } = start;
  const steps = [start, ...(posterior?.steps('inverse', path) ?? [])];
  const series = (trace: Trace): boolean =>
    steps.some((step) => step.kind === 'map' && step.noiseShape?.(trace) != null);
  const traced = new Map<string, readonly Segment[]>();
  const segments = (trace: Trace): readonly Segment[] => {
    // A series that ends at random is another program for each length.
    const key = `${trace.method} ${trace.probes} ${series(trace) ? trace.terms : ''}`;
    const known = traced.get(key) ?? segmentsOf(steps, tables, inputDim, contextDim, trace);
    traced.set(key, known);
    return known;
  };
  // Declares the parameters.
  segments({ method: 'none', probes: 0 });
  return (call, keepTapes, first = 0) => {
    const { engine, seed, trace } = call.settings;
    const noise = new Float64Array(call.rows * inputDim);
    engine.fill('normal', noise, seed, namedStream('posterior'), first * inputDim);
    return evaluate(segments(trace), noise, call, keepTapes);
  };
}
