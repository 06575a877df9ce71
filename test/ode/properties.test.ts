import * as fc from 'fast-check';
import { expect, test } from 'vitest';

import { integrate, solve, tableaus } from '../../src/ode/index.ts';
import type { OdeField } from '../../src/ode/index.ts';
import { distance } from './problems.ts';

const weight = fc.integer({ min: -1000, max: 1000 }).map((x) => x / 2000);

/** Smooth, bounded, non-autonomous fields in two dimensions, with Lipschitz constants below 1.5. */
const smoothField = fc
  .tuple(weight, weight, weight, weight, weight, weight, weight, weight)
  .map(([a, b, c, d, e, f, g, h]): OdeField => {
    return (t, y, dydt) => {
      dydt[0] = Math.tanh(a * y[0]! + b * y[1]! + c * Math.sin(t)) + d * Math.cos(y[1]!);
      dydt[1] = Math.tanh(e * y[0]! + f * y[1]! + g * Math.cos(t)) + h * Math.sin(y[0]!);
    };
  });
const time = fc.double({ min: -1.5, max: 1.5, noNaN: true });
const coordinate = fc.integer({ min: -3000, max: 3000 }).map((x) => x / 1000);
const state = fc.tuple(coordinate, coordinate);
const solver = fc.constantFrom('dopri5', 'tsit5', 'odex');
const options = { rtol: 1e-10, atol: 1e-10 };
/** Errors of 1e-10 a step, over a few dozen steps, each grown by at most exp(1.5 x 3) = 90. */
const small = 1e-6;

test('there and back again', () => {
  fc.assert(
    fc.property(smoothField, state, time, time, solver, (field, y0, t0, t1, name) => {
      const there = solve(field, y0, t0, t1, { ...options, solver: name });
      const back = solve(field, there.y, t1, t0, { ...options, solver: name });
      expect(back.t === t0).toBe(true);
      expect(distance(back.y, y0)).toBeLessThan(small);
    }),
    { numRuns: 60 },
  );
});

test('an interval is the sum of its parts', () => {
  const part = fc.double({ min: 0, max: 1, noNaN: true });
  fc.assert(
    fc.property(smoothField, state, time, time, part, solver, (field, y0, t0, t1, fraction, name) => {
      const between = Math.min(Math.max(t0 + fraction * (t1 - t0), Math.min(t0, t1)), Math.max(t0, t1));
      const whole = solve(field, y0, t0, t1, { ...options, solver: name });
      const first = solve(field, y0, t0, between, { ...options, solver: name });
      const second = solve(field, first.y, between, t1, { ...options, solver: name });
      expect(distance(second.y, whole.y)).toBeLessThan(small);
      const onTheWay = solve(field, y0, t0, t1, { ...options, solver: name, times: [between] });
      expect(distance(onTheWay.at![0]!, first.y)).toBeLessThan(small);
      expect(distance(onTheWay.y, whole.y)).toBeLessThan(small);
    }),
    { numRuns: 60 },
  );
});

test('later is the same, of a field that is as much later', () => {
  fc.assert(
    fc.property(smoothField, state, time, time, time, solver, (field, y0, t0, t1, later, name) => {
      const shifted: OdeField = (t, y, dydt) => field(t - later, y, dydt);
      const now = solve(field, y0, t0, t1, { ...options, solver: name });
      const then = solve(shifted, y0, t0 + later, t1 + later, { ...options, solver: name });
      expect(distance(then.y, now.y)).toBeLessThan(small);
    }),
    { numRuns: 60 },
  );
});

test('time scaled by a power of two changes no bit of fixed steps', () => {
  fc.assert(
    fc.property(smoothField, state, fc.integer({ min: -8, max: 8 }), (field, y0, power) => {
      const scale = 2 ** power;
      const scaled: OdeField = (t, y, dydt) => {
        field(t / scale, y, dydt);
        dydt.forEach((slope, i) => (dydt[i] = slope / scale));
      };
      const run = (f: OdeField, unit: number) =>
        integrate(f, y0, 0, 4 * unit, {
          tableau: tableaus.dopri5,
          rtol: 1e-5,
          atol: 1e-5,
          maxSteps: 1000,
          stepSize: unit / 16,
          record: true,
        });
      const [one, other] = [run(field, 1), run(scaled, scale)];
      expect(other.y).toEqual(one.y);
      expect(other.tape!.h).toEqual(one.tape!.h.map((h) => h * scale));
    }),
    { numRuns: 40 },
  );
});

test('a row that stands beside another has its own bits', () => {
  // Fields are functions of one row: nothing is shared among integrations, whatever their order.
  fc.assert(
    fc.property(smoothField, fc.array(state, { minLength: 2, maxLength: 6 }), (field, rows) => {
      const run = (y0: [number, number]) => solve(field, y0, 0, 2);
      const forward = rows.map(run);
      const backward = rows.toReversed().map(run).toReversed();
      expect(backward).toEqual(forward);
    }),
    { numRuns: 40 },
  );
});
