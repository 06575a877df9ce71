import { describe, expect, test } from 'vitest';

import { solve, solveSteps, tableaus } from '../../src/ode/index.ts';
import { distance, pendulum, reversed, riccati, twoBodies } from './problems.ts';

const methods = Object.values(tableaus);

/** Riccati's equation that is smooth on the scale of these steps. */
const smooth = { ...riccati, t1: 4, y0: [1 / 2.5], exact: (t: number) => [1 / (2.5 - Math.sin(t))] };

/** The weights of Verner's interpolants are large and cancel, up to 7e5 in vern8: what rounding makes of a step. */
const rounding: Readonly<Record<string, number>> = {
  vern6: 3e-12,
  vern7: 3e-12,
  vern8: 1e-10,
  vern9: 3e-12,
};

describe.each(methods)('$name', (method) => {
  const { name, interpolant, errorOrder } = method;
  const fixed = (stepSize: number) => ({ solver: name, stepSize, dense: true, maxSteps: 100_000 });

  // The error of one step from the exact state is O(h^(order + 1)) everywhere within it.
  test(`its interpolant has order ${interpolant.order}`, () => {
    const errorOf = (h: number) => {
      let worst = 0;
      for (const start of [0.3, 1.1, 2.4]) {
        const { dense } = solve(smooth.field, smooth.exact(start), start, start + h, fixed(1.5 * h));
        for (const theta of [0.15, 0.4, 0.6, 0.85]) {
          const t = start + theta * h;
          worst = Math.max(worst, distance(dense!.at(t), smooth.exact(t)));
        }
      }
      return worst;
    };
    let slope = NaN;
    let [h, before] = [1.2, errorOf(1.2)];
    for (;;) {
      const error = errorOf(h / 1.5);
      if (error < (rounding[name] ?? 1e-12)) break;
      slope = Math.log(before / error) / Math.log(1.5);
      [h, before] = [h / 1.5, error];
    }
    expect(slope).toBeGreaterThan(interpolant.order + 0.5);
  });

  test('meets the steps, and does not change them', () => {
    for (const problem of [smooth, reversed({ ...smooth, t1: 4 }, smooth.exact(4))]) {
      const { field, y0, t0, t1 } = problem;
      const options = errorOrder === null ? { solver: name, stepSize: 0.1 } : { solver: name, rtol: 1e-4 };
      const plain = solve(field, y0, t0, t1, options);
      const { dense, y, steps } = solve(field, y0, t0, t1, { ...options, dense: true });
      expect(y).toEqual(plain.y);
      expect(steps).toBe(plain.steps);
      expect([dense!.t0, dense!.t1]).toEqual([t0, t1]);
      expect(dense!.at(t0)).toEqual(Float64Array.from(y0));
      expect(distance(dense!.at(t1), y)).toBeLessThan(1e-14);
      for (const { t, y: there } of solveSteps(field, y0, t0, t1, options)) {
        expect(distance(dense!.at(t), there)).toBeLessThan(1e-14);
      }
    }
  });
});

test('states at given times, stepped on or interpolated, forward and backward', () => {
  const { field, y0 } = pendulum;
  const times = [0, 0.1, 0.2, 0.2, 5, 9.99, 10];
  const tight = { solver: 'vern8', rtol: 1e-11, atol: 1e-11 };
  const onto = solve(field, y0, 0, 10, { ...tight, times });
  const through = solve(field, y0, 0, 10, { ...tight, times, interpolate: true });
  onto.at!.forEach((y, i) => expect(distance(y, through.at![i]!)).toBeLessThan(1e-8));
  expect(through.steps).toBe(solve(field, y0, 0, 10, tight).steps);
  const back = times.toReversed();
  const returned = solve(field, onto.y, 10, 0, { ...tight, times: back, interpolate: true });
  returned.at!.forEach((y, i) => expect(distance(y, onto.at!.at(-1 - i)!)).toBeLessThan(1e-6));
});

test('a time outside is refused', () => {
  const { dense } = solve(riccati.field, riccati.y0, 0, 1, { dense: true });
  expect(() => dense!.at(1.001)).toThrow(/t: expected a time from 0 to 1, got 1.001/);
  expect(() => dense!.at(NaN)).toThrow(expect.objectContaining({ code: 'invalid-argument' }));
  expect(solve(riccati.field, riccati.y0, 2, 2, { dense: true }).dense!.at(2)).toEqual(
    Float64Array.from(riccati.y0),
  );
});

test('step by step', () => {
  const { field, y0, exact } = twoBodies(0.2);
  let count = 0;
  for (const step of solveSteps(field, y0, 0, 100, { solver: 'vern7', rtol: 1e-10, atol: 1e-10 })) {
    const middle = (step.start + step.t) / 2;
    expect(distance(step.at(middle), exact!(middle))).toBeLessThan(1e-7);
    if (++count === 8) break;
  }
  expect(count).toBe(8);
  const nan = solveSteps((_t, _y, dydt) => dydt.fill(NaN), [1], 0, 1);
  expect(() => nan.next()).toThrow(expect.objectContaining({ code: 'numerical-failure' }));
  expect(() => solveSteps(field, y0, 0, 1, { solver: 'rk4' }).next()).toThrow(/stepSize/);
  expect(() => solveSteps(field, y0, 0, 1, { solver: 'odex' }).next()).toThrow(
    /^solver: expected one that goes/,
  );
  expect(() => solveSteps(field, y0, 0, 1, { solver: 'rk5' }).next()).toThrow(/^Unknown solver 'rk5'/);
});

test.each(['adams', 'rodas5p', 'kvaerno5'])('step by step with %s: the steps that solve takes', (solver) => {
  const { field, y0 } = twoBodies(0.2);
  const options = { solver, rtol: 1e-8, atol: 1e-8 };
  const { dense, steps } = solve(field, y0, 0, 5, { ...options, dense: true });
  let count = 0;
  for (const step of solveSteps(field, y0, 0, 5, options)) {
    const middle = (step.start + step.t) / 2;
    expect(step.at(middle)).toEqual(dense!.at(middle));
    count++;
  }
  expect(count).toBe(steps);
});
