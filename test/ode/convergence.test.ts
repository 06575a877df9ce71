import { describe, expect, test } from 'vitest';

import { integrate, solve, tableau, tableaus } from '../../src/ode/index.ts';
import type { Tableau } from '../../src/ode/index.ts';
import { arenstorf, distance, pendulum, reversed, riccati } from './problems.ts';
import type { Problem } from './problems.ts';

/** The same problem with its end state: in closed form, else by odex at a tolerance near rounding. */
function withEnd(problem: Problem): Problem & { end: ArrayLike<number> } {
  const { field, y0, t0, t1, exact } = problem;
  const witness = () => solve(field, y0, t0, t1, { solver: 'odex', rtol: 1e-13, atol: 1e-14 }).y;
  return { ...problem, end: exact?.(t1) ?? witness() };
}

const forward = [riccati, pendulum].map(withEnd);
const problems = [...forward, ...forward.map((problem) => withEnd(reversed(problem, problem.end)))];
type Case = (typeof problems)[number];

function errorWithSteps(method: Tableau, problem: Case, steps: number): number {
  const { field, y0, t0, t1 } = problem;
  const stepSize = Math.abs(t1 - t0) / steps;
  const options = { tableau: method, rtol: 1, atol: 1, stepSize, maxSteps: steps };
  const outcome = integrate(field, y0, t0, t1, options);
  expect(outcome).toMatchObject({ status: 'ok', steps, rejected: 0, t: t1 });
  return distance(outcome.y, problem.end);
}

/** The embedded solution of a pair, carried on as a method of its own. */
function embedded(method: Tableau): Tableau {
  const { name, stages, a, b, c, bError, reference } = method;
  return tableau({
    name: `${name}, embedded`,
    order: method.embeddedOrder!,
    c: Array.from(c),
    a: Array.from({ length: stages }, (_, i) => Array.from(a.slice(i * stages, (i + 1) * stages))),
    b: Array.from(b, (weight, i) => weight - bError![i]!),
    reference,
  });
}

const methods = Object.values(tableaus);
const pairs = methods.filter((method) => method.bError !== null);

describe.each([...methods, ...pairs.map(embedded)])('$name converges with order $order', (method) => {
  test.each(problems)('$name', (problem) => {
    // The slope between the two finest resolutions whose errors are well above the rounding errors.
    let slope = NaN;
    let before = errorWithSteps(method, problem, 64);
    for (let steps = 128; steps <= 65_536; steps *= 2) {
      const error = errorWithSteps(method, problem, steps);
      if (error < 1e-11) break;
      slope = Math.log2(before / error);
      before = error;
    }
    expect(Math.abs(slope - method.order)).toBeLessThan(0.2);
  });
});

describe.each(pairs)('$name with error control', (method) => {
  test.each(problems)('$name: the error is proportional to the tolerance', (problem) => {
    const { field, y0, t0, t1 } = problem;
    const errors = [1e-4, 1e-6, 1e-8].map((tolerance) => {
      const options = { tableau: method, rtol: tolerance, atol: tolerance, maxSteps: 10_000 };
      const { y, status } = integrate(field, y0, t0, t1, options);
      expect(status).toBe('ok');
      return distance(y, problem.end) / tolerance;
    });
    // In units of the tolerance. The problems amplify errors on their way, by up to a hundredfold.
    expect(Math.max(...errors)).toBeLessThan(500);
    expect(errors[2]! / errors[0]!).toBeGreaterThan(0.01);
    expect(errors[2]! / errors[0]!).toBeLessThan(2);
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
