import { batchOf } from '../flow/batch.ts';
import type { Call } from '../flow/evaluate.ts';
import type { EvaluateOptions, Flow } from '../flow/index.ts';
import type { Settings } from '../flow/options.ts';

/** What an objective computes a batch with: snapshots, as the methods of a flow take them. */
export function callFor(flow: Flow, settings: Settings, rows: number, options: EvaluateOptions): Call {
  const { context, noise } = options;
  const { dim, contextDim } = flow;
  return {
    settings,
    rows,
    parameters: { trained: flow.parameters.flat.slice(), state: flow.state.flat.slice() },
    context:
      context === undefined || contextDim === 0
        ? null
        : (batchOf(context, 'context', { cols: contextDim, rows }).data as Float64Array),
    noise: noise === undefined ? null : (batchOf(noise, 'noise', { cols: dim, rows }).data as Float64Array),
    places: null,
  };
}
