import { describe, expect, it } from 'vitest';
import { fillNormal, fillRademacher, fillUniform } from '../../src/random/index.ts';

const COUNT = 40_000;
/** sqrt(n) D exceeds this with probability 0.001 under the hypothesis (Kolmogorov's distribution). */
const KOLMOGOROV_999 = 1.95;

describe('uniform draws', () => {
  const draws = new Float64Array(COUNT);
  fillUniform(draws, 20, 1);

  it('have the uniform distribution function', () => {
    expect(kolmogorovSmirnov(draws, (x) => x)).toBeLessThan(KOLMOGOROV_999);
  });

  it('are uncorrelated with their neighbours', () => {
    expect(Math.abs(lagOneCorrelation(draws))).toBeLessThan(3.3 / Math.sqrt(COUNT));
  });

  it('fill their last random bits evenly', () => {
    const ones = draws.filter((u) => Math.floor(u * 2 ** 52) % 2 === 1).length;
    expect(Math.abs(ones / COUNT - 0.5)).toBeLessThan(3.3 * 0.5 * COUNT ** -0.5);
  });
});

describe('normal draws', () => {
  const draws = new Float64Array(COUNT);
  fillNormal(draws, 20, 2);

  it('have the normal distribution function', () => {
    expect(kolmogorovSmirnov(draws, normalDistribution)).toBeLessThan(KOLMOGOROV_999);
  });

  it('have the first four moments of a standard normal', () => {
    // Standard errors of the means of z, z^2, z^3, z^4 are sqrt(1, 2, 15, 96) / sqrt(n).
    const expected = [0, 1, 0, 3];
    const variance = [1, 2, 15, 96];
    for (let power = 1; power <= 4; power++) {
      const mean = draws.reduce((sum, z) => sum + z ** power, 0) / COUNT;
      const error = Math.sqrt(variance[power - 1]! / COUNT);
      expect(Math.abs(mean - expected[power - 1]!), `moment ${power}`).toBeLessThan(3.3 * error);
    }
  });

  it('are uncorrelated with their neighbours and with the next stream', () => {
    const other = new Float64Array(COUNT);
    fillNormal(other, 20, 3);
    const product = draws.reduce((sum, z, i) => sum + z * other[i]!, 0) / COUNT;
    expect(Math.abs(product)).toBeLessThan(3.3 / Math.sqrt(COUNT));
    expect(Math.abs(lagOneCorrelation(draws))).toBeLessThan(3.3 / Math.sqrt(COUNT));
  });
});

describe('rademacher draws', () => {
  it('are 1 and -1, equally often, and uncorrelated', () => {
    const draws = new Float64Array(COUNT);
    fillRademacher(draws, 20, 4);
    expect(draws.every((value) => value === 1 || value === -1)).toBe(true);
    const mean = draws.reduce((sum, value) => sum + value, 0) / COUNT;
    expect(Math.abs(mean)).toBeLessThan(3.3 / Math.sqrt(COUNT));
    expect(Math.abs(lagOneCorrelation(draws))).toBeLessThan(3.3 / Math.sqrt(COUNT));
  });
});

/** sqrt(n) times the largest distance between the empirical and the given distribution function. */
function kolmogorovSmirnov(draws: Float64Array, distribution: (x: number) => number): number {
  const sorted = draws.toSorted();
  let largest = 0;
  sorted.forEach((x, i) => {
    const value = distribution(x);
    largest = Math.max(largest, value - i / sorted.length, (i + 1) / sorted.length - value);
  });
  return Math.sqrt(sorted.length) * largest;
}

function lagOneCorrelation(draws: Float64Array): number {
  const mean = draws.reduce((sum, value) => sum + value, 0) / draws.length;
  let covariance = 0;
  let variance = 0;
  for (let i = 0; i + 1 < draws.length; i++) {
    covariance += (draws[i]! - mean) * (draws[i + 1]! - mean);
    variance += (draws[i]! - mean) ** 2;
  }
  return covariance / variance;
}

/** 1/2 + phi(x) (x + x^3/3 + x^5/15 + ...): Marsaglia's series, accurate for |x| < 6. */
function normalDistribution(x: number): number {
  let term = x;
  let sum = x;
  for (let k = 3; Math.abs(term) > 1e-17; k += 2) {
    term *= (x * x) / k;
    sum += term;
  }
  return 0.5 + (sum * Math.exp(-0.5 * x * x)) / Math.sqrt(2 * Math.PI);
}
