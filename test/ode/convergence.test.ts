import { describe, expect, test } from 'vitest';

import { integrate, solve, tableaus } from '../../src/ode/index.ts';
import type { Tableau } from '../../src/ode/index.ts';
import { exactMethod } from './exact/exact-method.ts';
import { exactProblems, exactStates, slopeOf } from './exact/slopes.ts';
import { arenstorf, distance, pendulum, reversed, riccati, twoBodies } from './problems.ts';
import type { Problem } from './problems.ts';

/** The same problem with its end state: in closed form, else by odex at a tolerance near rounding. */
function withEnd(problem: Problem): Problem & { end: ArrayLike<number> } {
  const { field, y0, t0, t1, exact } = problem;
  const witness = () => solve(field, y0, t0, t1, { solver: 'odex', rtol: 1e-13, atol: 1e-14 }).y;
  return { ...problem, end: exact?.(t1) ?? witness() };
}

const forward = [riccati, pendulum, twoBodies(0.1)].map(withEnd);
const problems = [...forward, ...forward.map((problem) => withEnd(reversed(problem, problem.end)))];
const methods = Object.values(tableaus);
const pairs = methods.filter((method) => method.bError !== null);
const rowsOf = ({ a, stages }: Tableau): number[][] =>
  Array.from({ length: stages }, (_, i) => Array.from(a.slice(i * stages, i * stages + i)));
/** All methods, and the embedded solutions of the pairs, carried on as methods of their own. */
const all = [
  ...methods.map((method) => ({
    name: method.name,
    order: method.order,
    a: rowsOf(method),
    b: Array.from(method.b),
  })),
  ...pairs.map((method) => ({
    name: `${method.name}, embedded,`,
    order: method.embeddedOrder!,
    a: rowsOf(method),
    b: Array.from(method.b, (weight, i) => weight - method.bError![i]!),
  })),
];

describe.each(all)('$name converges with order $order', ({ a, b, order }) => {
  const method = exactMethod(a, b, order);
  test.each(exactProblems)('$name', (problem) => {
    for (const [t0, t1] of [
      [0, 4],
      [4, 0],
    ] as const) {
      expect(Math.abs(slopeOf(exactStates(method, problem, t0, t1), order) - order)).toBeLessThan(0.2);
    }
  });
});

describe('a slope can tell', () => {
  const { b, bError } = tableaus.dopri5;
  const a = rowsOf(tableaus.dopri5);
  const slope = (weights: number[], claimed: number) => {
    // Of the order that it has, whatever is claimed.
    const states = exactStates(exactMethod(a, weights, 4), exactProblems[0]!, 0, 4);
    return slopeOf(states, claimed);
  };

  test('order 4 from order 5', () => {
    expect(
      slope(
        Array.from(b, (weight, i) => weight - bError![i]!),
        5,
      ),
    ).toBeLessThan(4.2);
    expect(slope(Array.from(b), 4)).not.toBeLessThan(4.8);
  });

  test('a coefficient that is wrong by 1e-9 is no rounding', () => {
    const wrong = a.map((row, i) => row.map((value, j) => (i === 4 && j === 2 ? value + 1e-9 : value)));
    expect(() => exactMethod(wrong, Array.from(b), 5)).toThrow(/Order 5 is missed by/);
  });
});

describe.each(pairs.filter(({ order }) => order > 2))('$name with error control', (method) => {
  test.each(problems)('$name: the error is proportional to the tolerance', (problem) => {
    const { field, y0, t0, t1 } = problem;
    const errors = [1e-4, 1e-6, 1e-8].map((tolerance) => {
      const options = { tableau: method, rtol: tolerance, atol: tolerance, maxSteps: 10_000 };
      const { y, status } = integrate(field, y0, t0, t1, options);
      expect(status).toBe('ok');
      return distance(y, problem.end) / tolerance;
    });
    // In units of the tolerance. The problems amplify errors on their way, by up to a hundredfold.
    expect(Math.max(...errors)).toBeLessThan(2000);
    expect(errors[2]! / errors[0]!).toBeGreaterThan(0.003);
    expect(errors[2]! / errors[0]!).toBeLessThan(15);
  });
});

/** What Hairer and Wanner's Fortran code prints: fcn= 1442 step= 240 accpt= 216, 24 rejected. */
test('dopri5 on the Arenstorf orbit takes the steps of the published DOPRI5', () => {
  const { field, y0, t0, t1 } = arenstorf;
  const options = { tableau: tableaus.dopri5, rtol: 1e-7, atol: 1e-7, maxSteps: 1000 };
  const outcome = integrate(field, y0, t0, t1, options);
  expect(outcome).toMatchObject({ steps: 216, rejected: 24, nfe: 1442 });
  expect(Math.abs(outcome.y[0]! - 0.9940021016)).toBeLessThan(2e-8);
  expect(Math.abs(outcome.y[1]! - 0.8911185692e-5)).toBeLessThan(2e-8);
});
