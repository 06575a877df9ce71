import { LiouvilleError } from '../errors.ts';
import { batchOf } from './batch.ts';
import type { Call } from './evaluate.ts';
import type { Settings } from './options.ts';
import type { EvaluateOptions, FlowParts, Trainable } from './types.ts';

/** What an objective computes a batch with: snapshots, as the methods of a flow take them. */
export function callFor(flow: Trainable, settings: Settings, rows: number, options: EvaluateOptions): Call {
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

/** What objectives trace their own programs from. */
export function partsOf(flow: Trainable): FlowParts {
  if (flow.parts !== undefined) return flow.parts;
  throw new LiouvilleError('invalid-argument', `flow: '${flow.name}' does not say what it is made of.`);
}
