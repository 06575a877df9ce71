import { firstRows } from '../subject.ts';
import type { Measure } from '../subject.ts';

/**
 * Test rows to the latent space and back: the largest |inverse(transform(x)) - x| of an entry, in standard
 * deviations of its column, and the evaluations of the field that the way there took.
 */
export const inversion: Measure = {
  name: 'inversion',
  async measure({ flow, data, settings, evaluate }) {
    const rows = firstRows(data.standardised.test, settings.inverseRows);
    const there = await flow.transform(rows, evaluate);
    const back = await flow.inverse(there.z, evaluate);
    let max = 0;
    back.x.data.forEach((value, i) => {
      const difference = Math.abs(value - rows.data[i]!);
      // Math.max would do, and lose nothing: a NaN stays.
      max = Math.max(max, difference);
    });
    return { inverseError: { max }, nfe: there.nfe };
  },
};
