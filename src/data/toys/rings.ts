import { logBesselI0 } from './bessel.ts';
import { logSumExp } from './blur.ts';
import type { ToyDefinition } from './definition.ts';

/** Circles of radius 1.5 and 3: scikit-learn's make_circles with factor 0.5 and noise 0.08, times 3. */
export const circles: ToyDefinition = { ...blurredCircles([3, 1.5], 0.24), entropy: 3.268136 };

/** Circles of radius 0.75, 1.5, 2.25 and 3, blurred after scaling. */
export const rings: ToyDefinition = { ...blurredCircles([3, 2.25, 1.5, 0.75], 0.08), entropy: 2.623183 };

/**
 * A circle taken at random, a point uniform on it, and normal noise: with r^2 = x^2 + y^2,
 * p(x, y) = mean over R of exp(-(r^2 + R^2) / (2 sigma^2)) I_0(r R / sigma^2) / (2 pi sigma^2).
 */
function blurredCircles(radii: readonly number[], sigma: number): Omit<ToyDefinition, 'entropy'> {
  const variance = sigma * sigma;
  const logNormaliser = Math.log(2 * Math.PI * variance * radii.length);
  return {
    sample: (draws) => {
      const radius = radii[draws.choice(radii.length, 0)]!;
      const angle = 2 * Math.PI * draws.uniform(1);
      return [
        radius * Math.cos(angle) + sigma * draws.normal(2),
        radius * Math.sin(angle) + sigma * draws.normal(3),
      ];
    },
    logDensity: (x, y) => {
      const r = Math.hypot(x, y);
      const terms = radii.map(
        (radius) => logBesselI0((r * radius) / variance) - (r * r + radius * radius) / (2 * variance),
      );
      return logSumExp(terms) - logNormaliser;
    },
  };
}
