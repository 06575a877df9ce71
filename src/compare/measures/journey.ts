import { firstRows } from '../rows.ts';
import type { Measure } from '../subject.ts';

/** Rows whose way is shown; more cannot be followed by the eye. */
const ROWS = 600;

/** Some samples on their way from the latent space to the data, for the figures. */
export const journey: Measure = {
  name: 'paths',
  async measure({ flow, data, evaluate }, { drawn }) {
    const samples = firstRows(data.standardiser.apply(drawn!), ROWS);
    // A figure is no reason to fail.
    const options = { ...evaluate, onFailure: 'report' } as const;
    const { z } = await flow.transform(samples, options);
    const stops = await flow.path(z, { ...options, intervals: 24 });
    return { path: stops.map((stop) => ({ ...stop, x: data.standardiser.invert(stop.x) })) };
  },
};
