import { describe, expect, test } from 'vitest';

import { controllers, integrate, piControl, tableau, tableaus } from '../../src/ode/index.ts';
import type { IntegrateOptions, OdeField, Tableau } from '../../src/ode/index.ts';
import { distance, pendulum, reversed, riccati } from './problems.ts';

const adaptive = (method: Tableau, more: Partial<IntegrateOptions> = {}): IntegrateOptions => ({
  tableau: method,
  rtol: 1e-5,
  atol: 1e-5,
  maxSteps: 100_000,
  ...more,
});

/** A pair that is not first same as last. */
const heunEuler = tableau({
  name: 'heun-euler',
  order: 2,
  embeddedOrder: 1,
  c: [0, 1],
  a: [[], [1]],
  b: [1 / 2, 1 / 2],
  bEmbedded: [1, 0],
  reference: 'K. Heun, 1900',
});

const pairs = [tableaus.dopri5, tableaus.tsit5, tableaus.bosh3, heunEuler];
const problems = [riccati, pendulum, reversed(pendulum, [0.3, -0.4])];

/** The field, and the times at which it was asked. */
function spied(field: OdeField): { field: OdeField; times: number[] } {
  const times: number[] = [];
  return {
    times,
    field: (t, y, dydt) => {
      times.push(t);
      field(t, y, dydt);
    },
  };
}

describe.each(pairs)('$name', (method) => {
  test.each(problems)('$name: ends on t1 exactly and asks the field nowhere else', (problem) => {
    const { y0, t0 } = problem;
    for (const t1 of [problem.t1, t0 + (problem.t1 - t0) / 3, t0 + (problem.t1 - t0) * 1e-7]) {
      const { field, times } = spied(problem.field);
      const outcome = integrate(field, y0, t0, t1, adaptive(method));
      expect(outcome).toMatchObject({ t: t1, status: 'ok', failure: null, tape: null, at: null });
      expect(outcome.nfe).toBe(times.length);
      expect(Math.min(...times)).toBe(Math.min(t0, t1));
      expect(Math.max(...times)).toBe(Math.max(t0, t1));
    }
  });

  test.each(problems)('$name: counts', ({ field, y0, t0, t1 }) => {
    const { steps, rejected, nfe } = integrate(field, y0, t0, t1, adaptive(method));
    expect(steps).toBeGreaterThan(5);
    const attempts = steps + rejected;
    // Without first same as last, each accepted step but the final one is followed by one more evaluation.
    expect(nfe).toBe(2 + (method.stages - 1) * attempts + (method.fsal ? 0 : steps - 1));
  });

  test.each(problems)('$name: the tape tells the steps', ({ field, y0, t0, t1 }) => {
    const { tape, steps, y } = integrate(field, y0, t0, t1, adaptive(method, { record: true }));
    expect(tape).toMatchObject({ count: steps });
    expect(tape!.t).toHaveLength(steps + 1);
    expect([tape!.t[0], tape!.t.at(-1)]).toEqual([t0, t1]);
    expect(
      distance(
        tape!.h,
        tape!.t.slice(1).map((t, k) => t - tape!.t[k]!),
      ),
    ).toBeLessThan(1e-14);
    expect(new Set(tape!.stages.map((states) => states.length))).toEqual(
      new Set([method.stages * y0.length]),
    );
    // No step is a small fraction of those beside it just because the end was near.
    const last = Math.abs(tape!.h.at(-1)! / tape!.h.at(-2)!);
    expect(last).toBeGreaterThan(0.005);

    const again = integrate(field, y0, t0, t1, adaptive(method, { replay: tape!, record: true }));
    expect(again).toMatchObject({ status: 'ok', steps, rejected: 0 });
    expect(again.y).toEqual(y);
    expect(again.tape!.stages).toEqual(tape!.stages);
  });
});

