import { firstRows, timed } from '../subject.ts';
import type { Measure } from '../subject.ts';

/**
 * Mean log-likelihood of the test rows, its standard error s / sqrt(n), and how fast it was evaluated. Where the
 * entropy H of the data is known, KL(data || model) = -H - mean.
 */
export const likelihood: Measure = {
  name: 'test log-likelihood',
  async measure({ flow, data, settings, evaluate }) {
    const rows = firstRows(data.standardised.test, settings.testRows);
    const { result, seconds } = await timed(() => flow.logProb(rows, evaluate));
    const { logDet } = data.standardiser;
    const mean = average(result) + logDet;
    const variance = average(result.map((value) => (value + logDet - mean) ** 2));
    const standardError = result.length > 1 ? Math.sqrt(variance / (result.length - 1)) : null;
    return {
      testLogLikelihood: { mean, standardError },
      klToTruth: data.entropy === null ? null : -data.entropy - mean,
      densityRowsPerSecond: rows.rows / seconds,
    };
  },
};

function average(values: Float64Array): number {
  let sum = 0;
  for (const value of values) sum += value;
  return sum / values.length;
}
