import { describe, expect, test } from 'vitest';

import { engineNames } from '../../src/engine/index.ts';
import { isExplicit, solve, solverNames, solveWithPullback } from '../../src/ode/index.ts';
import type { OdeField } from '../../src/ode/index.ts';
import { solveEnsemble, solveEnsembleWithPullback, textField } from '../../src/system/index.ts';
import { distance } from '../ode/problems.ts';

const vanDerPol = '[y[1], mu*(1-y[0]^2)*y[1]-y[0]]';
const plain =
  (mu: number): OdeField =>
  (_t, y, dydt) => {
    dydt[0] = y[1]!;
    dydt[1] = mu * (1 - y[0]! * y[0]!) * y[1]! - y[0]!;
  };

test('a text means what the function means', async () => {
  const { field, dim, parameters } = await textField(vanDerPol, { mu: 5 });
  expect([dim, parameters]).toEqual([2, ['mu']]);
  for (const mu of [5, 0.3]) {
    const options = { rtol: 1e-8, atol: 1e-8 };
    const expected = solve(plain(mu), [2, 0], 0, 10, options);
    const found = solve(mu === 5 ? field() : field([mu]), [2, 0], 0, 10, options);
    expect(distance(found.y, expected.y)).toBeLessThan(1e-9);
    expect(found.steps).toBe(expected.steps);
  }
});

test('time and constants', async () => {
  const { field } = await textField('[cos(2*pi*t), 3]');
  expect(distance(solve(field(), [0, 1], 0, 0.25).y, [1 / (2 * Math.PI), 1.75])).toBeLessThan(1e-5);
});

test('its Jacobian is exact', async () => {
  const { jacobian, field } = await textField(vanDerPol, { mu: 1000 });
  const dfdy = new Float64Array(4);
  jacobian()(0, Float64Array.of(1.5, -2), dfdy);
  expect([...dfdy]).toEqual([0, 1, 5999, 1000 * (1 - 2.25)]);
  const options = { solver: 'rodas5p', rtol: 1e-7, atol: 1e-9, jacobian: jacobian() };
  expect(solve(field(), [2, 0], 0, 2000, options).y[0]).toBeCloseTo(1.706167732, 4);
});

describe('what is no field', () => {
  test.each([
    ['y[1]', {}, /expected a list of formulas/],
    ['[y[2], 1]', {}, /expected y\[0\] to y\[1\].*got y\[2\]/],
    ['[y, 1]', {}, /component 0 has 2/],
    ['[y[0] +]', {}, /field/],
    ['[z]', {}, /got .*'?z'?/],
    ['[k*y[0]]', { k: NaN }, /parameters.k: expected a finite number/],
    ['[t]', { t: 1 }, /other than t, y/],
  ])('%s', async (text, parameters, message) => {
    await expect(textField(text, parameters)).rejects.toThrow(message);
    await expect(textField(text, parameters)).rejects.toMatchObject({ code: 'invalid-argument' });
  });
});

