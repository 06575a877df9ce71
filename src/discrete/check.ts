import { LiouvilleError } from '../errors.ts';

/** Throws unless `indices` are the numbers 0 to n - 1, each once. */
export function checkPermutation(name: string, indices: readonly number[], n: number): readonly number[] {
  const sorted = Array.isArray(indices) ? indices.toSorted((a: number, b: number) => a - b) : [];
  if (sorted.length === n && sorted.every((x, i) => x === i)) return [...indices];
  throw new LiouvilleError(
    'invalid-argument',
    `${name}: expected the numbers from 0 to ${n - 1}, each once; got ${JSON.stringify(indices)}.`,
  );
}

/** Throws unless x is finite and above `least`. */
export function numberAbove(name: string, x: unknown, least: number): number {
  if (typeof x === 'number' && Number.isFinite(x) && x > least) return x;
  throw new LiouvilleError(
    'invalid-argument',
    `${name}: expected a finite number above ${least}; got ${String(x)}.`,
  );
}

/** The order that undoes a permutation. */
export function inverseOf(indices: readonly number[]): number[] {
  const result = Array.from(indices, () => 0);
  indices.forEach((from, to) => (result[from] = to));
  return result;
}
