import { LiouvilleError } from '../errors.ts';
import type { Matrix } from '../matrix.ts';
import { wholeNumber } from '../flow/index.ts';
import { namedStream, uniform } from '../random/index.ts';

/**
 * Uniform dequantisation (Uria, Murray, Larochelle, 2013; Theis, van den Oord, Bethge, ICLR 2016): whole numbers
 * 0 ... levels - 1 become (x + u) / levels in [0, 1), u uniform on [0, 1) by the seed. The log-density of the result bounds the
 * log-probability of the whole numbers from below, once it is taken to their scale: see `bitsPerDimension`.
 *
 * @throws LiouvilleError 'invalid-data' for a number that is not one of the levels.
 */
export function dequantise(x: Matrix, options: { readonly levels: number; readonly seed?: number }): Matrix {
  const levels = wholeNumber('levels', options.levels, 2, 2 ** 32);
  const seed = wholeNumber('seed', options.seed ?? 0, 0, Number.MAX_SAFE_INTEGER);
  const stream = namedStream('dequantisation');
  const data = Float64Array.from(x.data, (value, i) => {
    if (!Number.isInteger(value) || value < 0 || value >= levels) {
      throw new LiouvilleError(
        'invalid-data',
        `x: expected whole numbers from 0 to ${levels - 1}; row ${Math.floor(i / x.cols)}, column ${i % x.cols} is ${value}.`,
      );
    }
    return (value + uniform(seed, stream, i)) / levels;
  });
  return { data, rows: x.rows, cols: x.cols };
}

/**
 * -log2 p of the whole numbers, per feature, from the log-densities (nats) of rows that `dequantise` made:
 * (-logProb / dim + log levels) / log 2. A model that knows nothing but the range needs log2 levels.
 *
 * @throws LiouvilleError 'invalid-argument', naming the argument.
 */
export function bitsPerDimension(
  logProb: ArrayLike<number>,
  { dim, levels }: { readonly dim: number; readonly levels: number },
): number[] {
  wholeNumber('dim', dim, 1);
  wholeNumber('levels', levels, 2, 2 ** 32);
  return Array.from(logProb, (value) => (Math.log(levels) - value / dim) / Math.LN2);
}
