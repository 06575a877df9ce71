import { logSumExp } from './blur.ts';
import type { ToyDefinition } from './definition.ts';

const ARMS = 5;
const RADIAL_SIGMA = 0.3;
const TANGENTIAL_SIGMA = 0.1;
/** The angle by which a point is turned grows with its radial coordinate: RATE exp(a). */
const RATE = 0.25;
const SCALE = 2;
/** Beyond this radius (before scaling), where the density is below exp(-130), only its angular mean is given. */
const FAR = 6;

/**
 * Five arms. With a ~ N(1, 0.3^2), b ~ N(0, 0.1^2) and an arm k, a point is (a, b), turned clockwise by
 * 2 pi k / 5 + exp(a) / 4, times 2.
 */
export const pinwheel: ToyDefinition = {
  sample: (draws) => {
    const a = 1 + RADIAL_SIGMA * draws.normal(0);
    const b = TANGENTIAL_SIGMA * draws.normal(1);
    const angle = (2 * Math.PI * draws.choice(ARMS, 2)) / ARMS + RATE * Math.exp(a);
    const cosine = Math.cos(angle);
    const sine = Math.sin(angle);
    return [SCALE * (a * cosine + b * sine), SCALE * (b * cosine - a * sine)];
  },
  logDensity: (x, y) => {
    const radius = Math.hypot(x, y) / SCALE;
    if (radius > FAR) return angularMean(radius) - Math.log(SCALE ** 2);
    // (a, b) = radius (cos phi, sin phi), for every direction phi that some arm turns to that of (x, y).
    const terms = directions(radius, Math.atan2(y, x)).map((phi) => {
      const a = radius * Math.cos(phi);
      const b = radius * Math.sin(phi);
      // The determinant of the twist (a, b) -> point is 1 + b d(angle)/da.
      return logFeatures(a, b) - Math.log(Math.abs(1 + b * RATE * Math.exp(a)));
    });
    return logSumExp(terms) - Math.log(ARMS * SCALE ** 2);
  },
  entropy: 2.317788,
};

/** log of the density of (a, b). */
function logFeatures(a: number, b: number): number {
  const exponent = ((a - 1) / RADIAL_SIGMA) ** 2 + (b / TANGENTIAL_SIGMA) ** 2;
  return -exponent / 2 - Math.log(2 * Math.PI * RADIAL_SIGMA * TANGENTIAL_SIGMA);
}

/**
 * All phi in (-pi, pi] with phi - RATE exp(radius cos phi) = theta modulo 2 pi / ARMS: the solutions of
 * winding(phi) = integer, found by bisection between the points where the winding turns back.
 */
function directions(radius: number, theta: number): number[] {
  const winding = (phi: number) =>
    ((phi - RATE * Math.exp(radius * Math.cos(phi)) - theta) * ARMS) / (2 * Math.PI);
  const ends = [-Math.PI, ...turningPoints(radius), Math.PI];
  const found: number[] = [];
  for (let piece = 0; piece + 1 < ends.length; piece++) {
    const start = ends[piece]!;
    const end = ends[piece + 1]!;
    const lowest = Math.min(winding(start), winding(end));
    const highest = Math.max(winding(start), winding(end));
    for (let integer = Math.floor(lowest) + 1; integer <= highest; integer++) {
      found.push(bisect((phi) => winding(phi) - integer, start, end));
    }
  }
  return found;
}

/**
 * Where the winding's derivative vanishes: with s = -phi, radius sin(s) exp(radius cos s) = 1 / RATE. The
 * left side rises from 0 and falls back to 0, highest where cos s = radius sin^2 s, so there are two such
 * points or none.
 */
function turningPoints(radius: number): number[] {
  const excess = (s: number) => radius * Math.sin(s) * Math.exp(radius * Math.cos(s)) - 1 / RATE;
  const highest = radius === 0 ? Math.PI / 2 : Math.acos((Math.sqrt(1 + 4 * radius ** 2) - 1) / (2 * radius));
  if (excess(highest) <= 0) return [];
  return [-bisect(excess, highest, Math.PI), -bisect(excess, 0, highest)];
}

/** A zero of f, which has different signs at both ends, to the last bit. */
function bisect(f: (x: number) => number, start: number, end: number): number {
  const startIsPositive = f(start) > 0;
  let middle = (start + end) / 2;
  while (start < middle && middle < end) {
    if (f(middle) > 0 === startIsPositive) start = middle;
    else end = middle;
    middle = (start + end) / 2;
  }
  return middle;
}

/**
 * log of the mean density over all directions: far out the arms wind up exponentially. All of the mass at
 * such a radius lies within a few TANGENTIAL_SIGMA / radius of direction 0.
 */
function angularMean(radius: number): number {
  const step = TANGENTIAL_SIGMA / radius / 4;
  const terms = Array.from({ length: 97 }, (_, i) => {
    const phi = (i - 48) * step;
    return logFeatures(radius * Math.cos(phi), radius * Math.sin(phi));
  });
  return logSumExp(terms) + Math.log(step / (2 * Math.PI));
}