describe.each(engineNames.filter((name) => name === 'reference' || name === 'native'))('on %s', (engine) => {
  test('many starts, many parameters, no row knows of another', async () => {
    const system = await textField(vanDerPol, { mu: 1 });
    const starts = Array.from({ length: 40 }, (_, i) => 0.1 * i - 1);
    const all = await solveEnsemble(system, starts, 0, 3, { engine });
    expect(all).toMatchObject({ engine, status: Array.from({ length: 20 }, () => 'ok') });
    for (const row of [0, 7, 19]) {
      const start = starts.slice(2 * row, 2 * row + 2);
      const alone = await solveEnsemble(system, start, 0, 3, { engine });
      expect(alone.y).toEqual(all.y.slice(2 * row, 2 * row + 2));
      expect(distance(alone.y, solve(plain(1), start, 0, 3).y)).toBeLessThan(1e-9);
      expect(alone.steps[0]).toBe(all.steps[row]);
    }
    // Changing one row leaves every other row's bits.
    const changed = starts.map((value, i) => (i === 14 ? 3 : value));
    const other = await solveEnsemble(system, changed, 0, 3, { engine });
    other.y.forEach((value, i) => {
      if (i >> 1 !== 7) expect(value).toBe(all.y[i]);
    });
    expect(other.y[14]).not.toBe(all.y[14]);

    const sweep = await solveEnsemble(system, [2, 0], 0, 3, { engine, parameters: [0.5, 1, 2] });
    [0.5, 1, 2].forEach((mu, row) => {
      const expected = solve(plain(mu), [2, 0], 0, 3).y;
      expect(distance(sweep.y.slice(2 * row, 2 * row + 2), expected)).toBeLessThan(1e-9);
    });
  });

  test('states at output times', async () => {
    const system = await textField(vanDerPol, { mu: 1 });
    const options = { engine, rtol: 1e-9, atol: 1e-9 };
    const { at, y } = await solveEnsemble(system, [2, 0, 1, 1], 3, 0, { ...options, times: [3, 2, 0.5, 0] });
    expect(at).toHaveLength(4);
    expect([...at![0]!]).toEqual([2, 0, 1, 1]);
    expect(at![3]).toEqual(y);
    const alone = solve(plain(1), [1, 1], 3, 0, { rtol: 1e-9, atol: 1e-9, times: [2, 0.5] });
    expect(distance(at![1]!.slice(2), alone.at![0]!)).toBeLessThan(1e-7);
    expect(distance(at![2]!.slice(2), alone.at![1]!)).toBeLessThan(1e-7);
    const none = await solveEnsemble(system, [2, 0], 0, 1, { engine });
    expect(none.at).toBeUndefined();
  });

  test('a tolerance for each component', async () => {
    const system = await textField(vanDerPol, { mu: 5 });
    const atol = [1e-4, 3e-9];
    const { y, steps } = await solveEnsemble(system, [2, 0, 1, 1], 0, 5, { engine, rtol: 1e-8, atol });
    const alone = solve(plain(5), [1, 1], 0, 5, { rtol: 1e-8, atol });
    expect(distance(y.slice(2), alone.y)).toBeLessThan(1e-11);
    expect(steps[1]).toBe(alone.steps);
    const one = await solveEnsemble(system, [1, 1], 0, 5, { engine, rtol: 1e-8, atol: atol[0] });
    expect(one.steps[0]).not.toBe(alone.steps);
  });

  test('a row that fails is named, or reported', async () => {
    const explosion = await textField('[y[0]^2]');
    const run = (onFailure: 'throw' | 'report') =>
      solveEnsemble(explosion, [-1, 1, -2], 0, 2, { engine, onFailure, maxSteps: 2000 });
    await expect(run('throw')).rejects.toThrow(/row 1.*\|y\|=/);
    const { status, y } = await run('report');
    expect([status[0], status[2]]).toEqual(['ok', 'ok']);
    expect(status[1]).not.toBe('ok');
    expect(y[1]).toBeNaN();
  });
});

test.each(solverNames.filter((name) => !isExplicit(name)))('an ensemble solved with %s', async (solver) => {
  const system = await textField(vanDerPol, { mu: 1 });
  const options = { solver, rtol: 1e-7, atol: 1e-7, parameters: [1, 30] };
  const { y, status, nfe } = await solveEnsemble(system, [2, 0, 1, 1], 0, 3, options);
  expect(status).toEqual(['ok', 'ok']);
  const alone = solve(plain(30), [1, 1], 0, 3, { solver: 'dopri5', rtol: 1e-9, atol: 1e-9 });
  expect(distance(y.slice(2), alone.y)).toBeLessThan(1e-5);
  const other = await solveEnsemble(system, [1, 1], 0, 3, { ...options, parameters: [30] });
  expect(other.y).toEqual(y.slice(2));
  expect(other.nfe[0]).toBe(nfe[1]);
  // Methods for stiff fields have the Jacobian, which differences would cost evaluations.
  if (solver === 'rodas5p') {
    const steps = (await solveEnsemble(system, [1, 1], 0, 3, { ...options, parameters: [30] })).steps[0]!;
    expect(nfe[1]).toBeLessThan(10.5 * (steps + 5));
  }
});

