import { integrate } from '../quadrature.ts';
import type { Measure } from '../subject.ts';

/** The integral of the density over the box, which with the mass outside it should be 1. One and two dimensions. */
export const normalisation: Measure = {
  name: 'normalisation',
  async measure({ flow, data, settings, evaluate, box }) {
    if (box === null) return {};
    const { standardiser } = data;
    const side = box.length === 1 ? 1 : 2;
    const found = await integrate(
      async (points) => {
        // Far from the data a row may fail: then there is no integral, but still a picture.
        const options = { ...evaluate, onFailure: 'report' } as const;
        const logDensity = await flow.logProb(standardiser.apply(points), options);
        return logDensity.map((value) => Math.exp(value + standardiser.logDet));
      },
      box,
      {
        intervals: settings.quadrature.intervals[side],
        maxIntervals: settings.quadrature.maxIntervals[side],
        tolerance: settings.quadrature.tolerance,
      },
    );
    const { integral, intervals, change, converged, axes, values } = found;
    return {
      normalisation: integral,
      normalisationGrid: { intervals, change, converged },
      grid: { x: axes[0]!, y: axes[1] ?? [0], density: values },
    };
  },
};
