import { LiouvilleError } from '../errors.ts';
import { batchOf } from '../flow/batch.ts';
import type { EvaluateOptions, Flow } from '../flow/index.ts';
import { wholeNumber } from '../flow/index.ts';
import type { BatchLike } from '../matrix.ts';

/** Options of `estimateLogProb`: how many independent estimates there are of each row, and those of every evaluation. */
export interface EstimateOptions extends EvaluateOptions {
  /** Independent estimates for each row, at least 2; default 8. */
  readonly repeats?: number;
}

/** What `estimateLogProb` finds, in nats, one number for each row. */
export interface LogProbEstimate {
  /** The mean of the estimates of each row, nats. */
  readonly logProb: Float64Array;
  /** The standard error of that mean, for each row. */
  readonly standardError: Float64Array;
}

/**
 * log p(x) by a random trace, with how far it may be off: each row is taken `repeats` times with probes of its own
 * (`trace`, default 'hutchinson', with `probes` each time), and the standard error is that of the mean of the
 * results. The error of the solver is not in it.
 *
 * @throws LiouvilleError 'invalid-argument' for an exact trace, which has no such error, or for given noise.
 */
export async function estimateLogProb(
  flow: Flow,
  x: BatchLike,
  { repeats = 8, ...options }: EstimateOptions = {},
): Promise<LogProbEstimate> {
  wholeNumber('repeats', repeats, 2);
  const { trace = 'hutchinson', noise, context } = options;
  if (trace === 'exact' || noise !== undefined) {
    const came = noise === undefined ? "trace 'exact'" : 'noise';
    throw new LiouvilleError(
      'invalid-argument',
      `trace: expected an estimate with drawn probes; got ${came}.`,
    );
  }
  const batch = batchOf(x, 'x', { cols: flow.dim });
  const repeated = (rows: BatchLike, cols: number, what: string): BatchLike => {
    const { data } = batchOf(rows, what, { cols, rows: batch.rows });
    const all = new Float64Array(repeats * data.length);
    for (let i = 0; i < repeats; i++) all.set(data, i * data.length);
    return { data: all, rows: repeats * batch.rows, cols };
  };
  const values = await flow.logProb(repeated(batch, flow.dim, 'x'), {
    ...options,
    trace,
    ...(context !== undefined && { context: repeated(context, flow.contextDim, 'context') }),
  });
  const [logProb, standardError] = [new Float64Array(batch.rows), new Float64Array(batch.rows)];
  for (let row = 0; row < batch.rows; row++) {
    const found = Array.from({ length: repeats }, (_, i) => values[i * batch.rows + row]!);
    const mean = found.reduce((a, b) => a + b) / repeats;
    const square = found.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (repeats - 1);
    logProb[row] = mean;
    standardError[row] = Math.sqrt(square / repeats);
  }
  return { logProb, standardError };
}
