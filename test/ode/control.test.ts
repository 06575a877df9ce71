import { describe, expect, test } from 'vitest';

import { factorAfterAccepted, factorAfterRejected } from '../../src/ode/control.ts';
import { controllers, integrate, piControl, tableaus } from '../../src/ode/index.ts';
import { distance, pendulum, riccati } from './problems.ts';

test('the constants of DOPRI5', () => {
  expect(piControl).toEqual({
    safety: 0.9,
    minFactor: 0.2,
    maxFactor: 10,
    beta: [0.85, -0.2, 0],
    rejection: 0.85,
  });
  expect(controllers.dopri5).toBe(piControl);
});

test('an accepted step, by hand', () => {
  // DOPRI5 writes alpha = 1/5 - 0.75 * 0.04 = 0.17 and beta = 0.04.
  const expected = (0.9 * 0.25 ** 0.04) / 0.5 ** 0.17;
  expect(factorAfterAccepted(piControl, 5, [0.5, 0.25, 1e-4])).toBeCloseTo(expected, 14);
  expect(factorAfterAccepted(piControl, 5, [1, 1, 1])).toBeCloseTo(0.9, 14);
  expect(factorAfterAccepted(piControl, 5, [0, 1e-4, 1])).toBe(10);
  expect(factorAfterAccepted(piControl, 5, [1e-9, 1e-4, 1])).toBe(10);
  expect(factorAfterAccepted(piControl, 5, [1, 1e-30, 1])).toBe(0.2);
  const pid = factorAfterAccepted(controllers.arkode, 4, [0.5, 0.25, 0.125]);
  expect(pid).toBeCloseTo(0.9 * 0.5 ** (-0.58 / 4) * 0.25 ** (0.21 / 4) * 0.125 ** (-0.1 / 4), 14);
});

test('a rejected step, by hand', () => {
  expect(factorAfterRejected(piControl, 5, 2)).toBeCloseTo(0.9 / 2 ** 0.17, 14);
  expect(factorAfterRejected(controllers.elementary, 3, 2)).toBeCloseTo(0.9 / 2 ** (1 / 3), 14);
  expect(factorAfterRejected(piControl, 5, 1e30)).toBe(0.2);
  for (const error of [NaN, Infinity]) expect(factorAfterRejected(piControl, 5, error)).toBe(0.2);
});

/**
 * In the limit the error follows the step sizes as e_n = h_n^k. A controller is stable when what it makes of that
 * recursion settles at e = safety^k..., from wherever it starts.
 */
describe.each(Object.entries(controllers))('%s', (_name, control) => {
  test.each([2, 5, 9])('settles on a smooth problem of order %i', (k) => {
    let h = 0.3;
    const errors: [number, number, number] = [0, 1e-4, 1e-4];
    for (let i = 0; i < 200; i++) {
      errors[0] = h ** k;
      h *= factorAfterAccepted(control, k, errors);
      errors[2] = errors[1];
      errors[1] = errors[0];
    }
    const sum = control.beta[0] + control.beta[1] + control.beta[2];
    expect(h).toBeCloseTo(control.safety ** (1 / sum), 6);
  });

  test('keeps the error near the tolerance', () => {
    for (const problem of [riccati, pendulum]) {
      const { field, y0, t0, t1 } = problem;
      const run = (tolerance: number) =>
        integrate(field, y0, t0, t1, {
          tableau: tableaus.dopri5,
          rtol: tolerance,
          atol: tolerance,
          maxSteps: 2000,
          control,
        });
      const outcome = run(1e-6);
      expect(outcome.status).toBe('ok');
      expect(outcome.rejected).toBeLessThan(outcome.steps / 2);
      expect(distance(outcome.y, run(1e-11).y)).toBeLessThan(5e-4);
    }
  });
});