describe('gradients of an ensemble', () => {
  const text = '[y[1], mu*(1-y[0]^2)*y[1]-y[0]+a*t]';
  const starts = [2, 0, 1, 1, -1, 0.5];
  const parameters = [1, 0.1, 3, 0, 0.5, -0.2];
  const cotangents = [1, 0.5, -2, 1, 0, 3];
  const tight = { solver: 'vern9', rtol: 1e-12, atol: 1e-12 };

  const cases: readonly (readonly [string, object])[] = [
    ['on reference', { engine: 'reference' }],
    ['on native', { engine: 'native' }],
    ['on wasm', { engine: 'wasm' }],
    ['with an atol for each component', { engine: 'native', atol: [1e-12, 3e-11] }],
    ['by quadrature', { gradient: 'quadrature' }],
    ['by backsolve', { gradient: 'backsolve' }],
    ['with kvaerno5', { solver: 'kvaerno5', rtol: 1e-9, atol: 1e-9 }],
    ['with rodas5p', { solver: 'rodas5p', rtol: 1e-9, atol: 1e-9 }],
  ];
  test.each(cases)('are those of each row by central differences: %s', async (_name, more) => {
    const system = await textField(text, { mu: 1, a: 2 });
    const { y, pullback } = await solveEnsembleWithPullback(system, starts, 0.2, 1.5, {
      ...tight,
      parameters,
      ...more,
    });
    const found = await pullback(cotangents);
    const end = (row: number, from: ArrayLike<number>, set: ArrayLike<number>, t0: number, t1: number) => {
      const state = solve(system.field(set), from, t0, t1, tight).y;
      return cotangents[2 * row]! * state[0]! + cotangents[2 * row + 1]! * state[1]!;
    };
    const slope = (of: (moved: number) => number) => (of(1e-4) - of(-1e-4)) / 2e-4;
    const moved = (values: readonly number[], at: number, by: number) =>
      values.map((value, i) => (i === at ? value + by : value));
    for (let row = 0; row < 3; row++) {
      const from = starts.slice(2 * row, 2 * row + 2);
      const set = parameters.slice(2 * row, 2 * row + 2);
      expect(
        distance(y.slice(2 * row, 2 * row + 2), solve(system.field(set), from, 0.2, 1.5, tight).y),
      ).toBeLessThan(1e-7);
      for (const i of [0, 1]) {
        expect(found.y0[2 * row + i]).toBeCloseTo(
          slope((by) => end(row, moved(from, i, by), set, 0.2, 1.5)),
          5,
        );
        expect(found.parameters[2 * row + i]).toBeCloseTo(
          slope((by) => end(row, from, moved(set, i, by), 0.2, 1.5)),
          5,
        );
      }
      expect(found.t0[row]).toBeCloseTo(
        slope((by) => end(row, from, set, 0.2 + by, 1.5)),
        5,
      );
      expect(found.t1[row]).toBeCloseTo(
        slope((by) => end(row, from, set, 0.2, 1.5 + by)),
        5,
      );
    }
  });

  test('have the bits that a row has alone, and sum up where rows share what they began with', async () => {
    const system = await textField(text, { mu: 1, a: 2 });
    const all = await solveEnsembleWithPullback(system, [2, 0], 0, 1, { parameters, engine: 'native' });
    const found = await all.pullback([1, 0, 1, 0, 1, 0]);
    const alone = await solveEnsembleWithPullback(system, [2, 0], 0, 1, {
      parameters: [3, 0],
      engine: 'native',
    });
    const one = await alone.pullback([1, 0]);
    expect(one.y0).toEqual(found.y0.slice(2, 4));
    expect(one.parameters).toEqual(found.parameters.slice(2, 4));
    expect(one.t1[0]).toBe(found.t1[1]);
  });

  test('what cannot be meant is refused', async () => {
    const system = await textField('[y[0]^2]');
    const of = (more: object) => solveEnsembleWithPullback(system, [-1, 1], 0, 2, { maxSteps: 500, ...more });
    await expect(of({})).rejects.toThrow(/row 1/);
    await expect(of({ gradient: 'quadrature' })).rejects.toThrow(/^Row 1: /);
    await expect(of({ solver: 'rodas5p', gradient: 'discrete' })).rejects.toThrow(/take 'quadrature'/);
    await expect(of({ gradient: 'quadrature', atol: [1e-5] })).rejects.toThrow(/^atol: .*one number/);
    const { pullback } = await solveEnsembleWithPullback(system, [-1], 0, 2);
    expect((await pullback([1])).parameters).toHaveLength(0);
    await expect(pullback([1, 2])).rejects.toThrow(/^cotangents: expected 1 rows of 1 numbers/);
  });
});