describe('on a field without error, whose steps grow tenfold', () => {
  const smooth: OdeField = (_t, _y, dydt) => dydt.fill(1);
  const run = (field: OdeField, t1: number, times: number[] = []) =>
    integrate(field, [0], 0, t1, adaptive(tableaus.dopri5, { record: true, times }));
  const free = run(smooth, 1000).tape!;
  /** A step in the middle, from t to t + h. */
  const middle = free.h.findIndex((h) => h > 0.01) + 1;
  const [t, h] = [free.t[middle]!, free.h[middle]!];
  /** NaN once, at the first evaluation after `time`. */
  const nanOnce = (time: number): OdeField => {
    let fired = false;
    return (at, _y, dydt) => {
      const fires = !fired && at > time;
      dydt.fill(fires ? NaN : 1);
      fired ||= fires;
    };
  };
  const close = (sizes: number[]) => sizes.map((size) => expect.closeTo(size, 10) as number);

  test('they do', () => {
    expect(free.h[middle]! / free.h[middle - 1]!).toBeCloseTo(10, 10);
    expect(free.h[middle + 1]! / h).toBeCloseTo(10, 10);
  });

  test('a step that nearly reaches t1 is stretched onto it', () => {
    expect(run(smooth, t + 1.005 * h).tape!.h.slice(middle)).toEqual(close([1.005 * h]));
    expect(run(smooth, t + 1.05 * h).tape!.h.slice(middle)).toEqual(close([h, 0.05 * h]));
  });

  test('the step size that was proposed before a cut is kept', () => {
    const times = [t + 0.1 * h, t + 0.2 * h, t + 0.3 * h];
    const cut = run(smooth, 1000, times).tape!;
    expect(cut.h.slice(middle, middle + 4)).toEqual(close([0.1 * h, 0.1 * h, 0.1 * h, h]));
  });

  test('a step that is rejected for NaN is cut to a fifth, and the next one does not grow', () => {
    const outcome = run(nanOnce(t), 1000);
    expect(outcome).toMatchObject({ status: 'ok', rejected: 1 });
    expect(outcome.tape!.h.slice(middle, middle + 3)).toEqual(close([0.2 * h, 0.2 * h, 2 * h]));
  });

  test('a cut step that is rejected is cut to a fifth of itself', () => {
    const { tape, rejected } = run(nanOnce(t), 1000, [t + 0.1 * h]);
    expect(rejected).toBe(1);
    expect(tape!.h.slice(middle, middle + 3)).toEqual(close([0.02 * h, 0.02 * h, 0.06 * h]));
  });
});

test('the end of a step is the same for the field and for t, also where t + h rounds', () => {
  for (let k = 1; k < 100; k++) {
    const [t0, t1] = [-k / 97, (k * k) / 1013];
    const { field, times } = spied(pendulum.field);
    integrate(field, [1, 0], t0, t1, adaptive(tableaus.rk4, { stepSize: 10 }));
    expect(times.at(-1)).toBe(t1);
  }
});

test('one step of the tape, written out', () => {
  const { field, y0, t0, t1 } = pendulum;
  const { a, b, c, stages } = tableaus.dopri5;
  const { tape } = integrate(field, y0, t0, t1, adaptive(tableaus.dopri5, { record: true }));
  const n = y0.length;
  const step = 7;
  const [t, h, states] = [tape!.t[step]!, tape!.h[step]!, tape!.stages[step]!];
  const slopes: Float64Array[] = [];
  const state = (weights: ArrayLike<number>, offset: number) =>
    Float64Array.from({ length: n }, (_, p) => {
      let sum = 0;
      slopes.forEach((slope, j) => (sum += weights[offset + j]! * slope[p]!));
      return states[p]! + h * sum;
    });
  for (let i = 0; i < stages; i++) {
    const y = state(a, i * stages);
    expect(states.subarray(i * n, (i + 1) * n)).toEqual(y);
    const slope = new Float64Array(n);
    field(c[i] === 1 ? tape!.t[step + 1]! : t + c[i]! * h, y, slope);
    slopes.push(slope);
  }
  expect(tape!.stages[step + 1]!.subarray(0, n)).toEqual(state(b, 0));
});

test('an interval of length zero', () => {
  const never: OdeField = () => expect.unreachable();
  const options = adaptive(tableaus.dopri5, { record: true, times: [2, 2] });
  const outcome = integrate(never, [1, 2], 2, 2, options);
  expect(outcome).toMatchObject({
    t: 2,
    status: 'ok',
    steps: 0,
    rejected: 0,
    nfe: 0,
    tape: { count: 0, t: [2] },
  });
  expect(outcome.y).toEqual(Float64Array.of(1, 2));
  expect(outcome.at).toEqual([outcome.y, outcome.y]);
});

test('intervals that t barely resolves', () => {
  const decay: OdeField = (_t, y, dydt) => {
    dydt[0] = -1e-3 * y[0]!;
  };
  for (const t0 of [1, -1e9, 1e15]) {
    for (const ulps of [1, 3, 40]) {
      const t1 = t0 + ulps * 2 ** (Math.floor(Math.log2(Math.abs(t0))) - 52);
      const outcome = integrate(decay, [1], t0, t1, adaptive(tableaus.dopri5));
      expect(outcome).toMatchObject({ status: 'ok', t: t1 });
      expect(outcome.y[0]).toBeCloseTo(Math.exp(1e-3 * (t0 - t1)), 5);
    }
  }
});

