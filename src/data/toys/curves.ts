import { blurredPoints } from './blur.ts';
import type { WeightedPoint } from './blur.ts';
import { once } from './definition.ts';
import type { ToyDefinition } from './definition.ts';
import { gaussLegendre } from './quadrature.ts';

/** A curve whose parameter t is uniform on [from, to]. */
interface Curve {
  from: number;
  to: number;
  point: (t: number) => readonly [number, number];
}

const SIGMA = 0.2;
/** Nodes per curve: far closer together than the noise is wide. More change log p by less than 1e-10 on [-4.5, 4.5]^2. */
const NODES = 300;

/** Two half circles of radius 2: scikit-learn's make_moons with noise 0.1, times 2, moved by (-1, -0.2). */
export const moons: ToyDefinition = {
  ...blurredCurves([
    { from: 0, to: Math.PI, point: (t) => [2 * Math.cos(t) - 1, 2 * Math.sin(t) - 0.2] },
    { from: 0, to: Math.PI, point: (t) => [1 - 2 * Math.cos(t), 0.8 - 2 * Math.sin(t)] },
  ]),
  entropy: 2.393879,
};

/** t (cos t, sin t) / 5, t uniform on [1.5 pi, 4.5 pi]: scikit-learn's make_swiss_roll from the side. */
export const swissroll: ToyDefinition = {
  ...blurredCurves([
    { from: 1.5 * Math.PI, to: 4.5 * Math.PI, point: (t) => [(t * Math.cos(t)) / 5, (t * Math.sin(t)) / 5] },
  ]),
  entropy: 2.669646,
};

function blurredCurves(curves: readonly Curve[]): Omit<ToyDefinition, 'entropy'> {
  const density = once(() =>
    blurredPoints(
      curves.flatMap((curve) => pointsAlong(curve, curves.length)),
      SIGMA,
    ),
  );
  return {
    sample: (draws) => {
      const { from, to, point } = curves[draws.choice(curves.length, 0)]!;
      const [x, y] = point(from + (to - from) * draws.uniform(1));
      return [x + SIGMA * draws.normal(2), y + SIGMA * draws.normal(3)];
    },
    logDensity: (x, y) => density()(x, y),
  };
}

function pointsAlong({ from, to, point }: Curve, curves: number): WeightedPoint[] {
  const { nodes, weights } = gaussLegendre(NODES, from, to);
  return Array.from(nodes, (t, i) => {
    const [x, y] = point(t);
    return { x, y, weight: weights[i]! / (to - from) / curves };
  });
}
