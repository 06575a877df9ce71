import { describe, expect, test } from 'vitest';

import { endTimeCotangent, integrate, integratePullback, tableau, tableaus } from '../../src/ode/index.ts';
import type { FieldPullback, IntegrateOptions, OdeField, Tableau, Tape } from '../../src/ode/index.ts';

const n = 2;
const hidden = 3;
/** Rows of W1 (hidden x n), the bias and its rate in time, and W2 (n x hidden). */
const parameters = Float64Array.from({ length: hidden * n + 2 * hidden + n * hidden }, (_, i) =>
  Math.sin(3 * i + 1),
);
const [biasAt, rateAt, outAt] = [hidden * n, hidden * n + hidden, hidden * n + 2 * hidden];

const activation = (p: Float64Array, t: number, y: Float64Array, i: number) =>
  Math.tanh(p[i * n]! * y[0]! + p[i * n + 1]! * y[1]! + p[biasAt + i]! + p[rateAt + i]! * Math.sin(t));

/** dy/dt = W2 tanh(W1 y + bias + rate sin t): a field such as flows have. */
function network(p: Float64Array): OdeField {
  return (t, y, dydt) => {
    dydt.fill(0);
    for (let i = 0; i < hidden; i++) {
      const unit = activation(p, t, y, i);
      for (let j = 0; j < n; j++) dydt[j]! += p[outAt + j * hidden + i]! * unit;
    }
  };
}

/** Its vector-Jacobian product, derived by hand; parameter cotangents are added into `gradient`. */
function networkPullback(p: Float64Array, gradient: Float64Array): FieldPullback {
  return (t, y, cotangent, cotangentY) => {
    let cotangentT = 0;
    for (let i = 0; i < hidden; i++) {
      const unit = activation(p, t, y, i);
      let back = 0;
      for (let j = 0; j < n; j++) {
        back += p[outAt + j * hidden + i]! * cotangent[j]!;
        gradient[outAt + j * hidden + i]! += cotangent[j]! * unit;
      }
      back *= 1 - unit * unit;
      for (let j = 0; j < n; j++) {
        cotangentY[j]! += back * p[i * n + j]!;
        gradient[i * n + j]! += back * y[j]!;
      }
      gradient[biasAt + i]! += back;
      gradient[rateAt + i]! += back * Math.sin(t);
      cotangentT += back * p[rateAt + i]! * Math.cos(t);
    }
    return cotangentT;
  };
}

const y0 = Float64Array.of(0.3, -0.8);
const cotangent = Float64Array.of(1.3, -0.4);
const loss = (y: Float64Array) => cotangent[0]! * y[0]! + cotangent[1]! * y[1]!;

/** The change of `value` by the i-th entry, by central differences. */
function centralDifference(at: Float64Array, i: number, value: (moved: Float64Array) => number): number {
  const step = 1e-5;
  const moved = (by: number) => at.map((entry, j) => (j === i ? entry + by : entry));
  return (value(moved(step)) - value(moved(-step))) / (2 * step);
}

function expectClose(found: number, expected: number, scale: number, tolerance: number): void {
  expect(Math.abs(found - expected) / scale).toBeLessThan(tolerance);
}

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

const modes: [Tableau, Partial<IntegrateOptions>][] = [
  [tableaus.dopri5, {}],
  [tableaus.tsit5, {}],
  [tableaus.bosh3, {}],
  [heunEuler, { rtol: 1e-4, atol: 1e-4 }],
  [tableaus.dopri5, { stepSize: 0.3 }],
  [tableaus.rk4, { stepSize: 0.3 }],
  [tableaus.euler, { stepSize: 0.1 }],
];
const cases = modes.flatMap(([method, more]) =>
  [
    [0, 2.5],
    [1.5, -0.5],
  ].map(([t0, t1]) => ({
    name: `${method.name}${more.stepSize === undefined ? '' : ', fixed steps'}, from ${t0} to ${t1}`,
    t0: t0!,
    t1: t1!,
    options: { tableau: method, rtol: 1e-6, atol: 1e-6, maxSteps: 10_000, ...more },
  })),
);

