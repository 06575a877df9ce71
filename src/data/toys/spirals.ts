import { logSumExp } from './blur.ts';
import { once } from './definition.ts';
import type { ToyDefinition } from './definition.ts';
import { gaussLegendre } from './quadrature.ts';

const TURN_END = 3 * Math.PI;
/** The side of the square over which a point is smeared before the normal noise. */
const WIDTH = 0.5 / 3;
const SIGMA = 0.1;

interface Arm {
  x: Float64Array;
  y: Float64Array;
  weights: Float64Array;
  /** Room for one evaluation. */
  exponents: Float64Array;
}

/** The arm with s = 1. With more nodes, here or below, log p changes by less than 1e-10 on [-4.5, 4.5]^2. */
const arm = once((): Arm => {
  const { nodes, weights } = gaussLegendre(600, 0, TURN_END);
  return {
    x: nodes.map((t) => (-t * Math.cos(t)) / 3),
    y: nodes.map((t) => (t * Math.sin(t)) / 3),
    // The density of t = 3 pi sqrt(U) is 2 t / (3 pi)^2, and either arm has probability 1/2.
    weights: weights.map((weight, i) => (weight * nodes[i]!) / TURN_END ** 2),
    exponents: new Float64Array(nodes.length),
  };
});
const across = gaussLegendre(20, 0, WIDTH);

/**
 * Two spirals, each the other turned by half a turn: s ((-t cos t, t sin t) + U) / 3 + 0.1 N with a sign s,
 * t = 3 pi sqrt(U'), U uniform on the square [0, 1/2]^2 and N standard normal.
 */
export const spirals: ToyDefinition = {
  sample: (draws) => {
    const sign = draws.choice(2, 0) === 0 ? 1 : -1;
    const t = TURN_END * Math.sqrt(draws.uniform(1));
    return [
      sign * ((-t * Math.cos(t)) / 3 + WIDTH * draws.uniform(2)) + SIGMA * draws.normal(4),
      sign * ((t * Math.sin(t)) / 3 + WIDTH * draws.uniform(3)) + SIGMA * draws.normal(5),
    ];
  },
  logDensity: (x, y) => {
    return logSumExp([armLogDensity(x, y), armLogDensity(-x, -y)]);
  },
  entropy: 2.64545,
};

/** log of 1/2 the density of the arm with s = 1: the integral over t of two one-dimensional densities. */
function armLogDensity(x: number, y: number): number {
  const { x: armX, y: armY, weights, exponents } = arm();
  let least = Infinity;
  for (let i = 0; i < exponents.length; i++) {
    const exponent = (gap(x - armX[i]!) ** 2 + gap(y - armY[i]!) ** 2) / (2 * SIGMA * SIGMA);
    exponents[i] = exponent;
    if (exponent < least) least = exponent;
  }
  if (least === Infinity) return -Infinity;
  let sum = 0;
  for (let i = 0; i < exponents.length; i++) {
    // What lies further away does not reach the last digit.
    if (exponents[i]! - least > 45) continue;
    const product = relativeSmear(x - armX[i]!) * relativeSmear(y - armY[i]!);
    sum += weights[i]! * Math.exp(least - exponents[i]!) * product;
  }
  return Math.log(sum) - least;
}

/** How far `offset` lies outside of [0, WIDTH]. */
function gap(offset: number): number {
  return Math.max(0, -offset, offset - WIDTH);
}

/**
 * The density of a uniform number on [0, WIDTH] plus normal noise, at `offset`, divided by
 * exp(-gap^2 / (2 sigma^2)) so that it does not underflow.
 */
function relativeSmear(offset: number): number {
  const outside = gap(offset) ** 2;
  let sum = 0;
  for (let k = 0; k < across.nodes.length; k++) {
    const distance = offset - across.nodes[k]!;
    sum += across.weights[k]! * Math.exp((outside - distance * distance) / (2 * SIGMA * SIGMA));
  }
  return sum / (WIDTH * SIGMA * Math.sqrt(2 * Math.PI));
}