test('the first step is found at every scale of time', () => {
  for (const scale of [1e-20, 1e-6, 1, 1e6, 1e20]) {
    const decay: OdeField = (t, y, dydt) => {
      dydt[0] = (-y[0]! * (1 + 0.5 * Math.sin(t / scale))) / scale;
    };
    const { y, status, steps } = integrate(decay, [1], 0, scale, adaptive(tableaus.dopri5));
    expect(status).toBe('ok');
    expect(steps).toBeLessThan(50);
    expect(y[0]).toBeCloseTo(Math.exp(-1 - 0.5 * (1 - Math.cos(1))), 4);
  }
});

test('the initial state is copied, and the outcome shares nothing', () => {
  const y0 = Float64Array.of(1, 0.2);
  const options = adaptive(tableaus.dopri5, { times: [1, 10], record: true });
  const outcome = integrate(pendulum.field, y0, 0, 10, options);
  expect(y0).toEqual(Float64Array.of(1, 0.2));
  const buffers = [outcome.y, ...outcome.at!, ...outcome.tape!.stages].map((array) => array.buffer);
  expect(new Set(buffers).size).toBe(buffers.length);
});

test('tolerances of single components', () => {
  // Two independent decays; only the second one is asked for precisely.
  const field: OdeField = (t, y, dydt) => {
    dydt[0] = -y[0]! * (1 + Math.sin(5 * t));
    dydt[1] = -y[1]! * (1 + Math.sin(t));
  };
  const steps = (atol: number | number[]) =>
    integrate(field, [1, 1], 0, 10, adaptive(tableaus.dopri5, { rtol: 1e-12, atol })).steps;
  expect(steps([1e-3, 1e-3])).toBe(steps(1e-3));
  expect(steps([1e-3, 1e-9])).toBeGreaterThan(2 * steps(1e-3));
  expect(steps([1e-3, 1e-9])).toBeLessThan(steps(1e-9));
});

describe('the step-size controller', () => {
  const stepsWith = (control: IntegrateOptions['control']) =>
    integrate(pendulum.field, pendulum.y0, 0, 10, adaptive(tableaus.dopri5, { control, record: true }));
  const usual = piControl;

  test('the default is that of DOPRI5', () => {
    expect(stepsWith(undefined).tape!.h).toEqual(stepsWith(controllers.dopri5).tape!.h);
  });

  test('growth is limited', () => {
    const { h } = stepsWith({ ...usual, maxFactor: 1.1 }).tape!;
    // The last step may be stretched by 1%.
    for (let k = 1; k < h.length; k++) expect(h[k]! / h[k - 1]!).toBeLessThan(1.1 * 1.011);
  });

  test('more safety, more steps, fewer rejections', () => {
    const [bold, careful] = [stepsWith({ ...usual, safety: 0.99 }), stepsWith({ ...usual, safety: 0.5 })];
    expect(careful.steps).toBeGreaterThan(bold.steps);
    expect(careful.rejected).toBeLessThan(bold.rejected);
  });

  test.each([
    { safety: 1 },
    { safety: NaN },
    { minFactor: 0 },
    { minFactor: 1 },
    { maxFactor: 1 },
    { maxFactor: Infinity },
    { beta: [0, 1, 0] as const },
    { beta: [1, -1, 0] as const },
    { beta: [1, NaN, 0] as const },
    { rejection: 0 },
  ])('%o is refused', (wrong) => {
    expect(() => stepsWith({ ...usual, ...wrong })).toThrow(
      expect.objectContaining({
        code: 'invalid-argument',
        message: expect.stringContaining(`control.${Object.keys(wrong)[0]} = `) as string,
      }),
    );
  });
});

describe('output times', () => {
  const { field, y0 } = pendulum;

  test.each([
    [0, 10],
    [10, 0],
  ])('from %d to %d: states on the way', (t0, t1) => {
    const times = [0, 0, 0.1, 1 / 3, 5, 5, 9.999, 10].map((time) => (t1 > t0 ? time : 10 - time));
    const { at, y, tape } = integrate(field, y0, t0, t1, adaptive(tableaus.tsit5, { times, record: true }));
    expect(at).toHaveLength(times.length);
    expect(at![0]).toEqual(Float64Array.from(y0));
    expect(at!.at(-1)).toEqual(y);
    times.forEach((time, i) => {
      expect(tape!.t).toContain(time);
      const alone = integrate(field, y0, t0, time, adaptive(tableaus.tsit5));
      expect(distance(at![i]!, alone.y)).toBeLessThan(5e-4);
    });
  });

  test('cost no more than the steps that end on them', () => {
    const free = integrate(field, y0, 0, 10, adaptive(tableaus.dopri5));
    const times = Array.from({ length: 20 }, (_, i) => (i + 1) / 2 - 1e-4);
    const { steps, rejected } = integrate(field, y0, 0, 10, adaptive(tableaus.dopri5, { times }));
    expect(steps + rejected).toBeLessThanOrEqual(free.steps + free.rejected + times.length);
  });

  test.each([
    ['NaN', [NaN]],
    ['outside', [11]],
    ['before t0', [-1]],
    ['turning back', [2, 1]],
  ])('%s is refused', (_what, times) => {
    expect(() => integrate(field, y0, 0, 10, adaptive(tableaus.dopri5, { times }))).toThrow(
      /times\[[01]\]: expected/,
    );
  });
});

