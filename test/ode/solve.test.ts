import { expm, matrix, multiply } from 'mathjs';
import { describe, expect, test } from 'vitest';

import { integrate, solve, solverNames, tableaus } from '../../src/ode/index.ts';
import type { OdeField, SolveOptions } from '../../src/ode/index.ts';
import { arenstorf, distance, pendulum, reversed, riccati } from './problems.ts';

/** Options under which a solver is to reach about nine digits. */
function preciseOptions(solver: string): SolveOptions {
  if (tableaus[solver]?.errorOrder === null) return { solver, stepSize: 1e-3, maxSteps: 100_000 };
  return { solver, rtol: 1e-11, atol: 1e-11, maxSteps: 100_000 };
}
const precise = solverNames.filter((solver) => (tableaus[solver]?.order ?? 8) > 3 || solver === 'bosh3');

test('the solvers', () => {
  expect(solverNames).toEqual([...Object.keys(tableaus), 'odex', 'adams', 'rodas5p', 'kvaerno5']);
  expect(solverNames[0]).toBe('dopri5');
});

test('the example of the documentation', () => {
  const { y } = solve(
    (_t, y, dydt) => {
      dydt[0] = -y[0]!;
    },
    [1],
    0,
    1,
    { rtol: 1e-9, atol: 1e-9 },
  );
  expect(y[0]).toBeCloseTo(Math.exp(-1), 9);
});

test('dopri5 with tolerances 1e-5 unless told otherwise', () => {
  const { field, y0, t0, t1 } = pendulum;
  const options = { tableau: tableaus.dopri5, rtol: 1e-5, atol: 1e-5, maxSteps: 10_000 };
  const { y, steps, rejected, nfe } = integrate(field, y0, t0, t1, options);
  expect(solve(field, y0, t0, t1)).toEqual({ y, t: t1, status: 'ok', steps, rejected, nfe });
  expect(solve(field, y0, t0, t1, { solver: undefined, rtol: undefined }).y).toEqual(y);
});

describe.each(precise)('%s', (solver) => {
  test('a linear field against the matrix exponential', () => {
    const rows = [
      [-0.5, 2, 0.1],
      [-2, -0.3, 0.4],
      [0.2, -0.7, 0.1],
    ];
    const field: OdeField = (_t, y, dydt) => {
      rows.forEach((row, i) => (dydt[i] = row.reduce((sum, entry, j) => sum + entry * y[j]!, 0)));
    };
    const y0 = [1, -0.5, 2];
    for (const t1 of [2, -2]) {
      const expected = multiply(
        expm(matrix(rows.map((row) => row.map((entry) => t1 * entry)))),
        y0,
      ).toArray();
      const { y } = solve(field, y0, 0, t1, preciseOptions(solver));
      expect(distance(y, expected as number[])).toBeLessThan(3e-9);
    }
  });

  test.each([riccati, pendulum, reversed(pendulum, [0.3, -0.4])])('$name', ({ field, y0, t0, t1 }) => {
    const witness = solve(field, y0, t0, t1, { solver: 'odex', rtol: 1e-13, atol: 1e-13 });
    const found = solve(field, y0, t0, t1, preciseOptions(solver));
    expect(found).toMatchObject({ t: t1, status: 'ok' });
    expect(distance(found.y, witness.y)).toBeLessThan(2e-8);
  });

  test('states on the way', () => {
    const { field, y0 } = pendulum;
    const times = [0, 1, 1, 2.5, 10];
    const { at, y } = solve(field, y0, 0, 10, { ...preciseOptions(solver), times });
    expect(at).toHaveLength(times.length);
    expect(at![0]).toEqual(Float64Array.from(y0));
    expect(at![2]).toEqual(at![1]);
    expect(at![4]).toEqual(y);
    const half = solve(field, y0, 0, 2.5, preciseOptions(solver));
    expect(distance(at![3]!, half.y)).toBeLessThan(1e-8);
  });

  test('from t0 to t0', () => {
    const never: OdeField = () => expect.unreachable();
    const { stepSize } = preciseOptions(solver);
    const found = solve(never, [1, 2], 3, 3, { solver, ...(stepSize !== undefined && { stepSize }) });
    expect(found).toEqual({ y: Float64Array.of(1, 2), t: 3, status: 'ok', steps: 0, rejected: 0, nfe: 0 });
  });

  test('what the field throws arrives', () => {
    const broken: OdeField = () => {
      throw new RangeError('out of it');
    };
    expect(() => solve(broken, [1], 0, 1, preciseOptions(solver))).toThrow(new RangeError('out of it'));
  });
});

