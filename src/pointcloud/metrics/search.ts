import { Pauses } from '../../engine/pause.ts';
import { cloudCount } from '../clouds.ts';
import type { Clouds } from '../clouds.ts';
import { slicedBounds } from './bounds.ts';
import { compare } from './compare.ts';
import type { PairCounts } from './nearest.ts';
import type { MetricOptions } from './options.ts';

/** The fewest pairs of a batch, while there are so many: threads should not wait for the last few. */
const BATCH = 16;

/**
 * The search for the nearest neighbours of all clouds, where 0, ..., samples - 1 are of one set and the others of the other.
 * A pair is open until its distance is known, or known to be above the `#reach` of both clouds. Reaches only get
 * shorter, and every pair that is at most at the reach of one of its clouds in the end is solved, equal ones too.
 */
export class Search {
  readonly #clouds: Clouds;
  readonly #count: number;
  readonly #samples: number;
  /** Of pair i * count + j, i < j: a lower bound, and the distance, which is NaN until the pair is solved or given up. */
  readonly #lower: Float64Array;
  readonly #found: Float64Array;
  /** By cloud, the distance to the nearest cloud of its own set and of the other set that is known. */
  readonly #own: Float64Array;
  readonly #other: Float64Array;
  #solved = 0;
  #stopped = 0;

  constructor(clouds: Clouds, samples: number) {
    this.#clouds = clouds;
    this.#samples = samples;
    this.#count = cloudCount(clouds);
    this.#lower = new Float64Array(this.#count ** 2);
    this.#found = new Float64Array(this.#count ** 2).fill(Number.NaN);
    this.#own = new Float64Array(this.#count).fill(Infinity);
    this.#other = new Float64Array(this.#count).fill(Infinity);
  }

  async run(options: MetricOptions): Promise<void> {
    await this.#bound(options.signal);
    const { all } = this.counts();
    for (let batch = this.#nextBatch(); batch.length > 0; batch = this.#nextBatch()) {
      const before = this.#closed();
      const pairs = new Uint32Array(2 * batch.length);
      batch.forEach((pair, k) => pairs.set(this.#ends(pair), 2 * k));
      const distances = await compare('earth-mover', this.#clouds, this.#clouds, pairs, {
        ...options,
        limits: Float64Array.from(batch, (pair) => this.#limit(pair)),
        onProgress: (done) => options.onProgress?.(before + done, all),
      });
      batch.forEach((pair, k) => this.#learn(pair, distances[k]!));
    }
    options.onProgress?.(all, all);
  }

  /** Infinity for pairs that were not solved. */
  distance(i: number, j: number): number {
    if (i === j) return 0;
    const found = this.#found[this.#pair(i, j)]!;
    return Number.isNaN(found) ? Infinity : found;
  }

  counts(): PairCounts {
    return { all: (this.#count * (this.#count - 1)) / 2, solved: this.#solved, stopped: this.#stopped };
  }

  async #bound(signal: AbortSignal | undefined): Promise<void> {
    const bound = await slicedBounds(this.#clouds, signal);
    const pauses = new Pauses(signal);
    for (let i = 0; i < this.#count; i++) {
      for (let j = i + 1; j < this.#count; j++) this.#lower[this.#pair(i, j)] = bound(i, j);
      await pauses.maybe();
    }
  }

  /** For each cloud the pair of the smallest bound that is open, of either kind; more of each where these are few. */
  #nextBatch(): number[] {
    const batch = new Set<number>();
    let before: ReadonlySet<number>;
    do {
      before = new Set(batch);
      for (let i = 0; i < this.#count; i++) {
        for (const own of [false, true]) {
          const pair = this.#mostPromising(i, own, before);
          if (pair >= 0) batch.add(pair);
        }
      }
    } while (batch.size > before.size && batch.size < BATCH);
    return [...batch];
  }

  /** The open pair of cloud i with the smallest lower bound; -1 where none is left. */
  #mostPromising(i: number, own: boolean, except: ReadonlySet<number>): number {
    // Distances to the other set come first: they shorten the reach in the own set.
    if (own && this.#other[i] === Infinity) return -1;
    let [pair, least] = [-1, this.#reach(i, own)];
    const [first, end] = own === i < this.#samples ? [0, this.#samples] : [this.#samples, this.#count];
    for (let j = first; j < end; j++) {
      const candidate = this.#pair(i, j);
      const lower = this.#lower[candidate]!;
      if (j === i || lower > least || (lower === least && pair >= 0)) continue;
      if (Number.isNaN(this.#found[candidate]) && !except.has(candidate)) [pair, least] = [candidate, lower];
    }
    return pair;
  }

  #learn(pair: number, distance: number): void {
    this.#found[pair] = distance;
    if (distance === Infinity) {
      this.#stopped += 1;
      return;
    }
    this.#solved += 1;
    const ends = this.#ends(pair);
    const nearest = this.#isOwn(ends) ? this.#own : this.#other;
    for (const end of ends) nearest[end] = Math.min(nearest[end]!, distance);
  }

  /** How many pairs need not be looked at any more. */
  #closed(): number {
    let closed = 0;
    for (let i = 0; i < this.#count; i++) {
      for (let j = i + 1; j < this.#count; j++) {
        const pair = this.#pair(i, j);
        if (!Number.isNaN(this.#found[pair]) || this.#lower[pair]! > this.#limit(pair)) closed += 1;
      }
    }
    return closed;
  }

  /** A distance above this matters to neither cloud. */
  #limit(pair: number): number {
    const [i, j] = this.#ends(pair);
    const own = this.#isOwn([i, j]);
    return Math.max(this.#reach(i, own), this.#reach(j, own));
  }

  /** Of its own set a cloud needs only what is at least as near as the nearest of all. */
  #reach(i: number, own: boolean): number {
    return own ? Math.min(this.#own[i]!, this.#other[i]!) : this.#other[i]!;
  }

  #isOwn([i, j]: readonly [number, number]): boolean {
    return i < this.#samples === j < this.#samples;
  }

  #pair(i: number, j: number): number {
    return Math.min(i, j) * this.#count + Math.max(i, j);
  }

  #ends(pair: number): [number, number] {
    return [Math.floor(pair / this.#count), pair % this.#count];
  }
}
