import { expect, test } from 'vitest';

import { tableaus } from '../../src/ode/index.ts';
import type { OdeField } from '../../src/ode/index.ts';
import { initialStep } from '../../src/ode/initial-step.ts';
import { Stepper } from '../../src/ode/stepper.ts';
import { Tolerance } from '../../src/ode/tolerance.ts';

/** The first step from t = 1, and the times at which the field was asked. */
function first(field: OdeField, y0: number[], end: number, rtol: number, atol: number) {
  const times: number[] = [];
  const spied: OdeField = (t, y, dydt) => {
    times.push(t);
    field(t, y, dydt);
  };
  const stepper = new Stepper(tableaus.dopri5, spied, y0, 1);
  stepper.begin();
  const h = initialStep(stepper, end, new Tolerance(y0.length, rtol, atol));
  return { h, times };
}

const decay: OdeField = (_t, y, dydt) => {
  y.forEach((value, i) => (dydt[i] = -value));
};

test('the published algorithm, by hand', () => {
  // |y0| = |f0| = 3, the tolerance 1 + 3: d0 = d1 = 0.75 and h0 = 0.01. The slope changes by 0.03, d2 = 0.75.
  // The step is (0.01 / 0.75)^(1/5), less than 100 h0 = 1.
  for (const end of [11, -9]) {
    const sign = Math.sign(end);
    const { h, times } = first(decay, [3, -3, 3], end, 1, 1);
    expect(h).toBeCloseTo((0.01 / 0.75) ** 0.2, 12);
    expect(times).toEqual([1, 1 + sign * 0.01]);
  }
  // With d0 = 0.5 and d1 = 50 the first guess is h0 = 1e-4, and 100 h0 the smaller one.
  const steep: OdeField = (_t, _y, dydt) => dydt.fill(100);
  expect(first(steep, [1], 11, 1, 1).h).toBeCloseTo(0.01, 12);
});

test('nothing to go by: no state, no slope, or a slope that does not change', () => {
  const resting: OdeField = (_t, _y, dydt) => dydt.fill(0);
  expect(first(resting, [1], 11, 1e-3, 1e-3)).toEqual({ h: 1e-6, times: [1, 1 + 1e-6] });
  expect(first(decay, [0], 11, 1e-3, 1e-3).h).toBe(1e-6);
});

test('it does not lead beyond the end, and the field is not tried there', () => {
  for (const end of [1 + 1e-9, 1 - 1e-9, 1.005, 1.00995]) {
    const { h, times } = first(decay, [1], end, 1, 1);
    expect(h).toBe(Math.abs(end - 1));
    expect(times).toEqual([1, end]);
  }
});

test('a trial that leaves the domain of the field makes it careful', () => {
  const root: OdeField = (t, _y, dydt) => dydt.fill(Math.sqrt(1.005 - t));
  const d1 = Math.sqrt(0.005) / 2;
  const h0 = (0.01 * 0.5) / d1;
  expect(first(root, [1], 11, 1, 1).h).toBeCloseTo(h0 / 100, 12);
});

test('norms that overflow', () => {
  expect(first(decay, [1e200], 11, 1e-200, 1e-200)).toEqual({ h: 1e-6, times: [1] });
});
