import type { Initialiser } from './parameters.ts';

/** First values of a parameter [k, n]: all 0. */
export const zeros: Initialiser = (_draws, { k, n }) => new Float64Array(k * n);

/** First values of a parameter [k, n]: all 1. */
export const ones: Initialiser = (_draws, { k, n }) => new Float64Array(k * n).fill(1);

/** First values of a parameter [k, n]: this number everywhere. */
export function filled(value: number): Initialiser {
  return (_draws, { k, n }) => new Float64Array(k * n).fill(value);
}

/**
 * First values of a parameter [k, n]: independent draws, uniform on (-bound, bound), which depend on the seed and the
 * parameter's name only.
 */
export function uniformWithin(bound: number): Initialiser {
  return (draws, { k, n }) => Float64Array.from({ length: k * n }, () => (2 * draws.uniform() - 1) * bound);
}

/**
 * First values of a parameter [k, n]: independent normal draws of mean 0 and this standard deviation, which depend on
 * the seed and the parameter's name only.
 */
export function normalOf(deviation: number): Initialiser {
  return (draws, { k, n }) => Float64Array.from({ length: k * n }, () => deviation * draws.normal());
}
