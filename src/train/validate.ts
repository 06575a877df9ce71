import type { EvaluateOptions, Trainable } from '../flow/types.ts';
import type { Matrix } from '../matrix.ts';

/** Mean negative log-likelihood of the rows, in nats; NaN when a row failed. */
export async function meanNegativeLogLikelihood(
  flow: Trainable,
  x: Matrix,
  options: EvaluateOptions,
): Promise<number> {
  const logProb = await flow.logProb(x, { ...options, onFailure: 'report' });
  let sum = 0;
  for (const value of logProb) sum -= value;
  return sum / logProb.length;
}
