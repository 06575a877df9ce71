import { describe, expect, test } from 'vitest';

import { describeFailure, integrate, solve, tableaus } from '../../src/ode/index.ts';
import type { IntegrateOptions, OdeField } from '../../src/ode/index.ts';

const options: IntegrateOptions = { tableau: tableaus.dopri5, rtol: 1e-6, atol: 1e-6, maxSteps: 10_000 };
const all = Object.values(tableaus).map((tableau) => ({
  ...options,
  tableau,
  // Pairs of order 2 would take too many steps to where a solution ends.
  ...(tableau.order < 3 && { rtol: 1e-2, atol: 1e-2 }),
  ...(tableau.bError === null && { stepSize: 1e-3 }),
}));

const always =
  (value: number): OdeField =>
  (_t, _y, dydt) =>
    dydt.fill(value);
const square: OdeField = (_t, y, dydt) => {
  y.forEach((value, i) => (dydt[i] = value * value));
};
const nanAfter =
  (time: number): OdeField =>
  (t, y, dydt) => {
    dydt[0] = y[0]!;
    dydt[1] = t > time ? NaN : 1;
  };

describe.each(all)('$tableau.name', (settings) => {
  test.each([NaN, Infinity, -Infinity])('a field that is %d from the beginning fails at once', (value) => {
    const outcome = integrate(always(value), [3, -4], 1, 2, settings);
    expect(outcome).toMatchObject({ status: 'non-finite', t: 1, steps: 0, rejected: 0, nfe: 1 });
    const h = expect.closeTo(settings.stepSize ?? 0, 12) as number;
    expect(outcome.failure).toEqual({ t: 1, h, norm: 4, component: 0 });
    expect(outcome.y).toEqual(Float64Array.of(3, -4));
  });

  test('a field that becomes NaN on the way', () => {
    const outcome = integrate(nanAfter(0.31), [1, 0], 0, 1, settings);
    expect(outcome.status).toBe('non-finite');
    expect(outcome.failure).toMatchObject({ t: outcome.t, component: 1 });
    // Error control closes in on the place; fixed steps stop before it.
    expect(Math.abs(outcome.t - 0.31)).toBeLessThan(
      settings.tableau.order < 3 ? 0.01 : 2 * (settings.stepSize ?? 1e-9),
    );
    expect(outcome.y.every(Number.isFinite)).toBe(true);
    expect(outcome.nfe).toBeLessThan(2000);
  });

  test('a solution that ends before t1', () => {
    const outcome = integrate(square, [1], 0, 2, settings);
    expect(outcome.status).toBe(settings.stepSize === undefined ? 'step-underflow' : 'non-finite');
    expect(outcome.t).toBeGreaterThan(0.999);
    expect(outcome.t).toBeLessThan(1.1);
    expect(outcome.y[0]).toBeLessThan(Infinity);
    expect(outcome.failure!.norm).toBe(outcome.y[0]);
  });

  test('too many steps', () => {
    const fast: OdeField = (t, _y, dydt) => {
      dydt[0] = Math.cos(1e5 * t);
    };
    const outcome = integrate(fast, [0], 0, 1, { ...settings, maxSteps: 50 });
    expect(outcome).toMatchObject({ status: 'max-steps', tape: null });
    expect(outcome.steps + outcome.rejected).toBe(50);
    expect(outcome.t).toBeLessThan(1);
    expect(outcome.failure).toMatchObject({ t: outcome.t, norm: Math.abs(outcome.y[0]!) });
  });

  test('exactly maxSteps steps suffice', () => {
    const { steps, rejected } = integrate(nanAfter(2), [1, 0], 0, 1, settings);
    const maxSteps = steps + rejected;
    expect(integrate(nanAfter(2), [1, 0], 0, 1, { ...settings, maxSteps }).status).toBe('ok');
    const short = integrate(nanAfter(2), [1, 0], 0, 1, { ...settings, maxSteps: maxSteps - 1 });
    expect(short.status).toBe('max-steps');
  });

  test('nothing hangs', () => {
    let seed = 1;
    const random = () => (seed = (seed * 16_807) % 2_147_483_647) / 2_147_483_647 - 0.5;
    const hostile: Record<string, OdeField> = {
      noise: (_t, _y, dydt) => dydt.fill(random()),
      'large noise': (_t, _y, dydt) => dydt.fill(1e300 * random()),
      'NaN at random': (_t, y, dydt) => dydt.fill(random() > 0.3 ? NaN : y[0]!),
      jumps: (t, _y, dydt) => dydt.fill(Math.floor(t * 1e4) % 2),
      sign: (_t, y, dydt) => dydt.fill(-Math.sign(y[0]! - 0.5) * 1e3),
      stiff: (t, y, dydt) => dydt.fill(-1e9 * (y[0]! - Math.cos(t))),
      growth: (_t, y, dydt) => dydt.fill(1e3 * y[0]!),
      overflow: (_t, _y, dydt) => dydt.fill(1e308),
      zero: (_t, _y, dydt) => dydt.fill(0),
      tiny: (_t, _y, dydt) => dydt.fill(5e-324),
      'wrong state': (_t, y, dydt) => {
        y.fill(NaN);
        dydt.fill(1);
      },
    };
    const limited = { ...settings, maxSteps: 3000 };
    for (const [name, field] of Object.entries(hostile)) {
      for (const t1 of [1, -1, 1e12]) {
        const { nfe, y, t, status } = integrate(field, [1, 1], 0, t1, limited);
        const found = {
          name,
          bounded: nfe <= 2 + settings.tableau.stages * 3000,
          arrived: status !== 'ok' || t === t1,
          finite: name === 'wrong state' || y.every(Number.isFinite),
        };
        expect(found).toEqual({ name, bounded: true, arrived: true, finite: true });
      }
    }
  });
});

