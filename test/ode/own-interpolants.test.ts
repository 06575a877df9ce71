import { Solver } from 'odex';
import { describe, expect, test } from 'vitest';

import { interpolantConditions, solve } from '../../src/ode/index.ts';
import { kvaerno5Interpolant, kvaerno5Rows } from '../../src/ode/kvaerno5.ts';
import { distance, riccati } from './problems.ts';

/** Riccati's equation that is smooth on the scale of these steps. */
const exact = (t: number) => [1 / (2.5 - Math.sin(t))];
const { field } = riccati;
const tight = { rtol: 1e-13, atol: 1e-13 };

/** The slope of the largest error within steps when h is divided by 1.5, from one h to another. */
function slopeWithin(errorOf: (h: number) => number, h: number): number {
  return Math.log(errorOf(h) / errorOf(h / 1.5)) / Math.log(1.5);
}

describe('order of dense output within a step from the exact state', () => {
  test.each([
    ['rodas5p', 4],
    ['kvaerno5', 4],
  ] as const)('%s: %i', (solver, order) => {
    const slope = slopeWithin((h) => {
      let worst = 0;
      for (const start of [0.3, 1.1, 2.4]) {
        const { dense } = solve(field, exact(start), start, start + h, {
          ...tight,
          solver,
          stepSize: 2 * h,
          dense: true,
        });
        for (const theta of [0.15, 0.4, 0.6, 0.85]) {
          const t = start + theta * h;
          worst = Math.max(worst, distance(dense!.at(t), exact(t)));
        }
      }
      return worst;
    }, 0.15);
    expect(slope).toBeGreaterThan(order + 0.7);
    expect(slope).toBeLessThan(order + 1.7);
  });

  test('adams: 5 in fixed steps, once the first three are behind', () => {
    for (const [t0, t1] of [
      [0, 6],
      [6, 0],
    ] as const) {
      const errorOf = (h: number) => {
        const { dense } = solve(field, exact(t0), t0, t1, { solver: 'adams', stepSize: h, dense: true });
        const sign = Math.sign(t1 - t0);
        let worst = 0;
        for (let step = 5; step < 6 / h - 1; step++) {
          for (const theta of [0.2, 0.5, 0.8]) {
            const t = t0 + sign * (step + theta) * h;
            worst = Math.max(worst, distance(dense!.at(t), exact(t)));
          }
        }
        return worst;
      };
      const slope = Math.log2(errorOf(0.05) / errorOf(0.025));
      expect(Math.abs(slope - 5)).toBeLessThan(0.4);
    }
  });

  test('adams: as accurate within variable steps as at their ends, at every tolerance', () => {
    for (const tolerance of [1e-4, 1e-7, 1e-10, 1e-12]) {
      const options = { solver: 'adams', rtol: tolerance, atol: tolerance, dense: true };
      const { dense, y } = solve(field, exact(0), 0, 10, options);
      let [within, atEnds] = [0, 0];
      const stops = dense!.stops;
      stops.slice(1).forEach((stop, i) => {
        atEnds = Math.max(atEnds, distance(dense!.at(stop), exact(stop)));
        for (const theta of [0.25, 0.5, 0.75]) {
          const t = stops[i]! + theta * (stop - stops[i]!);
          within = Math.max(within, distance(dense!.at(t), exact(t)));
        }
      });
      expect(within).toBeLessThan(2 * atEnds + 1e-14);
      expect(distance(dense!.at(10), y)).toBeLessThan(1e-14);
    }
  });
});

test('the continuous extension of kvaerno5 fulfils the conditions of order 4, and has the slopes at both ends', () => {
  const stages = kvaerno5Rows.length;
  const square = new Float64Array(stages * stages);
  kvaerno5Rows.forEach((row, i) => square.set(row, i * stages));
  const c = kvaerno5Rows.map((row) => row.reduce((sum, entry) => sum + entry, 0));
  const worst = (weights: readonly ArrayLike<number>[], order: number) =>
    Math.max(...interpolantConditions(square, weights, c, order).map(({ residual }) => residual));
  // The paper prints fifteen to seventeen digits of what this is made of.
  expect(worst(kvaerno5Interpolant, 4)).toBeLessThan(1e-13);
  expect(worst(kvaerno5Interpolant, 5)).toBeGreaterThan(1e-3);
  kvaerno5Interpolant.forEach((weights, power) => {
    weights.forEach((value, i) => {
      const changed = kvaerno5Interpolant.with(power, weights.with(i, value + 1e-9));
      expect(worst(changed, 4), `theta^${power + 1}, stage ${i}`).toBeGreaterThan(1e-12);
    });
  });
  const sum = (factor: (power: number) => number) =>
    c.map((_, i) =>
      kvaerno5Interpolant.reduce((total, weights, power) => total + factor(power + 1) * weights[i]!, 0),
    );
  expect(
    distance(
      sum(() => 1),
      kvaerno5Rows.at(-1)!,
    ),
  ).toBeLessThan(1e-14);
  expect(
    distance(
      sum((power) => power),
      [0, 0, 0, 0, 0, 0, 1],
    ),
  ).toBeLessThan(1e-13);
  expect([...kvaerno5Interpolant[0]!]).toEqual([1, 0, 0, 0, 0, 0, 0]);
});

