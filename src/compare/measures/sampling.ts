import type { Matrix } from '../../matrix.ts';
import type { Box } from '../quadrature.ts';
import { timed } from '../subject.ts';
import type { Measure } from '../subject.ts';

/** Rows of the call that comes before the clock starts, which traces and compiles the programs. */
const WARM_UP = 16;

/** How fast the model draws rows, and which part of them lies outside the box of the quadrature. */
export const sampling: Measure = {
  name: 'sampling',
  async measure({ flow, data, settings, evaluate, box }) {
    await flow.sample(Math.min(WARM_UP, settings.samples), evaluate);
    const { result, seconds } = await timed(() => flow.sample(settings.samples, evaluate));
    const drawn = data.standardiser.invert(result);
    return {
      samplesPerSecond: settings.samples / seconds,
      massOutside: box === null ? null : fractionOutside(drawn, box),
      drawn,
    };
  },
};

function fractionOutside({ data, rows, cols }: Matrix, box: Box): number {
  let outside = 0;
  for (let i = 0; i < rows; i++) {
    // Written so that NaN is outside.
    const inside = box.every(([low, high], j) => data[i * cols + j]! >= low && data[i * cols + j]! <= high);
    if (!inside) outside += 1;
  }
  return outside / rows;
}
