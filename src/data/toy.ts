import { LiouvilleError, unknownName } from '../errors.ts';
import type { Matrix } from '../matrix.ts';
import { namedStream } from '../random/index.ts';
import { rowDraws } from './toys/definition.ts';
import type { ToyDefinition } from './toys/definition.ts';
import { definitions } from './toys/index.ts';

/**
 * The two-dimensional toys of the FFJORD code (Grathwohl et al. 2019, lib/toy_data.py), and the word SIGGRAPH of
 * Jang's tutorial on normalizing flows (2018).
 */
export const toyNames: readonly string[] = Object.freeze(Object.keys(definitions));

/**
 * Draws `count` rows of a toy, [count, 2], in double precision: `toy.moons(1000, { seed: 1 })`. The seed, an
 * integer from 0 to 2^53 - 1, is 0 unless given. Rows are independent and identically distributed, and row i
 * depends on the seed and i only, so that fewer rows are the beginning of more. (The FFJORD code spaces
 * angles evenly instead and fixes how many points each circle gets; the distribution of a row is the same.)
 * Throws 'invalid-argument' for a count or seed that is none.
 */
export const toy: Record<string, (count: number, options?: { seed?: number }) => Matrix> = mapToys(
  (name) =>
    (count, { seed = 0 } = {}) =>
      sampleToy(name, count, seed, 0),
);

/**
 * The differential entropy of each toy in nats: what the mean negative log-likelihood of no model can go
 * below. By quadrature of -p log p over the plane, to 1e-6; ln 32 for the checkerboard.
 */
export const toyEntropy: Record<string, number> = mapToys((_, { entropy }) => entropy);

/**
 * The exact log-density of each toy in nats, at (x, y): in closed form, or by quadrature that is good to
 * 1e-10 on [-4.5, 4.5]^2 and loses digits far away from the data. -Infinity outside of the checkerboard's
 * squares and at infinity, NaN where a coordinate is NaN. Beyond radius 12 the pinwheel, whose arms wind up
 * without end, gives its mean over all directions.
 */
export const toyLogDensity: Record<string, (x: number, y: number) => number> = mapToys(
  (_, { logDensity }) =>
    (x, y) => {
      if (Number.isFinite(x) && Number.isFinite(y)) return logDensity(x, y);
      return Number.isNaN(x) || Number.isNaN(y) ? NaN : -Infinity;
    },
);

/**
 * Rows of a toy from one of its sets: sets are independent of each other. Set 0 is what `toy` draws from.
 * Throws 'unknown-name', 'invalid-argument'.
 */
export function sampleToy(name: string, count: number, seed: number, set: number): Matrix {
  const definition = Object.hasOwn(definitions, name) ? definitions[name] : undefined;
  if (definition === undefined) throw unknownName('toy', name, toyNames);
  if (!Number.isSafeInteger(count) || count < 0) {
    throw new LiouvilleError('invalid-argument', `count must be a non-negative integer; got ${count}.`);
  }
  const stream = namedStream(`toy.${name}`, set);
  const data = new Float64Array(2 * count);
  for (let row = 0; row < count; row++) data.set(definition.sample(rowDraws(seed, stream, row)), 2 * row);
  return { data, rows: count, cols: 2 };
}

function mapToys<T>(make: (name: string, definition: ToyDefinition) => T): Record<string, T> {
  return Object.freeze(
    Object.fromEntries(
      Object.entries(definitions).map(([name, definition]) => [name, make(name, definition)]),
    ),
  );
}
