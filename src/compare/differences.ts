import type { Difference } from './results.ts';
import { meanOf, twoSidedP } from './statistics.ts';

/** A model's log-likelihoods of the same test rows, one array for each seed that did not fail. */
export interface Contender {
  readonly name: string;
  readonly bySeed: ReadonlyMap<number, Float64Array>;
}

/**
 * Every pair of models, compared on the rows and seeds that both have. The rows are the same for both, so that what makes
 * a row easy or hard falls out of the difference, and its standard error is far below those of the two means.
 */
export function differencesOf(contenders: readonly Contender[]): Difference[] {
  return contenders.flatMap((a, i) => contenders.slice(i + 1).flatMap((b) => difference(a, b) ?? []));
}

function difference(a: Contender, b: Contender): Difference | null {
  const seeds = [...a.bySeed.keys()].filter((seed) => b.bySeed.has(seed));
  if (seeds.length === 0) return null;
  const bySeed = seeds.map((seed) => {
    const other = b.bySeed.get(seed)!;
    return a.bySeed.get(seed)!.map((value, row) => value - other[row]!);
  });
  // Each row's difference, averaged over the seeds.
  const byRow = bySeed[0]!.map((_, row) => meanOf(bySeed.map((rows) => rows[row]!)).mean);
  const { mean, standardError } = meanOf(byRow);
  const seedStandardError = meanOf(bySeed.map((rows) => meanOf(rows).mean)).standardError;
  const rowVariance = (standardError ?? NaN) ** 2;
  const seedVariance = (seedStandardError ?? 0) ** 2;
  const variance = rowVariance + seedVariance;
  // Welch and Satterthwaite: with few seeds their spread is itself known badly.
  const parts = rowVariance ** 2 / (byRow.length - 1) + seedVariance ** 2 / Math.max(1, seeds.length - 1);
  return {
    a: a.name,
    b: b.name,
    mean,
    standardError: standardError ?? NaN,
    seedStandardError,
    pValue:
      variance === 0 ? Number(mean === 0) : twoSidedP(mean / Math.sqrt(variance), variance ** 2 / parts),
  };
}
