import { integerBelow, normal, uniform } from '../../random/index.ts';

/** A two-dimensional toy density: how a point is drawn, and how likely it is. */
export interface ToyDefinition {
  /** One point, from the random numbers of one row. */
  sample: (draws: RowDraws) => readonly [number, number];
  /** Natural logarithm of the density; -Infinity outside of a bounded support. */
  logDensity: (x: number, y: number) => number;
  /** The differential entropy -E[log p], in nats: the integral over the plane, by quadrature, rounded to 1e-6. */
  entropy: number;
}

/** The random numbers of one row. Every number that a point needs has its own slot, from 0 to 7. */
export interface RowDraws {
  /** Uniform on (0, 1). */
  uniform: (slot: number) => number;
  /** Standard normal. */
  normal: (slot: number) => number;
  /** Uniform on 0, ..., n - 1. */
  choice: (n: number, slot: number) => number;
}

/** What `make` makes, made when it is first asked for: quadrature tables would slow down every import. */
export function once<T extends object>(make: () => T): () => T {
  let made: T | undefined;
  return () => (made ??= make());
}

const SLOTS = 8;

/** The random numbers of a row: slot j of row i is draw 8 i + j of the stream. */
export function rowDraws(seed: number, stream: number, row: number): RowDraws {
  const first = SLOTS * row;
  return {
    uniform: (slot) => uniform(seed, stream, first + slot),
    normal: (slot) => normal(seed, stream, first + slot),
    choice: (n, slot) => integerBelow(n, seed, stream, first + slot),
  };
}