describe.each(cases)('the discrete gradient: $name', ({ t0, t1, options }) => {
  const method = options.tableau;
  const { tape, y } = integrate(network(parameters), y0, t0, t1, { ...options, record: true });
  const gradient = new Float64Array(parameters.length);
  const shift = new Float64Array(1);
  let evaluations = 0;
  const counted: FieldPullback = (...args) => {
    evaluations++;
    return networkPullback(parameters, gradient)(...args);
  };
  const cotangentY0 = integratePullback(method, tape!, counted, cotangent, shift);

  /** The loss of the same steps, from another start, with other parameters, at other times. */
  const replayed = (start: Float64Array, p: Float64Array, later = 0): number => {
    const replay: Tape = { ...tape!, t: tape!.t.map((t) => t + later) };
    const [from, to] = [replay.t[0]!, replay.t.at(-1)!];
    return loss(integrate(network(p), start, from, to, { ...options, replay }).y);
  };

  test('has something to differentiate', () => {
    expect(tape!.count).toBeGreaterThan(5);
    expect(replayed(y0, parameters)).toBe(loss(y));
  });

  test('by the initial state, against central differences with the steps replayed', () => {
    const scale = Math.hypot(...cotangentY0);
    for (let i = 0; i < n; i++) {
      const expected = centralDifference(y0, i, (moved) => replayed(moved, parameters));
      expectClose(cotangentY0[i]!, expected, scale, 1e-8);
    }
  });

  test('by every parameter', () => {
    const scale = Math.max(...gradient.map(Math.abs));
    for (let i = 0; i < parameters.length; i++) {
      const expected = centralDifference(parameters, i, (moved) => replayed(y0, moved));
      expectClose(gradient[i]!, expected, scale, 1e-8);
      expect(gradient[i]).not.toBe(0);
    }
  });

  test('by a shift of all times', () => {
    const expected = centralDifference(Float64Array.of(0), 0, ([later]) => replayed(y0, parameters, later));
    expectClose(shift[0]!, expected, Math.abs(expected), 1e-7);
  });

  test('asks for the stages that the result depends on, and no others', () => {
    expect(evaluations).toBe(tape!.count * (method.fsal ? method.stages - 1 : method.stages));
  });

  test('is linear in the cotangent, and leaves its arguments alone', () => {
    const twice = integratePullback(
      method,
      tape!,
      networkPullback(parameters, gradient.slice()),
      cotangent.map((x) => 2 * x),
    );
    expect(twice).toEqual(cotangentY0.map((x) => 2 * x));
    expect(cotangent).toEqual(Float64Array.of(1.3, -0.4));
    const never: FieldPullback = () => expect.unreachable();
    expect(integratePullback(method, tape!, never, new Float64Array(n))).toEqual(new Float64Array(n));
  });
});

test('by the end and the begin time', () => {
  const options: IntegrateOptions = { tableau: tableaus.dopri5, rtol: 1e-12, atol: 1e-12, maxSteps: 10_000 };
  const field = network(parameters);
  const run = (t0: number, t1: number) => integrate(field, y0, t0, t1, { ...options, record: true });
  const { y, tape } = run(0.2, 2.5);
  const byEnd = endTimeCotangent(field, 2.5, y, cotangent);
  const expectedEnd = centralDifference(Float64Array.of(2.5), 0, ([t1]) => loss(run(0.2, t1!).y));
  expectClose(byEnd, expectedEnd, Math.abs(expectedEnd), 1e-6);

  const pullback = networkPullback(parameters, new Float64Array(parameters.length));
  const cotangentY0 = integratePullback(tableaus.dopri5, tape!, pullback, cotangent);
  const byBegin = -endTimeCotangent(field, 0.2, y0, cotangentY0);
  const expectedBegin = centralDifference(Float64Array.of(0.2), 0, ([t0]) => loss(run(t0!, 2.5).y));
  expectClose(byBegin, expectedBegin, Math.abs(expectedBegin), 1e-6);
});

test('an interval of length zero has the cotangent itself', () => {
  const { tape } = integrate(network(parameters), y0, 1, 1, { ...cases[0]!.options, record: true });
  const never: FieldPullback = () => expect.unreachable();
  expect(integratePullback(tableaus.dopri5, tape!, never, cotangent)).toEqual(cotangent);
});

test('a tape of another tableau or another state is refused', () => {
  const { tape } = integrate(network(parameters), y0, 0, 1, { ...cases[0]!.options, record: true });
  const pullback = networkPullback(parameters, new Float64Array(parameters.length));
  const message = /^The tape holds 14 numbers a step; expected (8|21), stages x components/;
  expect(() => integratePullback(tableaus.bosh3, tape!, pullback, cotangent)).toThrow(message);
  expect(() => integratePullback(tableaus.dopri5, tape!, pullback, new Float64Array(3))).toThrow(message);
});
