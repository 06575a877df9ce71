import type { EvaluateOptions, Flow } from '../../flow/types.ts';
import type { Matrix } from '../../matrix.ts';
import type { ComparisonData } from '../data.ts';
import type { ReverseKl } from '../results.ts';
import { meanOf } from '../statistics.ts';
import { firstRows } from '../rows.ts';
import type { Measure } from '../subject.ts';
import { twoSample } from '../two-sample.ts';

/** How much the samples are like the data: beside test rows, and under the density of the data where it is known. */
export const sampleQuality: Measure = {
  name: 'samples against data',
  async measure({ flow, data, settings, evaluate }, { drawn }) {
    const samples = data.standardiser.apply(drawn!);
    const test = firstRows(data.standardised.test, settings.testRows);
    return {
      twoSample: twoSample(samples, test, settings.twoSample, settings.seed),
      reverseKl: await reverseKl(flow, data, samples, drawn!, evaluate),
    };
  },
};

async function reverseKl(
  flow: Flow,
  { logDensity, standardiser }: ComparisonData,
  samples: Matrix,
  drawn: Matrix,
  evaluate: EvaluateOptions,
): Promise<ReverseKl | null> {
  if (logDensity === null) return null;
  // A sample may lie where the density cannot be evaluated; it then tells nothing.
  const model = await flow.logProb(samples, { ...evaluate, onFailure: 'report' });
  const differences = Float64Array.from(model, (value, i) => {
    return value + standardiser.logDet - logDensity(drawn.data[2 * i]!, drawn.data[2 * i + 1]!);
  }).filter((value) => !Number.isNaN(value));
  const inside = differences.filter((value) => value < Infinity);
  const outsideSupport = 1 - inside.length / differences.length;
  if (outsideSupport > 0) return { mean: null, standardError: null, outsideSupport };
  return { ...meanOf(differences), outsideSupport };
}