test('a state that overflows is not accepted, though the field is finite', () => {
  const push = always(1e308);
  for (const stepSize of [undefined, 1]) {
    const outcome = integrate(push, [0], 0, 10, { ...options, stepSize });
    expect(outcome.status).toBe('non-finite');
    expect(outcome.t).toBeGreaterThanOrEqual(1);
    expect(outcome.t).toBeLessThan(2);
  }
});

test('an initial state that is not finite', () => {
  const outcome = integrate(always(1), [1, NaN], 0, 1, options);
  expect(outcome).toMatchObject({ status: 'non-finite', nfe: 1, failure: { component: 1 } });
});

test('an output time that is not reached has NaN', () => {
  const { at, y, t } = integrate(nanAfter(0.31), [1, 0], 0, 1, { ...options, times: [0.25, 0.5, 1] });
  expect(t).toBeLessThan(0.5);
  expect(y[0]).toBeCloseTo(Math.exp(0.31), 5);
  expect(at![0]![0]).toBeCloseTo(Math.exp(0.25), 5);
  expect(at!.slice(1)).toEqual([Float64Array.of(NaN, NaN), Float64Array.of(NaN, NaN)]);
});

test('the component that dominates the error is named', () => {
  const field: OdeField = (_t, y, dydt) => {
    dydt[0] = -y[0]!;
    dydt[1] = y[1]! ** 2;
    dydt[2] = 1;
  };
  const outcome = integrate(field, [1, 1, 1], 0, 2, options);
  expect(outcome).toMatchObject({ status: 'step-underflow', failure: { component: 1 } });
  expect(outcome.failure!.h).toBeLessThan(1e-14);
});

describe('messages', () => {
  const failure = { t: 0.3100000001, h: 1.234e-9, norm: 4.04e7, component: 2 };

  test('non-finite', () => {
    expect(describeFailure('non-finite', failure, { row: 17 })).toMatch(
      /^The field returned NaN or infinity at t=0\.31 for row 17 \(\|y\|=4\.04e7, component 2\)\. Check /,
    );
  });

  test('step-underflow', () => {
    expect(describeFailure('step-underflow', failure)).toMatch(
      /cannot resolve at t=0\.31 \(h=1\.23e-9, \|y\|=4\.04e7; component 2 dominates the error\)\. Where \|y\| is large/,
    );
  });

  test('max-steps', () => {
    expect(describeFailure('max-steps', failure, { row: 3, maxSteps: 100 })).toMatch(
      /^maxSteps = 100 steps did not suffice: stopped at t=0\.31 for row 3 .*Raise maxSteps, loosen rtol and atol/,
    );
    expect(describeFailure('max-steps', failure, { maxSteps: 100, stepSize: 0.01 })).toMatch(
      /Raise maxSteps, or stepSize = 0\.01\.$/,
    );
  });

  const cases: [what: string, field: OdeField, more: object, message: RegExp][] = [
    [
      'NaN',
      always(NaN),
      {},
      /returned NaN or infinity at t=0 \(\|y\|=1,.*Does f write every component of dy\/dt/,
    ],
    ['nothing written', () => {}, {}, /returned NaN.*Does f write every component of dy\/dt/],
    [
      'NaN on the way',
      nanAfter(0.31),
      {},
      /^dopri5: The field returned NaN or infinity at t=0\.31 .*parameters/,
    ],
    ['an explosion', square, {}, /cannot resolve at t=1 .*the solution may end there/],
    [
      'few steps',
      square,
      { maxSteps: 5 },
      /^dopri5: maxSteps = 5 steps did not suffice: stopped at t=.*stiff/,
    ],
    [
      'few fixed steps',
      square,
      { solver: 'rk4', stepSize: 1e-5 },
      /^rk4: maxSteps = 10000 .*or stepSize = 0.00001/,
    ],
  ];
  test.each(cases)('solve throws for %s', (_what, field, more, message) => {
    const call = () => solve(field, [1, 0], 0, 2, more);
    expect(call).toThrow(message);
    expect(call).toThrow(expect.objectContaining({ code: 'numerical-failure' }));
    expect(call).not.toThrow(/undefined|\[object/);
    expect(solve(field, [1, 0], 0, 2, { ...more, onFailure: 'report' }).status).not.toBe('ok');
  });
});