/** Fields whose bodies are written down in different ways: one chain, several, copies, nothing at all. */
const bodies: Readonly<Record<string, string>> = {
  'one chain': '[10*(y[1]-y[0]), y[0]*(28-y[2])-y[1], y[0]*y[1]-8/3*y[2]]',
  'a component that is an input': '[y[1], mu*(1-y[0]^2)*y[1]-y[0]]',
  'time, powers and functions': '[sin(t)*y[1]-y[0]^3, exp(-y[1]^2)/(1+y[0]^2)]',
  'several chains': `[${Array.from({ length: 24 }, (_, i) => `sin(y[${(i + 1) % 24}]-y[${i}])-mu*tanh(y[${(i + 23) % 24}])`).join()}]`,
};

/** The same, where rounding decides about the steps: the error of most methods is nothing but rounding. */
const simple: Readonly<Record<string, string>> = {
  'nothing but inputs': '[y[1], y[0], t]',
  'the state itself': '[y[0]]',
  'the time alone': '[t]',
  'nothing but numbers': '[1, mu]',
};

describe.each(engineNames.filter((name) => name === 'native' || name === 'wasm'))('on %s', (engine) => {
  test.each(Object.entries({ ...bodies, ...simple }))(
    'as on the reference engine: %s',
    async (name, text) => {
      const system = await textField(text, text.includes('mu') ? { mu: 0.7 } : {});
      // More rows than there are lanes, and starts so different that lanes change rows in between.
      const starts = Float64Array.from({ length: 150 * system.dim }, (_, i) => Math.sin(i) * (1 + (i % 7)));
      for (const solver of ['dopri5', 'bosh3', 'heun2']) {
        const options = { solver, rtol: 1e-4, atol: 1e-5 };
        const expected = await solveEnsemble(system, starts, 0.25, 1, { ...options, engine: 'reference' });
        const found = await solveEnsemble(system, starts, 0.25, 1, { ...options, engine });
        expect(found.engine).toBe(engine);
        const scale = expected.y.reduce((most, value) => Math.max(most, Math.abs(value)), 1);
        expect(distance(found.y, expected.y) / scale).toBeLessThan(name in simple ? 1e-4 : 1e-9);
        if (name in simple) continue;
        expect([...found.steps]).toEqual([...expected.steps]);
        expect([...found.rejected]).toEqual([...expected.rejected]);
        expect([...found.nfe]).toEqual([...expected.nfe]);
      }
    },
  );

  test('rows that are repeated, and numbers that change while an ensemble is on its way', async () => {
    const system = await textField('[-k*y[0]]', { k: 1 });
    const k = Float64Array.from({ length: 100 }, (_, i) => i / 50);
    const times = [0.5, 1];
    const expected = await solveEnsemble(system, [2], 0, 2, { engine, parameters: [...k], times });
    const going = solveEnsemble(system, [2], 0, 2, { engine, parameters: k, times });
    k.fill(NaN);
    const found = await going;
    expect(found).toEqual(expected);
    // Counts are those of the whole way, and of a row that failed those until then and after.
    const parts = await Promise.all(
      [
        [0, 0.5],
        [0.5, 1],
        [1, 2],
      ].map(([from, to], i) => {
        const y0 = i === 0 ? [2] : expected.at![i - 1]!;
        const parameters = Float64Array.from({ length: 100 }, (_, row) => row / 50);
        return solveEnsemble(system, y0, from!, to!, { engine, parameters });
      }),
    );
    for (const what of ['steps', 'rejected', 'nfe'] as const) {
      const sums = parts[0]![what].map((count, row) => count + parts[1]![what][row]! + parts[2]![what][row]!);
      expect([...found[what]]).toEqual([...sums]);
    }
    const explosion = await textField('[y[0]^2]');
    const late = { engine, times: [0.5], onFailure: 'report', maxSteps: 300 } as const;
    const { status, y } = await solveEnsemble(explosion, [-1, 1, 4], 0, 2, late);
    expect(status[0]).toBe('ok');
    expect(['max-steps', 'non-finite', 'step-underflow']).toContain(status[1]);
    // What ended it first is what is told.
    expect(status[2]).toBe((await solveEnsemble(explosion, [4], 0, 0.5, late)).status[0]);
    expect([...y].map(Number.isNaN)).toEqual([false, true, true]);
  });
});