describe('odex', () => {
  const report = (field: OdeField, t1: number, more: SolveOptions = {}) =>
    solve(field, [1, 1], 0, t1, { solver: 'odex', onFailure: 'report', ...more });

  test('needs fewer evaluations for many digits', () => {
    const { field, y0, t0, t1 } = arenstorf;
    const [odex, dopri5] = ['odex', 'dopri5'].map((solver) =>
      solve(field, y0, t0, t1, { solver, rtol: 1e-12, atol: 1e-12 }),
    );
    expect(distance(odex!.y, y0)).toBeLessThan(1e-6);
    expect(odex!.nfe).toBeLessThan(dopri5!.nfe / 2);
    expect(odex!.steps).toBeGreaterThan(10);
    expect(odex!.rejected).toBeGreaterThan(0);
  });

  test('counts every evaluation', () => {
    let calls = 0;
    const { nfe } = report((t, _y, dydt) => {
      calls++;
      dydt.fill(Math.cos(t));
    }, 5);
    expect(nfe).toBe(calls);
  });

  test('a field that is or becomes NaN', () => {
    const nan = report((_t, _y, dydt) => dydt.fill(NaN), 1);
    expect(nan).toMatchObject({ status: 'non-finite', t: 0, nfe: 1, steps: 0, y: Float64Array.of(1, 1) });
    const later = report((t, y, dydt) => dydt.fill(t > 0.31 ? NaN : y[0]!), 1, { times: [0.1, 0.9] });
    expect(later.status).toBe('non-finite');
    expect(later.t).toBeLessThan(0.31);
    expect(later.y[0]).toBeCloseTo(Math.exp(later.t), 4);
    expect(later.at![0]![0]).toBeCloseTo(Math.exp(0.1), 4);
    expect(later.at![1]).toEqual(Float64Array.of(NaN, NaN));
  });

  test('a solution that ends before t1, too many steps, noise: ends', () => {
    expect(report((_t, y, dydt) => dydt.fill(y[0]! ** 2), 2).status).not.toBe('ok');
    const fast = report((t, _y, dydt) => dydt.fill(Math.cos(1e5 * t)), 1, { maxSteps: 20 });
    expect(fast.status).toBe('max-steps');
    expect(fast.steps + fast.rejected).toBe(20);
    let seed = 1;
    const random = () => (seed = (seed * 16_807) % 2_147_483_647) / 2_147_483_647 - 0.5;
    for (const size of [1, 1e9, 1e300]) {
      const { nfe } = report((_t, _y, dydt) => dydt.fill(size * random()), 1, { maxSteps: 500 });
      expect(nfe).toBeLessThanOrEqual(500 * 91);
    }
  });

  test('a last step that is rejected for ever ends', () => {
    // The package does not count attempts at the last step, and this field lets none of them pass.
    let calls = 0;
    const flicker = report((t, _y, dydt) => dydt.fill(t > 0.5 && ++calls % 2 === 1 ? 1e-3 : 1), 1, {
      maxSteps: 100,
    });
    expect(flicker.status).toBe('max-steps');
    expect(flicker.nfe).toBe(9100);
  });

  test('names the component that moves fastest, in tolerances, when steps do not suffice', () => {
    const failed = (atol: number[]) =>
      report((t, _y, dydt) => dydt.set([Math.cos(1e4 * t), 100 * Math.cos(1e4 * t)]), 1, {
        maxSteps: 20,
        atol,
        rtol: 1e-9,
      });
    expect(failed([1e-6, 1e-6]).failure!.component).toBe(1);
    expect(failed([1e-6, 1]).failure!.component).toBe(0);
  });

  test('throws with a message', () => {
    const call = () => solve((_t, _y, dydt) => dydt.fill(NaN), [1], 0, 1, { solver: 'odex' });
    expect(call).toThrow(/^odex: The field returned NaN or infinity at t=0 /);
  });

  test('chooses its own steps', () => {
    expect(() => report(() => {}, 1, { stepSize: 0.1 })).toThrow(/stepSize: 'odex' chooses its own steps/);
  });
});

