import { meanOf } from '../statistics.ts';
import { firstRows } from '../rows.ts';
import { timed } from '../subject.ts';
import type { Measure } from '../subject.ts';

/** Rows of the call that comes before the clock starts, which traces and compiles the programs. */
const WARM_UP = 16;

/**
 * Mean log-likelihood of the test rows, how fast it was evaluated, and KL(data || model) = E[log p - log q]: row by
 * row where the density p is known, which is far more precise than the difference of two means; else by the entropy
 * H of the data, KL = -H - E[log q].
 */
export const likelihood: Measure = {
  name: 'test log-likelihood',
  async measure({ flow, data, settings, evaluate }) {
    const rows = firstRows(data.standardised.test, settings.testRows);
    await flow.logProb(firstRows(rows, WARM_UP), evaluate);
    const { result, seconds } = await timed(() => flow.logProb(rows, evaluate));
    const testLogProb = result.map((value) => value + data.standardiser.logDet);
    const found = meanOf(testLogProb);
    const truth = data.testLogDensity;
    const kl = truth === null ? null : meanOf(testLogProb.map((value, i) => truth[i]! - value));
    const byEntropy = data.entropy === null ? null : -data.entropy - found.mean;
    return {
      testLogLikelihood: found,
      klToTruth: kl?.mean ?? byEntropy,
      klStandardError: kl?.standardError ?? null,
      densityRowsPerSecond: rows.rows / seconds,
      testLogProb,
    };
  },
};
