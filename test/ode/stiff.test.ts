import { describe, expect, test } from 'vitest';

import { orderConditions, solve } from '../../src/ode/index.ts';
import type { OdeField } from '../../src/ode/index.ts';
import { kvaerno5Rows } from '../../src/ode/kvaerno5.ts';
import { fixed } from './exact/fixed-point.ts';
import { exactProblems, slopeOf } from './exact/slopes.ts';
import { distance, pendulum, riccati, twoBodies } from './problems.ts';
import { brusselator, hires, robertson, vanDerPol } from '../../bench/ode/stiff-problems.mjs';

const solvers = ['rodas5p', 'kvaerno5'] as const;

test('kvaerno5 fulfils the conditions of orders 5 and 4', () => {
  const stages = kvaerno5Rows.length;
  const square = new Float64Array(stages * stages);
  kvaerno5Rows.forEach((row, i) => square.set(row, i * stages));
  const c = kvaerno5Rows.map((row) => row.reduce((sum, entry) => sum + entry, 0));
  expect(c.slice(5)).toEqual([expect.closeTo(1, 14), expect.closeTo(1, 14)]);
  const worst = (row: number, order: number) => {
    const b = Array.from({ length: stages }, (_, j) => kvaerno5Rows[row]![j] ?? 0);
    return Math.max(...orderConditions(square, b, c, order).map(({ residual }) => residual));
  };
  // The paper prints fifteen to seventeen digits.
  expect(worst(6, 5)).toBeLessThan(1e-14);
  expect(worst(6, 6)).toBeGreaterThan(1e-5);
  expect(worst(5, 4)).toBeLessThan(1e-14);
  expect(worst(5, 5)).toBeGreaterThan(1e-5);
});

/** The problems whose slopes explicit methods show, in doubles. */
const smooth: { name: string; field: OdeField; starts: readonly (readonly number[])[] }[] = [
  { name: riccati.name, field: riccati.field, starts: exactProblems[0]!.starts },
  {
    name: 'pendulum',
    field: (t, y, dydt) => {
      dydt[0] = y[1]!;
      dydt[1] = 0.5 * Math.cos(t) - Math.sin(y[0]!) - 0.125 * y[1]!;
    },
    starts: exactProblems[1]!.starts,
  },
  { name: 'two bodies', field: twoBodies(0).field, starts: exactProblems[2]!.starts },
];

describe.each([
  ['rodas5p', 5],
  ['kvaerno5', 5],
  ['adams', 5],
] as const)('%s converges with order %i in fixed steps', (solver, order) => {
  test.each(smooth)('$name', ({ field, starts }) => {
    for (const [t0, t1] of [
      [0, 4],
      [4, 0],
    ] as const) {
      const times = [1, 2, 3, 4].map((part) => t0 + (part / 4) * (t1 - t0));
      const statesOf = (steps: number) =>
        starts.flatMap((y0) => {
          const options = { solver, stepSize: 4 / steps, rtol: 1e-12, atol: 1e-12, times };
          return solve(field, y0, t0, t1, options).at!.flatMap((y) => Array.from(y, fixed));
        });
      expect(Math.abs(slopeOf(statesOf, order) - order)).toBeLessThan(0.2);
    }
  });
});

describe.each(solvers)('%s', (solver) => {
  test.each([robertson, vanDerPol, hires, brusselator])('$name', (problem) => {
    const { field, y0, t0, t1, end, scale, jacobian } = problem;
    const rtol = 1e-7;
    const options = { solver, rtol, atol: scale.map((size) => rtol * size), maxSteps: 20_000 };
    for (const exact of jacobian === undefined ? [undefined] : [undefined, jacobian]) {
      const { y, status } = solve(field, y0, t0, t1, { ...options, jacobian: exact });
      expect(status).toBe('ok');
      end.forEach((value, i) => {
        expect(Math.abs(y[i]! - value)).toBeLessThan(1e-3 * Math.abs(value) + 100 * options.atol[i]!);
      });
    }
  });

  test('steps are chosen by accuracy, not by stability', () => {
    const fast: OdeField = (t, y, dydt) => {
      dydt[0] = 1e6 * (Math.cos(t) - y[0]!);
    };
    const { steps, y } = solve(fast, [1], 0, 10, { solver, rtol: 1e-6, atol: 1e-6 });
    expect(steps).toBeLessThan(200);
    expect(y[0]).toBeCloseTo(Math.cos(10), 4);
  });

  test('events and dense output', () => {
    const { field, y0, t1 } = vanDerPol;
    const events = [{ g: (_t: number, y: Float64Array) => y[0]!, terminal: true }];
    const solution = solve(field, y0, 0, t1, { solver, rtol: 1e-7, atol: 1e-9, events, dense: true });
    // Half a period, (3 - 2 ln 2) mu / 2, and what the corners add to it.
    expect(solution.t).toBeGreaterThan(806);
    expect(solution.t).toBeLessThan(808);
    expect(solution.dense!.at(solution.t)[0]).toBeCloseTo(0, 3);
  });

  test('failures are results', () => {
    const nan: OdeField = (t, _y, dydt) => dydt.fill(t > 0.5 ? NaN : 1);
    expect(solve(nan, [1, 2], 0, 1, { solver, onFailure: 'report' }).status).toBe('non-finite');
    const { field, y0, t1 } = robertson;
    const short = solve(field, y0, 0, t1, { solver, maxSteps: 20, onFailure: 'report' });
    expect(short).toMatchObject({ status: 'max-steps' });
    expect(short.failure!.t).toBe(short.t);
    // What to try is not a method for stiff fields.
    expect(() => solve(field, y0, 0, t1, { solver, maxSteps: 20 })).toThrow(
      /mean a field that jumps: smooth it/,
    );
  });
});

describe('adams', () => {
  test.each([riccati, pendulum, twoBodies(0.3)])(
    '$name, to tight tolerances with few evaluations',
    (problem) => {
      const { field, y0, t0, t1 } = problem;
      const exact = solve(field, y0, t0, t1, { solver: 'vern9', rtol: 1e-14, atol: 1e-14 }).y;
      for (const tolerance of [1e-4, 1e-7, 1e-10]) {
        const options = { rtol: tolerance, atol: tolerance };
        const found = solve(field, y0, t0, t1, { ...options, solver: 'adams' });
        expect(distance(found.y, exact) / tolerance).toBeLessThan(2000);
        if (tolerance < 1e-8) {
          expect(found.nfe).toBeLessThan(solve(field, y0, t0, t1, { ...options, solver: 'dopri5' }).nfe);
        }
      }
    },
  );
});

test('a Jacobian is for those who use it', () => {
  expect(() => solve(pendulum.field, [1, 0], 0, 1, { jacobian: () => undefined })).toThrow(
    /jacobian: 'dopri5' has no use for it/,
  );
});