describe('misuse is named', () => {
  const field: OdeField = (_t, _y, dydt) => dydt.fill(1);
  /** Calls that a JavaScript program may make. */
  const call = solve as unknown as (...args: unknown[]) => unknown;
  const cases: [args: unknown[], code: string, message: RegExp | string][] = [
    [['y', [1], 0, 1], 'invalid-argument', "f: expected a function (t, y, dydt), got 'y'."],
    [
      [field, [], 0, 1],
      'invalid-argument',
      'y0: expected an array of at least one number, got an empty array.',
    ],
    [[field, 1, 0, 1], 'invalid-argument', 'y0: expected an array of at least one number, got 1.'],
    [[field, null, 0, 1], 'invalid-argument', 'y0: expected an array of at least one number, got null.'],
    [[field, [1, NaN], 0, 1], 'invalid-argument', 'y0[1]: expected a finite number, got NaN.'],
    [[field, ['1'], 0, 1], 'invalid-argument', "y0[0]: expected a finite number, got '1'."],
    [[field, [1], NaN, 1], 'invalid-argument', 't0: expected a finite number, got NaN.'],
    [[field, [1], 0, Infinity], 'invalid-argument', 't1: expected a finite number, got Infinity.'],
    [[field, [1], 0], 'invalid-argument', 't1: expected a finite number, got undefined.'],
    [[field, [1], -1e308, 1e308], 'invalid-argument', 't1 - t0: expected a finite number, got Infinity.'],
  ];
  test.each(cases)('%#', (args, code, message) => {
    expect(() => call(...args)).toThrow(message);
    expect(() => call(...args)).toThrow(expect.objectContaining({ code }));
  });

  const options: [options: unknown, code: string, message: RegExp | string][] = [
    [{ rtol: 0 }, 'invalid-argument', 'rtol: expected a positive finite number, got 0.'],
    [{ rtol: NaN }, 'invalid-argument', /^rtol: /],
    [{ rtol: '1e-3' }, 'invalid-argument', "rtol: expected a positive finite number, got '1e-3'."],
    [{ atol: -1 }, 'invalid-argument', 'atol: expected a positive finite number, got -1.'],
    [{ atol: [1e-3, 0] }, 'invalid-argument', 'atol[1]: expected a positive finite number, got 0.'],
    [
      { atol: [1e-3] },
      'shape-mismatch',
      /^atol has 1 entries; expected one number, or one for each of the 2/,
    ],
    [{ atol: null }, 'invalid-argument', /^atol: .* got null\.$/],
    [{ maxSteps: 0 }, 'invalid-argument', 'maxSteps: expected a positive integer, got 0.'],
    [{ maxSteps: 1.5 }, 'invalid-argument', /^maxSteps: /],
    [
      { solver: 'rk4', stepSize: 0 },
      'invalid-argument',
      'stepSize: expected a positive finite number, got 0.',
    ],
    [
      { solver: 'rk4' },
      'invalid-argument',
      /^stepSize: expected a positive number, because 'rk4' has no error/,
    ],
    [
      { solver: 'tsit' },
      'unknown-name',
      /^Unknown solver 'tsit'. Did you mean 'tsit5'\? Known: dopri5, .*, kvaerno5\.$/,
    ],
    [{ solver: 'toString' }, 'unknown-name', /^Unknown solver 'toString'/],
    [{ solver: 5 }, 'invalid-argument', 'solver: expected a name, got 5.'],
    [{ onFailure: 'ignore' }, 'invalid-argument', "onFailure: expected 'throw' or 'report', got 'ignore'."],
    [{ tol: 1 }, 'unknown-name', /^Unknown option of solve 'tol'. Did you mean 'rtol'\?/],
    [{ solver: 'euler', stepSize: 1, rtol: -1 }, 'invalid-argument', /^rtol: /],
    [{ times: 0.5 }, 'invalid-argument', 'times: expected an array of numbers, got 0.5.'],
    [{ times: [0.5, 2] }, 'invalid-argument', 'times[1]: expected a time from 0.5 to t1 = 1, got 2.'],
    [{ solver: 'odex', times: [NaN] }, 'invalid-argument', /^times\[0\]: /],
    [{ solver: 'odex', rtol: -1 }, 'invalid-argument', /^rtol: /],
    [{ solver: 'odex', maxSteps: -1 }, 'invalid-argument', /^maxSteps: /],
  ];
  test.each(options)('%o', (wrong, code, message) => {
    expect(() => call(field, [1, 2], 0, 1, wrong)).toThrow(message);
    expect(() => call(field, [1, 2], 0, 1, wrong)).toThrow(expect.objectContaining({ code }));
  });
});
