import { namedStream, permutation } from '../random/index.ts';

/** How many streams a name has; after that many epochs their orders come again. */
const EPOCH_STREAMS = 2 ** 21;

/**
 * Minibatches without replacement. Each epoch goes through all rows in an order of its own, which depends on
 * the seed and the number of the epoch only; the rows that are left at the end of an epoch, too few for a
 * batch, sit that epoch out. So batch `step` is the same however many were asked for before it.
 */
export class Batches {
  readonly size: number;
  readonly #rows: number;
  readonly #seed: number;
  readonly #perEpoch: number;
  #epoch = -1;
  #order: Uint32Array = new Uint32Array(0);

  /** `size` is cut down to the number of rows. */
  constructor(rows: number, size: number, seed: number) {
    this.size = Math.min(size, rows);
    this.#rows = rows;
    this.#seed = seed;
    this.#perEpoch = Math.floor(rows / this.size);
  }

  /** The row numbers of batch `step` = 0, 1, ... */
  at(step: number): Uint32Array {
    const epoch = Math.floor(step / this.#perEpoch);
    if (epoch !== this.#epoch) {
      this.#order = permutation(this.#rows, this.#seed, namedStream('train.epoch', epoch % EPOCH_STREAMS));
      this.#epoch = epoch;
    }
    const begin = (step % this.#perEpoch) * this.size;
    return this.#order.subarray(begin, begin + this.size);
  }
}
