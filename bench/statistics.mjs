// Medians of repeated measurements, and the verdicts that follow.

/**
 * @typedef {object} Spread
 * @property {number} median
 * @property {number} least
 * @property {number} most
 */

/**
 * @param {readonly number[]} numbers at least one
 * @returns {Spread}
 */
export function spreadOf(numbers) {
  if (numbers.length === 0 || numbers.some((x) => !Number.isFinite(x))) {
    throw new Error(`expected finite numbers, at least one; got [${numbers.join(', ')}]`);
  }
  const sorted = numbers.toSorted((a, b) => a - b);
  const half = (sorted.length - 1) / 2;
  const [below, above] = [sorted[Math.floor(half)], sorted[Math.ceil(half)]];
  return {
    median: (Number(below) + Number(above)) / 2,
    least: Number(sorted[0]),
    most: Number(sorted.at(-1)),
  };
}

/**
 * The thread count with the lower median.
 *
 * @template T
 * @param {readonly { threads: T, seconds: Spread }[]} candidates at least one
 * @returns {{ threads: T, seconds: Spread }}
 */
export function fastest(candidates) {
  const [first, ...others] = candidates;
  if (first === undefined) throw new Error('expected at least one candidate');
  return others.reduce((best, other) => (other.seconds.median < best.seconds.median ? other : best), first);
}

/**
 * @param {number} value
 * @param {number | undefined} floor
 * @returns {boolean | null} null where nothing was promised
 */
export function isMet(value, floor) {
  return floor === undefined ? null : value >= floor;
}
