import { namedStream, uniform } from '../random/index.ts';

/**
 * The Russian roulette of a series (Kahn, 1955; residual flows: Chen, Behrmann, Duvenaud, Jacobsen, NeurIPS 2019, theorem
 * 1): it ends after N terms, N = 4 + a geometric number, and term k is divided by P(N >= k), so that the expected sum is
 * that of the whole series.
 */
const always = 4;

/**
 * P(N >= k + 1) / P(N >= k) beyond those. The variance is finite when the terms shrink faster than its root: by 0.92 each.
 */
const goOn = 0.85;

/** Nobody waits for more; P(N > 104) = 9e-8. */
const most = always + 100;

/** P(N >= k), the probability that a series drawn by roulette has its k-th term: 1 for k <= 4, else 0.85^(k - 4). */
export function reaches(k: number): number {
  return k <= always ? 1 : goOn ** (k - always);
}

/** The number of terms that a seed draws. */
export function termsOf(seed: number): number {
  const u = uniform(seed, namedStream('terms of a series'), 0);
  return Math.min(most, always + Math.floor(Math.log(u) / Math.log(goOn)));
}

/** The terms that every series drawn by roulette has: P(N >= 4) = 1. */
export const fewestTerms = always;