test('shapes are checked', async () => {
  const system = await textField(vanDerPol, { mu: 1 });
  await expect(solveEnsemble(system, [1, 2], 0, 1, { atol: [1] })).rejects.toThrow(/^atol has 1 entries/);
  await expect(solveEnsemble(system, [1, 2], 0, 1, { times: [2] })).rejects.toThrow(/^times\[0\]/);
  await expect(solveEnsemble(system, [1, 2, 3], 0, 1)).rejects.toThrow(/y0: expected rows of 2 numbers/);
  const parameters = [1, 2, 3];
  await expect(solveEnsemble(system, [1, 2, 3, 4], 0, 1, { parameters })).rejects.toThrow(
    /one for each of the 2/,
  );
});

test('its vector-Jacobian products are exact, and gradients go through a solve of it', async () => {
  const { differentiable, field } = await textField('[y[1], mu*(1-y[0]^2)*y[1]-y[0]+a*t]', { mu: 5, a: 2 });
  const [ofY, ofP] = [Float64Array.of(1, 1), Float64Array.of(1, 1)];
  const { pullback, parameters } = differentiable([3, 2]);
  pullback(0.5, Float64Array.of(1.5, -2), Float64Array.of(10, 100), ofY, ofP);
  expect(parameters).toBe(2);
  expect([...ofY]).toEqual([1 + 100 * (3 * 6 - 1), 1 + 10 + 100 * 3 * (1 - 2.25)]);
  expect([...ofP]).toEqual([1 + 100 * 2.5, 1 + 50]);

  const tight = { solver: 'vern9', rtol: 1e-12, atol: 1e-12 };
  const end = (mu: number, a: number) => solve(field([mu, a]), [2, 0], 0, 1, tight).y[0]!;
  const expected = [end(1.001, 2) - end(0.999, 2), end(1, 2.001) - end(1, 1.999)].map((rise) => rise / 0.002);
  for (const gradient of ['discrete', 'backsolve', 'quadrature'] as const) {
    const solution = solveWithPullback(differentiable([1, 2]), [2, 0], 0, 1, { ...tight, gradient });
    expect(distance(solution.pullback([1, 0]).parameters, expected)).toBeLessThan(1e-6);
  }
  const { f, ...rest } = (await textField('[-y[0]]')).differentiable();
  expect(rest.parameters).toBe(0);
  expect(solveWithPullback({ f, ...rest }, [1], 0, 1, tight).pullback([1]).y0[0]).toBeCloseTo(
    Math.exp(-1),
    10,
  );
});
