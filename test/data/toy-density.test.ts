import { describe, expect, it } from 'vitest';
import { toyEntropy, toyLogDensity, toyNames } from '../../src/data/index.ts';
import { logBesselI0 } from '../../src/data/toys/bessel.ts';
import { blurredPoints, logSumExp } from '../../src/data/toys/blur.ts';
import { logErfDifference } from '../../src/data/toys/error-function.ts';
import { writeWord } from '../../src/data/toys/letters.ts';
import { gaussLegendre } from '../../src/data/toys/quadrature.ts';

interface Integrals {
  mass: number;
  entropy: number;
}
type Density = (x: number, y: number) => number;

/** p and -p log p over [-half, half]^2 by the midpoint rule, which converges exponentially for such densities. */
function overSquare(logDensity: Density, half: number, step: number): Integrals {
  return overRectangle(logDensity, half, half, step);
}

function overRectangle(logDensity: Density, halfWidth: number, halfHeight: number, step: number): Integrals {
  const totals = { mass: 0, entropy: 0 };
  for (let x = -halfWidth + step / 2; x < halfWidth; x += step) {
    for (let y = -halfHeight + step / 2; y < halfHeight; y += step)
      add(totals, logDensity(x, y), step * step);
  }
  return totals;
}

/** The same over a disc, for a density that turning by 1/symmetry of a full turn does not change. */
function overDisc(
  logDensity: Density,
  radius: number,
  radii: number,
  symmetry: number,
  angles: number,
): Integrals {
  const { nodes, weights } = gaussLegendre(radii, 0, radius);
  const totals = { mass: 0, entropy: 0 };
  nodes.forEach((r, i) => {
    for (let k = 0; k < angles; k++) {
      const angle = (2 * Math.PI * k) / (symmetry * angles);
      const area = weights[i]! * ((2 * Math.PI * r) / angles);
      add(totals, logDensity(r * Math.cos(angle), r * Math.sin(angle)), area);
    }
  });
  return totals;
}

function add(totals: Integrals, logDensity: number, area: number): void {
  if (logDensity === -Infinity) return;
  const mass = Math.exp(logDensity) * area;
  totals.mass += mass;
  totals.entropy -= mass * logDensity;
}

const integrals: Record<string, (logDensity: Density) => Integrals> = {
  moons: (p) => overSquare(p, 5, 0.1),
  circles: (p) => overDisc(p, 6, 100, 1, 1),
  rings: (p) => overDisc(p, 5, 200, 1, 1),
  pinwheel: (p) => overDisc(p, 7, 120, 5, 32),
  swissroll: (p) => overSquare(p, 4.8, 0.1),
  '8gaussians': (p) => overDisc(p, 7, 60, 8, 16),
  checkerboard: (p) => overSquare(p, 5, 0.5),
  '2spirals': (p) => overSquare(p, 4.2, 0.07),
  siggraph: (p) => overRectangle(p, 4.4, 1.4, 0.04),
};

/** What the FFJORD toys are said to have elsewhere, each within a few thousandths. */
const published: Record<string, number> = {
  moons: 2.396,
  circles: 3.268,
  rings: 2.629,
  pinwheel: 2.317,
  swissroll: 2.669,
  '8gaussians': 2.831,
  checkerboard: 3.4657,
  '2spirals': 2.64,
};

describe.each(toyNames)('the density of %s', (name) => {
  it('integrates to 1 and has the stated entropy', () => {
    const { mass, entropy } = integrals[name]!(toyLogDensity[name]!);
    expect(Math.abs(mass - 1)).toBeLessThan(1e-6);
    expect(Math.abs(entropy - toyEntropy[name]!)).toBeLessThan(2e-6);
    if (name in published) expect(Math.abs(entropy - published[name]!)).toBeLessThan(0.007);
  });

  it('is defined everywhere', () => {
    const density = toyLogDensity[name]!;
    expect(density(NaN, 0)).toBeNaN();
    expect(density(0, NaN)).toBeNaN();
    expect(density(Infinity, 0)).toBe(-Infinity);
    for (const far of [11.9, 12.1, 40, 1e4]) {
      const value = density(far, -far);
      if (name === 'checkerboard') expect(value).toBe(-Infinity);
      else expect(value).toBeLessThan(-100);
    }
    expect(density(1e200, 1e200)).toBe(-Infinity);
  });
});

