import { describe, expect, test } from 'vitest';

import { solve, tableaus } from '../../src/ode/index.ts';
import type { OdeField } from '../../src/ode/index.ts';
import { Tolerance } from '../../src/ode/tolerance.ts';
import { pendulum } from './problems.ts';

const ratios = Float64Array.of(3, -4, 0);

describe('the norms, by hand', () => {
  test.each([
    ['rms', Math.sqrt(25 / 3)],
    ['max', 4],
    [{ kind: 'rms', weights: [2, 1, 1] }, Math.sqrt(52 / 3)],
    [{ kind: 'max', weights: [2, 1, 1] }, 6],
    [{ kind: 'rms', weights: [1, 0, 0] }, 3],
    [{ kind: 'max', weights: [0, 0, 1] }, 0],
  ] as const)('%o', (norm, expected) => {
    expect(new Tolerance(3, 1, 1, norm).normOfRatios(ratios)).toBeCloseTo(expected, 14);
  });

  test('what is not finite is seen, also where it does not count', () => {
    for (const norm of ['rms', 'max', { kind: 'max', weights: [1, 0, 1] }] as const) {
      const tolerance = new Tolerance(3, 1, 1, norm);
      expect(tolerance.normOfRatios(Float64Array.of(0, NaN, 0))).toBeNaN();
      expect(tolerance.normOfRatios(Float64Array.of(0, Infinity, 0))).toBe(Infinity);
    }
  });

  test('scales', () => {
    const tolerance = new Tolerance(2, [0.1, 0.2], [1, 2]);
    expect(tolerance.scale(1, 10)).toBe(4);
    expect(tolerance.norm(Float64Array.of(2, 0), Float64Array.of(10, 0))).toBeCloseTo(Math.sqrt(0.5), 14);
  });
});

/** A slow component, and a fast one that it does not need. */
const two: OdeField = (t, y, dydt) => {
  dydt[0] = -y[0]!;
  dydt[1] = 300 * Math.cos(300 * t);
};

test('a seminorm does not pay for what does not count', () => {
  const steps = (weights: number[]) =>
    solve(two, [1, 0], 0, 2, { rtol: 1e-6, atol: 1e-6, norm: { kind: 'rms', weights } }).steps;
  expect(steps([1, 0])).toBeLessThan(30);
  expect(steps([1, 1])).toBeGreaterThan(500);
});

test('the maximum asks for more than the mean', () => {
  const { field, y0 } = pendulum;
  const steps = (norm: 'rms' | 'max') => solve(field, y0, 0, 10, { norm }).steps;
  expect(steps('max')).toBeGreaterThan(steps('rms'));
});

test('relative tolerances for each component', () => {
  const steps = (rtol: number | number[]) =>
    solve(two, [1, 0], 0, 2, { rtol, atol: 1e-12, maxSteps: 1e6 }).steps;
  expect(steps([1e-3, 1e-3])).toBe(steps(1e-3));
  expect(steps([1e-3, 1e-8])).toBeGreaterThan(steps(1e-3));
});

test.each([
  [{ rtol: [1e-3] }, 'shape-mismatch'],
  [{ rtol: [1e-3, 0] }, 'invalid-argument'],
  [{ norm: 'l1' }, 'invalid-argument'],
  [{ norm: { kind: 'rms', weights: [1] } }, 'shape-mismatch'],
  [{ norm: { kind: 'rms', weights: [1, -1] } }, 'invalid-argument'],
  [{ norm: { kind: 'rms', weights: [0, 0] } }, 'invalid-argument'],
])('%o is refused', (options, code) => {
  expect(() => solve(two, [1, 0], 0, 1, options as object)).toThrow(expect.objectContaining({ code }));
});

describe('stiffness', () => {
  /** y' = rate (cos t - y) follows cos t at once. */
  const stiff =
    (rate: number): OdeField =>
    (t, y, dydt) => {
      dydt[0] = rate * (Math.cos(t) - y[0]!);
    };

  // The two stages of ralston lie too far apart.
  const pairs = Object.values(tableaus).filter(
    ({ name, errorOrder }) => errorOrder !== null && name !== 'ralston',
  );
  test.each(pairs)('$name suspects it', ({ name: solver, order }) => {
    const { stiffSince } = solve(stiff(2000), [1], 0, 10, { solver, maxSteps: 50_000 });
    expect(stiffSince).toBeGreaterThan(0);
    expect(solve(pendulum.field, pendulum.y0, 0, 10, { solver }).stiffSince).toBeUndefined();
    // Thousands of steps, of which some are looked at.
    const tolerance = order < 4 ? 1e-6 : 1e-10;
    const fine = { solver, rtol: tolerance, atol: tolerance, maxSteps: 1e6 };
    const long = solve(pendulum.field, pendulum.y0, 0, 300, fine);
    expect(long.steps).toBeGreaterThan(1000);
    expect(long.stiffSince).toBeUndefined();
  });

  test('a failure names it', () => {
    expect(() => solve(stiff(1e5), [1], 0, 10)).toThrow(/maxSteps = 10000.*Since t=.*the field is stiff/);
  });
});
