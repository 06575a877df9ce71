import { blurredPoints } from './blur.ts';
import type { ToyDefinition } from './definition.ts';

/** The published code divides by this, not by sqrt(2). */
const SHRINK = 1.414;
const RADIUS = 4 / SHRINK;
const SIGMA = 0.5 / SHRINK;

const centres = Array.from({ length: 8 }, (_, k) => ({
  x: RADIUS * Math.cos((k * Math.PI) / 4),
  y: RADIUS * Math.sin((k * Math.PI) / 4),
  weight: 1 / 8,
}));

/** Eight equally likely normal distributions on a circle. */
export const eightGaussians: ToyDefinition = {
  sample: (draws) => {
    const centre = centres[draws.choice(8, 0)]!;
    return [centre.x + SIGMA * draws.normal(1), centre.y + SIGMA * draws.normal(2)];
  },
  logDensity: blurredPoints(centres, SIGMA),
  entropy: 2.83188,
};