describe('densities at points that can be worked out by hand', () => {
  it('8gaussians at the origin and at a centre', () => {
    const variance = (0.5 / 1.414) ** 2;
    const atOrigin = -((4 / 1.414) ** 2) / (2 * variance) - Math.log(2 * Math.PI * variance);
    expect(toyLogDensity['8gaussians']!(0, 0)).toBeCloseTo(atOrigin, 10);
    // The neighbouring centres add exp(-18.7) and less.
    expect(toyLogDensity['8gaussians']!(4 / 1.414, 0)).toBeCloseTo(-Math.log(16 * Math.PI * variance), 7);
  });

  it('rings at the origin', () => {
    const variance = 0.08 ** 2;
    const terms = [0.75, 1.5, 2.25, 3].map((radius) => Math.exp(-(radius ** 2 - 0.75 ** 2) / (2 * variance)));
    const expected = Math.log(terms.reduce((a, b) => a + b) / 4) - 0.75 ** 2 / (2 * variance);
    expect(toyLogDensity['rings']!(0, 0)).toBeCloseTo(expected - Math.log(2 * Math.PI * variance), 9);
  });

  it('checkerboard inside and outside of a square, and on its edges', () => {
    const density = toyLogDensity['checkerboard']!;
    expect(density(1, 1)).toBe(-Math.log(32));
    expect(density(3, 3)).toBe(-Math.log(32));
    expect(density(-1, -1)).toBe(-Math.log(32));
    expect(density(1, 3)).toBe(-Infinity);
    expect(density(-1, 1)).toBe(-Infinity);
    expect(density(0, 0)).toBe(-Math.log(32));
    expect(density(4, 0)).toBe(-Infinity);
  });

  it('pinwheel is the same for every arm, and scattered points are mapped back onto their features', () => {
    const density = toyLogDensity['pinwheel']!;
    const turn = (2 * Math.PI) / 5;
    const here = density(2.1, 0.4);
    for (let arm = 1; arm < 5; arm++) {
      const c = Math.cos(arm * turn);
      const s = Math.sin(arm * turn);
      expect(density(2.1 * c - 0.4 * s, 2.1 * s + 0.4 * c)).toBeCloseTo(here, 9);
    }
    // The centre of the arm k = 0, where a = 1 and b = 0; other arms are 20 standard deviations away.
    const angle = Math.E / 4;
    const expected = -Math.log(2 * Math.PI * 0.03) - Math.log(5 * 4);
    expect(density(2 * Math.cos(angle), -2 * Math.sin(angle))).toBeCloseTo(expected, 6);
  });

  it('pinwheel goes over to its angular mean without a jump beyond its ripples', () => {
    const density = toyLogDensity['pinwheel']!;
    let inside = 0;
    for (let k = 0; k < 200; k++) {
      const angle = (k * 2 * Math.PI) / 200;
      inside += Math.exp(density(11.999 * Math.cos(angle), 11.999 * Math.sin(angle)) + 140) / 200;
    }
    expect(Math.log(inside)).toBeCloseTo(density(12.001, 0) + 140, 0);
  });
});

/** By integration of the definitions with 30 digits: name, x, y, log-density. */
const reference: [string, number, number, number][] = [
  ['moons', 0.5, -0.25, -5.749846008074623],
  ['moons', 2, 1, -16.02760789652402],
  ['moons', -3, 3.5, -63.03919688979278],
  ['swissroll', 0.5, -0.25, -5.598674768046944],
  ['swissroll', 2, 1, -4.133634426894253],
  ['swissroll', -3, 3.5, -106.9998617380161],
  ['2spirals', 0.5, -0.25, -9.64245781230129],
  ['2spirals', 2, 1, -9.096878693904278],
  ['rings', 0.5, -0.25, -4.030400637268443],
  ['rings', 2, 1, -2.440210952324046],
  ['rings', -3, 3.5, -205.3812366450677],
];

describe('densities by quadrature', () => {
  it.each(reference)('%s at (%d, %d)', (name, x, y, expected) => {
    expect(Math.abs(toyLogDensity[name]!(x, y) - expected)).toBeLessThan(1e-10);
  });
});

