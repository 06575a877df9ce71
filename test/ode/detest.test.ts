import { expect, test } from 'vitest';

import { amplification, detest, errorOver, finest } from '../../bench/ode/detest-problems.mjs';
import { solve } from '../../src/ode/index.ts';

/* The table of docs/ode.md has all tolerances; here is the finest one of each method. */

const solvers = Object.entries(finest);

test('all 25 problems of classes A to E, and every kind of method', () => {
  expect(detest.map(({ name }) => name).join(' ')).toBe(
    'A1 A2 A3 A4 A5 B1 B2 B3 B4 B5 C1 C2 C3 C4 C5 D1 D2 D3 D4 D5 E1 E2 E3 E4 E5 Lorenz',
  );
  expect(solvers.map(([name]) => name)).toEqual(
    expect.arrayContaining(['dopri5', 'odex', 'adams', 'rodas5p']),
  );
});

test.each(detest)('$name, $what: errors are a few tolerances, as the problem lets them grow', (problem) => {
  const { name, field, y0, t1 } = problem;
  const precise = { solver: 'vern9', rtol: 1e-14, atol: 1e-14, maxSteps: 1e5 };
  const exact = solve(field, y0, 0, t1, precise).y;
  const growth = amplification(problem, solve);
  // Chaos amplifies in thousands of steps.
  const most = (name === 'Lorenz' ? 1000 : 100) * growth;
  const missed = solvers.filter(([solver, tolerance]) => {
    const options = { solver, rtol: tolerance, atol: tolerance, maxSteps: 1e5 };
    return !(errorOver(solve(field, y0, 0, t1, options).y, exact, tolerance) < most);
  });
  expect(missed).toEqual([]);
});
