import { describe, expect, it } from 'vitest';
import { boxMuller, cosineOfTurns, logOfUnit } from '../../src/random/box-muller.ts';
import { integerBelow } from '../../src/random/index.ts';

const UNIT = 2 ** -53;

describe('logOfUnit', () => {
  it('agrees with Math.log over all magnitudes', () => {
    let worst = 0;
    for (let i = 0; i < 50_000; i++) {
      const n = 1 + integerBelow(2 ** (1 + (i % 52)), 1, 1, i);
      for (const integer of [n, 2 ** 53 - n]) {
        const expected = Math.log(integer * UNIT);
        worst = Math.max(worst, Math.abs(logOfUnit(integer) / expected - 1));
      }
    }
    expect(worst).toBeLessThan(6e-16);
  });

  it('holds at the ends and beside the fold at sqrt(1/2)', () => {
    expect(logOfUnit(1)).toBe(Math.log(UNIT));
    expect(logOfUnit(2 ** 53 - 1)).toBe(-UNIT);
    const fold = Math.floor(Math.SQRT1_2 * 2 ** 53);
    for (const n of [fold - 1, fold, fold + 1]) expect(logOfUnit(n)).toBeCloseTo(-Math.LN2 / 2, 15);
  });
});

describe('cosineOfTurns', () => {
  it('agrees with Math.cos up to the rounding of 2 pi v', () => {
    for (let i = 0; i <= 4096; i++) {
      const v = i / 4096;
      expect(Math.abs(cosineOfTurns(v) - Math.cos(2 * Math.PI * v))).toBeLessThan(1e-15);
    }
  });

  it('is exact at quarter turns', () => {
    expect([0, 0.25, 0.5, 0.75, 1].map((v) => Math.abs(cosineOfTurns(v)))).toEqual([1, 0, 1, 0, 1]);
    expect(cosineOfTurns(0.5)).toBe(-1);
  });
});

describe('boxMuller', () => {
  it('reaches 8.57 and no further', () => {
    expect(boxMuller(1, 1)).toBeCloseTo(Math.sqrt(106 * Math.LN2), 12);
    expect(boxMuller(1, 2 ** 52 + 1)).toBeCloseTo(-Math.sqrt(106 * Math.LN2), 12);
    expect(Math.abs(boxMuller(2 ** 53 - 1, 1))).toBeLessThan(2e-8);
  });
});
