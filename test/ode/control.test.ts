import { expect, test } from 'vitest';

import { factorAfterAccepted, factorAfterRejected } from '../../src/ode/control.ts';
import { piControl } from '../../src/ode/index.ts';

test('the constants of DOPRI5', () => {
  expect(piControl).toEqual({ safety: 0.9, minFactor: 0.2, maxFactor: 10, beta: 0.04 });
});

test('an accepted step, by hand', () => {
  // alpha = 1/5 - 0.75 * 0.04 = 0.17.
  expect(factorAfterAccepted(piControl, 5, 0.5, 0.25)).toBeCloseTo((0.9 * 0.25 ** 0.04) / 0.5 ** 0.17, 14);
  expect(factorAfterAccepted(piControl, 5, 1, 1)).toBeCloseTo(0.9, 14);
  expect(factorAfterAccepted(piControl, 5, 0, 1e-4)).toBe(10);
  expect(factorAfterAccepted(piControl, 5, 1e-9, 1e-4)).toBe(10);
  // Far from what the loop would hand over: the lower limit.
  expect(factorAfterAccepted(piControl, 5, 1, 1e-30)).toBe(0.2);
});

test('a rejected step, by hand', () => {
  expect(factorAfterRejected(piControl, 5, 2)).toBeCloseTo(0.9 / 2 ** 0.17, 14);
  expect(factorAfterRejected(piControl, 3, 2)).toBeCloseTo(0.9 / 2 ** (1 / 3 - 0.03), 14);
  expect(factorAfterRejected(piControl, 5, 1e30)).toBe(0.2);
  for (const error of [NaN, Infinity]) expect(factorAfterRejected(piControl, 5, error)).toBe(0.2);
});