describe('siggraph', () => {
  it('agrees with quadrature along its strokes', () => {
    const strokes = writeWord('SIGGRAPH', 2, 0.3);
    const pieces = strokes.flatMap((stroke) => stroke.slice(1).map((end, i) => [stroke[i]!, end] as const));
    const lengths = pieces.map(([[x, y], [toX, toY]]) => Math.hypot(toX - x, toY - y));
    const whole = lengths.reduce((a, b) => a + b);
    const points = pieces.flatMap(([[x, y], [toX, toY]], i) => {
      const { nodes, weights } = gaussLegendre(10 + Math.ceil(lengths[i]! / 0.01), 0, 1);
      return Array.from(nodes, (t, k) => ({
        x: x + t * (toX - x),
        y: y + t * (toY - y),
        weight: (weights[k]! * lengths[i]!) / whole,
      })).filter(({ weight }) => weight > 0);
    });
    const independent = blurredPoints(points, 0.05);
    const places = [
      [0, 0],
      [-3.6, 1],
      [-2.9, -1.2],
      [1.4, 0.9],
      [3.3, 0.05],
      [0.7, 0.6],
      [-3.1, 0.02],
      [4.4, 1.4],
    ];
    for (const [x, y] of places) {
      const expected = independent(x!, y!);
      const error = Math.abs(toyLogDensity['siggraph']!(x!, y!) - expected);
      expect(error, `${x}, ${y}: ${expected}`).toBeLessThan(1e-10 * (1 + Math.abs(expected)));
    }
  });
});

describe('numerical tools', () => {
  it('logErfDifference keeps its digits everywhere', () => {
    // 60 digits by multiple precision.
    const table: [number, number, number][] = [
      [-1, 1, 0.52200386531890435],
      [0, 0.5, -0.65296562567633116],
      [1.9, 2.1, -5.4655286743096678],
      [2.5, 2.6, -8.6743289835869261],
      [-3, -2.9, -10.870683175242923],
      [5, 9, -27.200889545537434],
      [30, 31, -903.97411711064388],
      [-100, -99.5, -9905.4225730844894],
    ];
    for (const [a, b, expected] of table) {
      expect(Math.abs(logErfDifference(a, b) - expected), `${a}, ${b}`).toBeLessThan(
        1e-13 * (1 + Math.abs(expected)),
      );
    }
    expect(logErfDifference(1e200, 1e201)).toBe(-Infinity);
  });

  it('logBesselI0 has the tabulated values on both sides of its seam', () => {
    // 20 digits by multiple precision: log I_0(x).
    const table: [number, number][] = [
      [0, 0.0],
      [1, 0.23591435850717865],
      [10, 7.9429720831186956],
      [24.9, 22.378752955946688],
      [25.1, 22.574711224613927],
      [100, 96.779732689942584],
      [1406, 1401.4568983669438],
    ];
    for (const [x, expected] of table)
      expect(Math.abs(logBesselI0(x) - expected)).toBeLessThan(2e-15 * (1 + expected));
  });

  it('gaussLegendre is exact for polynomials of degree 2n - 1', () => {
    for (const n of [1, 2, 5, 12]) {
      const { nodes, weights } = gaussLegendre(n, -1, 2);
      for (let degree = 0; degree < 2 * n; degree++) {
        const sum = nodes.reduce((total, x, i) => total + weights[i]! * x ** degree, 0);
        const exact = (2 ** (degree + 1) - (-1) ** (degree + 1)) / (degree + 1);
        expect(Math.abs(sum / exact - 1), `n ${n}, degree ${degree}`).toBeLessThan(1e-13);
      }
    }
  });

  it('gaussLegendre keeps its precision with many nodes', () => {
    const { nodes, weights } = gaussLegendre(400, 0, 1);
    expect(weights.reduce((a, b) => a + b)).toBeCloseTo(1, 13);
    expect(nodes.reduce((sum, x, i) => sum + weights[i]! * Math.cos(50 * x), 0)).toBeCloseTo(
      Math.sin(50) / 50,
      13,
    );
    expect(nodes.every((x) => x > 0 && x < 1)).toBe(true);
  });

  it('logSumExp neither overflows nor underflows', () => {
    expect(logSumExp([1000, 1000])).toBeCloseTo(1000 + Math.LN2, 12);
    expect(logSumExp([-1000, -2000])).toBe(-1000);
    expect(logSumExp([-Infinity, 0])).toBe(0);
    expect(logSumExp([-Infinity])).toBe(-Infinity);
    expect(logSumExp([])).toBe(-Infinity);
  });
});