describe('odex', () => {
  /** Errors at the end and within the first step of size h, and the column in which it ended. */
  function firstStep(start: number, h: number, tolerance: number, dense: boolean) {
    const solver = new Solver(1);
    Object.assign(solver, {
      initialStepSize: h,
      denseOutput: dense,
      relativeTolerance: tolerance,
      absoluteTolerance: tolerance,
    });
    let [evaluations, column, atEnd, within] = [0, 0, 0, 0];
    const f = (t: number, [y]: number[]): number[] => {
      evaluations++;
      return [y! * y! * Math.cos(t)];
    };
    solver.solve(f, start, exact(start), start + 10, (count, from, to, values, at) => {
      if (count === 1) return true;
      // 1 + 2 + 4 + ... + 2 k, or 2 + 2 + 6 + ... + (4 k - 2) with the derivatives at both ends.
      for (let k = 1; k <= 9; k++) if (evaluations === (dense ? 2 + 2 * k * k : 1 + k * (k + 1))) column = k;
      if (Math.abs(to - from - h) > 1e-12) column = 0;
      atEnd = distance(values, exact(to));
      for (const theta of [0.2, 0.4, 0.7]) {
        const t = from + theta * h;
        within = Math.max(within, dense ? distance([at!(0, t)], exact(t)) : 0);
      }
      return false;
    });
    return { column, atEnd, within };
  }

  /** Errors of first steps of that size which end in this column, among all tolerances: the largest of some starts. */
  function errorsOf(column: number, h: number, dense: boolean) {
    let [atEnd, within] = [0, 0];
    for (const start of [0.3, 1.1, 2.4, 4]) {
      let digits = 0;
      let found = firstStep(start, h, 1, dense);
      while (found.column !== column && digits < 15)
        found = firstStep(start, h, 10 ** -(digits += 0.1), dense);
      expect(found.column).toBe(column);
      atEnd = Math.max(atEnd, found.atEnd);
      within = Math.max(within, found.within);
    }
    return { atEnd, within };
  }

  test.each([
    [2, 0.15],
    [3, 0.15],
    [4, 0.35],
    [5, 0.5],
  ])('in column %i the order is twice that, and one less within the step', (column, h) => {
    for (const dense of [false, true]) {
      const [wide, narrow] = [errorsOf(column, h, dense), errorsOf(column, h / 1.4, dense)];
      const slope = (of: 'atEnd' | 'within') => Math.log(wide[of] / narrow[of]) / Math.log(1.4);
      expect(Math.abs(slope('atEnd') - (2 * column + 1))).toBeLessThan(0.8);
      if (dense) expect(Math.abs(slope('within') - 2 * column)).toBeLessThan(1);
    }
  });

  test('its work grows with the digits as that of no method of one order', () => {
    const at = [1e-6, 1e-9, 1e-12].map((tolerance) => {
      const options = { rtol: tolerance, atol: tolerance };
      const found = solve(field, exact(0), 0, 40, { ...options, solver: 'odex' });
      expect(distance(found.y, exact(40)) / tolerance).toBeLessThan(30);
      return found.nfe;
    });
    // Of order p it is 10^(6/p): 5.6 for 8, 10 for 6.
    expect(at[2]! / at[0]!).toBeLessThan(4);
  });

  test('dense output, interpolated times and events, forward and backward', () => {
    for (const [t0, t1] of [
      [0, 10],
      [10, 0],
    ] as const) {
      for (const tolerance of [1e-4, 1e-8, 1e-12]) {
        const times = Array.from({ length: 40 }, (_, i) => t0 + ((t1 - t0) * (i + 0.3)) / 40);
        const options = { solver: 'odex', rtol: tolerance, atol: tolerance };
        const { dense, at, y, steps, nfe } = solve(field, exact(t0), t0, t1, {
          ...options,
          dense: true,
          times,
          interpolate: true,
        });
        times.forEach((t, i) => {
          expect(distance(dense!.at(t), exact(t))).toBeLessThan(100 * tolerance);
          expect(distance(at![i]!, dense!.at(t))).toBeLessThan(1e-15);
        });
        expect(distance(dense!.at(t1), y)).toBeLessThan(1e-14);
        expect([dense!.t0, dense!.t1, dense!.stops.length]).toEqual([t0, t1, steps + 1]);
        expect(nfe).toBeGreaterThan(steps);
        const g = (_t: number, state: Float64Array) => state[0]! - 0.5;
        const found = solve(field, exact(t0), t0, t1, { ...options, events: [{ g, terminal: true }] });
        expect(Math.sin(found.t)).toBeCloseTo(0.5, Math.min(8, Math.round(-Math.log10(tolerance)) - 2));
        expect(found.y[0]).toBeCloseTo(0.5, 10);
        expect(found.events).toHaveLength(1);
      }
    }
  });

  test('an event that is required and does not come', () => {
    const events = [{ g: (_t: number, y: Float64Array) => y[0]! - 5, required: true }];
    const found = solve(field, exact(0), 0, 5, { solver: 'odex', events, onFailure: 'report' });
    expect(found).toMatchObject({ status: 'event-not-found', t: 5, events: [] });
  });
});
