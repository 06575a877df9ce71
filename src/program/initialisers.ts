import type { Initialiser } from './parameters.ts';

/** First values: all 0. */
export const zeros: Initialiser = (_draws, { k, n }) => new Float64Array(k * n);

/** First values: all 1. */
export const ones: Initialiser = (_draws, { k, n }) => new Float64Array(k * n).fill(1);

/** The same number everywhere. */
export function filled(value: number): Initialiser {
  return (_draws, { k, n }) => new Float64Array(k * n).fill(value);
}

/** Uniform on (-bound, bound). */
export function uniformWithin(bound: number): Initialiser {
  return (draws, { k, n }) => Float64Array.from({ length: k * n }, () => (2 * draws.uniform() - 1) * bound);
}

/** Normal with mean 0 and this standard deviation. */
export function normalOf(deviation: number): Initialiser {
  return (draws, { k, n }) => Float64Array.from({ length: k * n }, () => deviation * draws.normal());
}
