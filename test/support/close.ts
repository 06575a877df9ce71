import { expect } from 'vitest';
import type { Precision } from '../../src/engine/index.ts';

export interface Closeness {
  /** The largest error that is let pass, relative to the size of the number, or of the largest one. */
  readonly relative: number;
  readonly precision: Precision;
  /** Relative to each number by itself. */
  readonly entrywise?: boolean | undefined;
  /** An error that is let pass besides, whatever the size of the number. */
  readonly absolute?: number | undefined;
}

/** What is left of a number that is too small for single precision depends on the machine. */
const smallest: Readonly<Record<Precision, number>> = { float32: 2 ** -126, float64: 2 ** -1022 };

/** Arrays of rows by name, compared number by number; NaN equals NaN, and infinities themselves. */
export function expectSameRows(
  actual: Readonly<Record<string, ArrayLike<number>>>,
  expected: Readonly<Record<string, ArrayLike<number>>>,
  closeness: Closeness,
): void {
  expect(Object.keys(actual).toSorted()).toEqual(Object.keys(expected).toSorted());
  for (const [name, numbers] of Object.entries(expected)) {
    expectClose(actual[name]!, numbers, closeness, name);
  }
}

export function expectClose(
  actual: ArrayLike<number>,
  expected: ArrayLike<number>,
  { relative, precision, entrywise = false, absolute = 0 }: Closeness,
  name: string,
): void {
  expect(actual.length, `${name}: how many numbers`).toBe(expected.length);
  const held = Array.from(expected, (x) => (precision === 'float32' ? Math.fround(x) : x));
  const largest = held.filter(Number.isFinite).reduce((most, x) => Math.max(most, Math.abs(x)), 0);
  const wrong = held.flatMap((x, i) => {
    const size = entrywise ? Math.abs(x) : largest;
    return same(actual[i]!, x) || Math.abs(actual[i]! - x) <= relative * size + absolute + smallest[precision]
      ? []
      : [`[${i}] is ${actual[i]}, expected ${x}`];
  });
  expect(wrong.slice(0, 5), `${name}: ${wrong.length} of ${held.length} numbers are wrong`).toEqual([]);
}

/** The same bits, any NaN being as good as another. */
export function expectSameBits(
  actual: Readonly<Record<string, ArrayLike<number>>>,
  expected: Readonly<Record<string, ArrayLike<number>>>,
): void {
  expect(Object.keys(actual).toSorted()).toEqual(Object.keys(expected).toSorted());
  for (const [name, numbers] of Object.entries(expected)) {
    const found = Array.from(actual[name]!);
    const wrong = found.findIndex((x, i) => !Object.is(x, numbers[i]));
    expect(found.length, `${name}: how many numbers`).toBe(numbers.length);
    expect(wrong, `${name}: ${found[wrong]} is not bit for bit ${numbers[wrong]}`).toBe(-1);
  }
}

/** Equal, with any NaN equal to any other. */
function same(a: number, b: number): boolean {
  return a === b || (Number.isNaN(a) && Number.isNaN(b));
}
