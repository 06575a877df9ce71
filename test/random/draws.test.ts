import { describe, expect, it } from 'vitest';
import { LiouvilleError } from '../../src/errors.ts';
import {
  fillNormal,
  fillRademacher,
  fillUniform,
  integerBelow,
  normal,
  permutation,
  rademacher,
  uniform,
} from '../../src/random/index.ts';

const LARGEST = Number.MAX_SAFE_INTEGER;

/**
 * What a second implementation of the definition gives (integers of unlimited size, logarithm and cosine
 * to 40 digits, rounded once): [seed, stream, index, uniform, normal, rademacher, below 1000].
 */
const reference: [number, number, number, number, number, 1 | -1, number][] = [
  [0, 0, 0, 0.39904647887528244, -0.12151792298606522, 1, 750],
  [0, 0, 1, 0.9722411984516847, -0.08187422775686438, -1, 843],
  [5, 7, 0, 0.6043895677611218, 0.6485423115502035, -1, 475],
  [5, 7, 1, 0.25821395816698367, -1.0519112853346984, 1, 32],
  [LARGEST, 2 ** 52 + 7, LARGEST, 0.45796546860183873, 0.5447722236473377, 1, 83],
  [123456789012, 987654321, 4294967301, 0.8260992656370129, -0.20476116308393913, -1, 467],
];

describe('draws', () => {
  it.each(reference)(
    'follow their definition at (%d, %d, %d)',
    (seed, stream, index, u, z, sign, integer) => {
      expect(uniform(seed, stream, index)).toBe(u);
      expect(Math.abs(normal(seed, stream, index) - z)).toBeLessThan(4e-16 * (1 + Math.abs(z)));
      expect(rademacher(seed, stream, index)).toBe(sign);
      expect(integerBelow(1000, seed, stream, index)).toBe(integer);
    },
  );

  it('keep the bits of the normals', () => {
    // Any engine that fills normals has to give these 64-bit patterns, and so has any browser.
    const values = new Float64Array(6);
    fillNormal(values, 2026, 11, 2 ** 40);
    const bits = Array.from(new BigUint64Array(values.buffer), (word) => word.toString(16));
    expect(bits).toEqual([
      '4001f42871eb011f',
      'bfeccb61a2417758',
      'bfec4e86c19eccc9',
      'bfd10a7972db0c28',
      '40023628d2abe5f7',
      'bfda091be215f1c5',
    ]);
  });

  it('do not depend on which other draws are made', () => {
    const filled = new Float64Array(10);
    for (const [fill, single] of [
      [fillUniform, uniform],
      [fillNormal, normal],
      [fillRademacher, rademacher],
    ] as const) {
      fill(filled, 3, 4, 100);
      for (let i = 9; i >= 0; i--) expect(filled[i]).toBe(single(3, 4, 100 + i));
    }
  });

  it('differ in every 32-bit half of seed, stream and index', () => {
    const seen = new Set<number>();
    for (const value of [0, 1, 2 ** 32, 2 ** 32 + 1]) {
      seen
        .add(uniform(value, 0, 0))
        .add(uniform(0, value, 0))
        .add(uniform(0, 0, value));
    }
    expect(seen.size).toBe(3 * 3 + 1);
  });

  it('stay inside (0, 1) when narrowed to single precision', () => {
    const narrow = new Float32Array(1 << 16);
    const wide = new Float64Array(1 << 16);
    fillUniform(narrow, 1, 1);
    fillUniform(wide, 1, 1);
    expect(Math.max(...narrow)).toBeLessThan(1);
    expect(Math.min(...narrow)).toBeGreaterThan(0);
    expect(narrow.every((value, i) => Math.abs(value - wide[i]!) <= 2 ** -24)).toBe(true);
  });
});

describe('integerBelow', () => {
  it('goes on to further words, then to further blocks, when it must reject', () => {
    // n just above 2^52 rejects almost every second candidate.
    const n = 2 ** 52 + 12345;
    expect(integerBelow(n, 3, 9, 4)).toBe(4436185222856782); // the second pair of words
    expect(integerBelow(n, 3, 9, 5)).toBe(4423538263928624); // another block
    expect(integerBelow(n, 3, 9, 8)).toBe(3899504581011048);
  });

  it('has no bias that 60,000 draws below 6 would show', () => {
    const counts = new Float64Array(6);
    for (let i = 0; i < 60_000; i++) counts[integerBelow(6, 17, 0, i)]! += 1;
    const chiSquare = counts.reduce((sum, count) => sum + (count - 10_000) ** 2 / 10_000, 0);
    expect(chiSquare).toBeLessThan(20.5); // the 0.999 quantile with 5 degrees of freedom
  });

  it('covers the whole range when n is near 2^53', () => {
    const draws = Array.from({ length: 1000 }, (_, i) => integerBelow(LARGEST, 1, 2, i) / LARGEST);
    expect(Math.min(...draws)).toBeLessThan(0.01);
    expect(Math.max(...draws)).toBeGreaterThan(0.99);
  });
});

describe('permutation', () => {
  it('is the Fisher-Yates shuffle of the definition', () => {
    expect([...permutation(10, 1, 2)]).toEqual([0, 3, 8, 6, 2, 1, 9, 5, 4, 7]);
    expect([...permutation(0, 1, 2)]).toEqual([]);
    expect([...permutation(1, 1, 2)]).toEqual([0]);
  });

  it('holds every index once', () => {
    expect([...permutation(1000, 5, 6)].toSorted((a, b) => a - b)).toEqual(
      Array.from({ length: 1000 }, (_, i) => i),
    );
  });

  it('takes all 24 orders of 4 equally often', () => {
    const counts = new Map<string, number>();
    for (let seed = 0; seed < 24_000; seed++) {
      const order = permutation(4, seed, 0).join('');
      counts.set(order, (counts.get(order) ?? 0) + 1);
    }
    let chiSquare = 0;
    for (const count of counts.values()) chiSquare += (count - 1000) ** 2 / 1000;
    expect(counts.size).toBe(24);
    expect(chiSquare).toBeLessThan(49.7); // the 0.999 quantile with 23 degrees of freedom
  });
});

describe('arguments out of range', () => {
  const misuse: [string, RegExp, () => unknown][] = [
    ['a negative seed', /^seed must be an integer from 0 to 2\^53 - 1; got -1\./, () => uniform(-1, 0, 0)],
    ['a fractional stream', /^stream .* got 0\.5\./, () => normal(0, 0.5, 0)],
    ['an index beyond 2^53', /^index .* got 9007199254740992\./, () => rademacher(0, 0, 2 ** 53)],
    ['a NaN seed', /^seed .* got NaN\./, () => fillNormal(new Float64Array(1), NaN, 0)],
    ['a fill past the last index', /beyond index/, () => fillUniform(new Float64Array(2), 0, 0, LARGEST)],
    ['an empty range', /^n must be .* got 0\./, () => integerBelow(0, 0, 0, 0)],
    ['a permutation of 2^32', /^n must be .* got 4294967296\./, () => permutation(2 ** 32, 0, 0)],
    ['a permutation with a bad seed', /^seed /, () => permutation(1, 1.5, 0)],
  ];

  it.each(misuse)('%s', (_name, message, call) => {
    expect(call).toThrow(LiouvilleError);
    expect(call).toThrow(message);
  });
});
