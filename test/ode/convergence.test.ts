import { describe, expect, test } from 'vitest';

import { integrate, solve, tableau, tableaus } from '../../src/ode/index.ts';
import type { Tableau } from '../../src/ode/index.ts';
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
/** The embedded solutions of Verner's pairs and of dop853 are left to their order conditions: see below. */
const all = [...methods, ...pairs.filter(({ name }) => !/^vern|^dop8/.test(name)).map(embedded)];
const low = all.filter((method) => method.order <= 5);
const high = all.filter((method) => method.order > 5);

describe.each(low)('$name converges with order $order', (method) => {
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
    expect(Math.abs(slope - method.order)).toBeLessThan(0.3);
  });
});

/**
 * High orders show between a step that is small for the field and the rounding errors, in a few doublings,
 * and the principal error of a good method vanishes here and there. Hence fields that are smooth on the scale of the
 * steps, and the root mean square over five solutions at four times. vern6 has weights of 176 that cancel: its
 * rounding errors are larger. Verner's pairs have principal errors so small that the term of the next order is
 * still seen: a slope may be larger than the order by that one.
 */
const spread: [name: string, problems: readonly Problem[]][] = [
  ["y' = y^2 cos t", [1.8, 2, 2.3, 2.7, 3.2].map((start) => ({ ...riccati, t1: 4, y0: [1 / start] }))],
  ['pendulum', mildPendulums()],
  [
    'two bodies',
    [0.02, 0.05, 0.08, 0.11, 0.15].map((eccentricity) => ({ ...twoBodies(eccentricity), t1: 4 })),
  ],
];

function mildPendulums(): Problem[] {
  const starts = [
    [1, 0.2],
    [-0.5, 0.5],
    [0.3, -1],
    [1.5, 0],
    [0, 0.7],
  ];
  return starts.map((y0) => ({
    name: 'pendulum',
    field: (t, y, dydt) => {
      dydt[0] = y[1]!;
      dydt[1] = -Math.sin(y[0]!) - 0.1 * y[1]! + 0.5 * Math.cos(t);
    },
    t0: 0,
    t1: 4,
    y0,
  }));
}

describe.each(high)('$name converges with order $order', (method) => {
  test.each(spread)('%s', (_name, family) => {
    for (const backward of [false, true]) {
      const solved = family.map((problem) => {
        const times = [1, 2, 3, 4];
        const fine = { tableau: tableaus.vern9, rtol: 1e-15, atol: 1e-15, maxSteps: 10_000 };
        const { at } = integrate(problem.field, problem.y0, 0, 4, { ...fine, times });
        const start = backward ? at![3]! : problem.y0;
        const known = backward ? [at![2]!, at![1]!, at![0]!, Float64Array.from(problem.y0)] : at!;
        return { field: problem.field, start, known };
      });
      const errorWith = (steps: number) => {
        const squares = solved.flatMap(({ field, start, known }) => {
          const times = backward ? [3, 2, 1, 0] : [1, 2, 3, 4];
          const options = { tableau: method, rtol: 1, atol: 1, stepSize: 4 / steps, maxSteps: steps, times };
          const outcome = integrate(field, start, backward ? 4 : 0, backward ? 0 : 4, options);
          return outcome.at!.flatMap((y, i) => Array.from(y, (value, j) => (value - known[i]![j]!) ** 2));
        });
        return Math.sqrt(squares.reduce((sum, square) => sum + square, 0) / squares.length);
      };
      const floor = method.name.startsWith('vern6') ? 2e-11 : method.name.startsWith('vern8') ? 1e-13 : 5e-15;
      let slope = NaN;
      let [coarse, before] = [12, errorWith(12)];
      for (const steps of [16, 24, 32, 44, 60, 84, 116]) {
        const error = errorWith(steps);
        if (error < floor) break;
        slope = Math.log(before / error) / Math.log(steps / coarse);
        [coarse, before] = [steps, error];
      }
      expect(slope).toBeGreaterThan(method.order - 0.3);
      expect(slope).toBeLessThan(method.order + 1.7);
    }
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
