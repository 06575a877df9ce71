import { LiouvilleError } from '../errors.ts';

/** The area under a receiver operating characteristic. */
export interface RocArea {
  /** The probability that a positive row has the higher score than a negative one, ties counting half. */
  readonly area: number;
  /** By DeLong; null where there are fewer than two rows of either kind. */
  readonly standardError: number | null;
  /** How many rows were positive. */
  readonly positives: number;
  /** How many were not. */
  readonly negatives: number;
}

/**
 * The area under the ROC curve (the statistic of Mann and Whitney) with the standard error of DeLong, DeLong and
 * Clarke-Pearson (Biometrics 44, 1988), from ranks (Sun and Xu, IEEE Signal Processing Letters 21, 2014). For anomalies by a
 * density the scores are -log p(x) and the positive rows the anomalies.
 *
 * @param scores one per row; infinite ones are fine.
 * @param positive 1 or true for a positive row, 0 or false for a negative one.
 * @throws LiouvilleError 'shape-mismatch' for arrays of two lengths, 'invalid-data' for a score that is NaN, for a label
 * that is none, and where one kind of rows is missing.
 */
export function rocArea(scores: ArrayLike<number>, positive: ArrayLike<number | boolean>): RocArea {
  if (scores.length !== positive.length) {
    throw new LiouvilleError(
      'shape-mismatch',
      `positive: expected ${scores.length} labels, one for each score; got ${positive.length}.`,
    );
  }
  const kinds: [negative: number[], positive: number[]] = [[], []];
  for (let row = 0; row < scores.length; row++) {
    const label = Number(positive[row]);
    if (label !== 0 && label !== 1) {
      throw new LiouvilleError(
        'invalid-data',
        `positive: expected zeros and ones; row ${row} is ${positive[row]}.`,
      );
    }
    if (Number.isNaN(scores[row])) {
      throw new LiouvilleError('invalid-data', `scores: expected numbers; row ${row} is NaN.`);
    }
    kinds[label].push(row);
  }
  const [negatives, positives] = kinds;
  const [n, m] = [negatives.length, positives.length];
  if (n === 0 || m === 0) {
    const missing = n === 0 ? 'negative' : 'positive';
    throw new LiouvilleError(
      'invalid-data',
      `positive: expected rows of both kinds; none of ${scores.length} is ${missing}.`,
    );
  }
  // Of a positive row: the share of negative ones below it. Its rank among all less that among its own counts them.
  const of = (rows: readonly number[]): number[] => Array.from(rows, (row) => scores[row]!);
  const among = ranks([...of(positives), ...of(negatives)]);
  const placements = (own: number[], first: number, others: number): number[] =>
    ranks(own).map((rank, i) => (among[first + i]! - rank) / others);
  const below = placements(of(positives), 0, n);
  const above = placements(of(negatives), m, m);
  const variance = spread(below) / m + spread(above) / n;
  return {
    area: below.reduce((sum, share) => sum + share, 0) / m,
    standardError: m > 1 && n > 1 ? Math.sqrt(variance) : null,
    positives: m,
    negatives: n,
  };
}

/** The places of numbers in their order, from 1; those that tie share the mean of theirs. */
function ranks(values: readonly number[]): number[] {
  const order = values
    .map((_, i) => i)
    .toSorted((a, b) => (values[a]! < values[b]! ? -1 : Number(values[a]! > values[b]!)));
  const result = Array<number>(values.length);
  for (let begin = 0; begin < order.length;) {
    let end = begin + 1;
    while (end < order.length && values[order[end]!] === values[order[begin]!]) end++;
    for (let i = begin; i < end; i++) result[order[i]!] = (begin + 1 + end) / 2;
    begin = end;
  }
  return result;
}

/** The sample variance. */
function spread(values: readonly number[]): number {
  const mean = values.reduce((a, b) => a + b, 0) / values.length;
  return values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (values.length - 1);
}