describe('fixed steps', () => {
  const { field, y0 } = pendulum;
  const run = (method: Tableau, t1: number, stepSize: number, more: Partial<IntegrateOptions> = {}) =>
    integrate(field, y0, 0, t1, adaptive(method, { stepSize, record: true, ...more }));

  test.each(Object.values(tableaus))('$name: equal ones that end on t1', (method) => {
    for (const [t1, stepSize, count] of [
      [1, 0.1, 10],
      [2.1, 0.3, 7],
      [-1, 0.1, 10],
      [1, 0.3, 4],
      [0.7, 0.1, 7],
      [1, 5, 1],
      [1 / 3, 1 / 300, 100],
    ] as const) {
      const outcome = run(method, t1, stepSize);
      expect(outcome).toMatchObject({ status: 'ok', t: t1, steps: count, rejected: 0 });
      const { t, h: sizes } = outcome.tape!;
      expect(sizes).toEqual(t.slice(1).map((end, k) => end - t[k]!));
      for (const h of sizes) expect(h).toBeCloseTo(t1 / count, 14);
      expect(outcome.nfe).toBe(method.fsal ? 1 + (method.stages - 1) * count : method.stages * count);
    }
  });

  test('each interval between output times is divided by itself', () => {
    const { tape, at } = run(tableaus.rk4, 1, 0.25, { times: [0.3, 0.9] });
    expect(tape!.h).toEqual(
      [0.15, 0.15, 0.6 / 3, 0.6 / 3, 0.6 / 3, 1 - 0.9].map((h) => expect.closeTo(h, 15) as number),
    );
    expect(at![0]).toEqual(run(tableaus.rk4, 0.3, 0.15).y);
  });

  test('are needed where there is no error estimate', () => {
    expect(() => integrate(field, y0, 0, 1, adaptive(tableaus.rk4))).toThrow(
      "stepSize: expected a positive number, because 'rk4' has no error estimate; got undefined.",
    );
  });
});

describe('replay', () => {
  const { field, y0 } = pendulum;
  const { tape } = integrate(field, y0, 0, 10, adaptive(tableaus.dopri5, { record: true, times: [5] }));
  const replay = tape!;

  test('of another start takes the same steps', () => {
    const options = adaptive(tableaus.dopri5, { replay, record: true, times: [5], maxSteps: 1 });
    const outcome = integrate(field, [2, 0], 0, 10, options);
    expect(outcome).toMatchObject({ status: 'ok', rejected: 0 });
    expect(outcome.tape!.t).toEqual(replay.t);
    expect(outcome.tape!.h).toEqual(replay.h);
    expect(outcome.at![0]).toEqual(outcome.tape!.stages[replay.t.indexOf(5)]!.subarray(0, 2));
  });

  test('of a tape that does not fit is refused', () => {
    const over = (t0: number, t1: number, options: IntegrateOptions) => () =>
      integrate(field, y0, t0, t1, options);
    const options = adaptive(tableaus.dopri5, { replay });
    expect(over(0, 9, options)).toThrow(
      'replay: expected a tape from t0 = 0 to t1 = 9, got one from 0 to 10.',
    );
    expect(over(1, 10, options)).toThrow(/replay: expected a tape from t0 = 1/);
    expect(over(0, 10, { ...options, tableau: tableaus.bosh3 })).toThrow(
      /The tape holds 14 numbers a step; expected 8/,
    );
    expect(over(0, 10, { ...options, times: [4.9] })).toThrow(/times\[0\]: expected a time at which a step/);
  });
});

test('bit for bit the same again', () => {
  for (const { field, y0, t0, t1 } of problems) {
    const once = () => integrate(field, y0, t0, t1, adaptive(tableaus.tsit5, { record: true }));
    expect(once()).toEqual(once());
  }
});
