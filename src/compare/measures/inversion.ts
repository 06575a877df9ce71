import { median } from '../statistics.ts';
import { firstRows } from '../rows.ts';
import type { Measure } from '../subject.ts';

/**
 * Test rows to the latent space and back: |inverse(transform(x)) - x| in standard deviations of each column, and the
 * evaluations of the field that both ways took.
 */
export const inversion: Measure = {
  name: 'inversion',
  async measure({ flow, data, settings, evaluate }) {
    const rows = firstRows(data.standardised.test, settings.inverseRows);
    const there = await flow.transform(rows, evaluate);
    const back = await flow.inverse(there.z, evaluate);
    const largest = new Float64Array(rows.rows);
    back.x.data.forEach((value, k) => {
      const row = Math.floor(k / rows.cols);
      // Math.max keeps a NaN.
      largest[row] = Math.max(largest[row]!, Math.abs(value - rows.data[k]!));
    });
    return {
      inverseError: { max: largest.reduce((a, b) => Math.max(a, b), 0), median: median(largest) },
      nfe: there.nfe,
      samplingNfe: back.nfe,
    };
  },
};
