import { chooseEngine } from '../engine/index.ts';
import { LiouvilleError } from '../errors.ts';
import { batchOf } from '../flow/batch.ts';
import { seedOf } from '../flow/index.ts';
import type { Matrix } from '../matrix.ts';
import { namedStream } from '../random/index.ts';

/**
 * Zeros and ones, a one with the probability that the number in [0, 1] says, drawn by the seed (Salakhutdinov and Murray,
 * ICML 2008, for grey levels). Of one seed always the same: a static binarisation.
 *
 * @throws LiouvilleError 'invalid-data' for a number outside of [0, 1].
 */
export function binarise(x: Matrix, options: { readonly seed?: number } = {}): Matrix {
  const seed = seedOf(options.seed);
  const { data, rows, cols } = batchOf(x, 'x', { cols: x.cols });
  const draws = new Float64Array(data.length);
  chooseEngine('auto').fill('uniform', draws, seed, namedStream('binarisation'));
  for (let i = 0; i < data.length; i++) {
    const value = data[i]!;
    if (!(value >= 0 && value <= 1)) {
      throw new LiouvilleError(
        'invalid-data',
        `x: expected numbers from 0 to 1; row ${Math.floor(i / cols)}, column ${i % cols} is ${value}.`,
      );
    }
    data[i] = Number(draws[i]! < value);
  }
  return { data, rows, cols };
}
