import { describe, expect, test } from 'vitest';

import { gaussLegendre, solve, solveWithPullback } from '../../src/ode/index.ts';
import type { DifferentiableField, Jacobian, SolveWithPullbackOptions } from '../../src/ode/index.ts';
import { distance } from './problems.ts';

/** A pendulum with friction, driven by an outer force: p = (stiffness, friction, force). */
const driven = (p: ArrayLike<number>): DifferentiableField => ({
  parameters: 3,
  f: (t, y, dydt) => {
    dydt[0] = y[1]!;
    dydt[1] = -p[0]! * Math.sin(y[0]!) - p[1]! * y[1]! + p[2]! * Math.cos(t * t);
  },
  pullback: (t, y, v, ofY, ofP) => {
    ofY[0]! -= p[0]! * Math.cos(y[0]!) * v[1]!;
    ofY[1]! += v[0]! - p[1]! * v[1]!;
    ofP[0]! -= Math.sin(y[0]!) * v[1]!;
    ofP[1]! -= y[1]! * v[1]!;
    ofP[2]! += Math.cos(t * t) * v[1]!;
  },
});
const p = [1.7, 0.2, 0.6];
const y0 = [0.9, -0.4];
const cotangent = [1.3, -0.4];
const loss = (y: Float64Array) => cotangent[0]! * y[0]! + cotangent[1]! * y[1]!;
const tight = { rtol: 1e-11, atol: 1e-11 };

/** The start, the parameters and the two times as one list, and the loss as a function of it. */
const lossOf = ([a, b, p0, p1, p2, t0, t1]: readonly number[]): number =>
  loss(solve(driven([p0!, p1!, p2!]).f, [a!, b!], t0!, t1!, { solver: 'vern9', rtol: 1e-13, atol: 1e-13 }).y);

function differences(at: readonly number[]): number[] {
  const step = 1e-4;
  // Central differences of order 4.
  return at.map((_, i) => {
    const moved = (by: number) => lossOf(at.map((value, j) => (i === j ? value + by * step : value)));
    return (8 * (moved(1) - moved(-1)) - (moved(2) - moved(-2))) / (12 * step);
  });
}

function gradientOf(t0: number, t1: number, options: SolveWithPullbackOptions): number[] {
  const found = solveWithPullback(driven(p), y0, t0, t1, options).pullback(cotangent);
  return [...found.y0, ...found.parameters, found.t0, found.t1];
}

const modes: SolveWithPullbackOptions[] = [
  { gradient: 'discrete' },
  { gradient: 'backsolve', adjointNorm: 'state' },
  { gradient: 'backsolve', adjointNorm: 'full' },
  { gradient: 'quadrature' },
];
const nameOf = ({ gradient, adjointNorm }: SolveWithPullbackOptions) =>
  adjointNorm === undefined ? String(gradient) : `${gradient}, ${adjointNorm} norm`;

test.each(['dopri5', 'odex'])('parameters that do nothing change no step of backsolve: %s', (solver) => {
  const own = driven(p);
  const options = { solver, rtol: 1e-7, atol: 1e-7, gradient: 'backsolve' } as const;
  const found = [own, { ...own, parameters: 300 }].map((field) =>
    solveWithPullback(field, y0, 0.3, 3.5, options).pullback(cotangent),
  );
  expect(found[1]!.steps).toBe(found[0]!.steps);
  expect(found[1]!.nfe).toBe(found[0]!.nfe);
  expect(distance(found[1]!.y0, found[0]!.y0)).toBeLessThan(1e-12);
  expect(distance(found[1]!.parameters.slice(0, 3), found[0]!.parameters)).toBeLessThan(1e-12);
});

describe.each(modes.map((mode) => ({ mode, name: nameOf(mode) })))('$name', ({ mode }) => {
  test.each([
    [0.3, 3.5],
    [2.5, -0.5],
  ])('by start, parameters and times from %d to %d, against central differences', (t0, t1) => {
    const expected = differences([...y0, ...p, t0, t1]);
    expect(Math.min(...expected.map(Math.abs))).toBeGreaterThan(1e-3);
    expect(distance(gradientOf(t0, t1, { ...tight, ...mode }), expected)).toBeLessThan(3e-9);
  });

  test.each(['bosh3', 'tsit5', 'vern7', 'vern9', 'rodas5p', 'kvaerno5', 'adams', 'odex'])('%s', (solver) => {
    if (mode.gradient === 'discrete' && ['rodas5p', 'kvaerno5', 'adams', 'odex'].includes(solver)) return;
    const options = { rtol: 1e-7, atol: 1e-7, solver, ...mode };
    const expected = gradientOf(0.3, 2, { ...tight, solver: 'vern9' });
    expect(distance(gradientOf(0.3, 2, options), expected)).toBeLessThan(5e-6);
  });

  test('with fixed steps the error falls as h^4 of rk4', () => {
    const expected = gradientOf(0.3, 2, { ...tight, solver: 'vern9' });
    const errorAt = (stepSize: number) =>
      distance(gradientOf(0.3, 2, { solver: 'rk4', stepSize, ...mode }), expected);
    // Where the cubic of rk4's dense output carries the state, its order 3 and a half shows.
    expect(Math.log2(errorAt(0.02) / errorAt(0.01))).toBeGreaterThan(3.4);
  });

  test('is linear in the cotangent, whatever its size, and the same a second time', () => {
    const { pullback } = solveWithPullback(driven(p), y0, 0, 2, mode);
    const [once, small] = [pullback(cotangent), pullback(cotangent.map((value) => value * 2 ** -40))];
    expect(small.y0.map((value) => value * 2 ** 40)).toEqual(once.y0);
    expect(small.parameters.map((value) => value * 2 ** 40)).toEqual(once.parameters);
    expect(pullback(cotangent)).toEqual(once);
    expect(pullback([0, 0]).parameters).toEqual(new Float64Array(3));
  });

  test('keeps its own start and end', () => {
    const start = Float64Array.from(y0);
    const solution = solveWithPullback(driven(p), start, 0, 2, mode);
    const once = solution.pullback(cotangent);
    start.fill(7);
    solution.y.fill(7);
    expect(solution.pullback(cotangent)).toEqual(once);
  });

  test('without parameters, and over no time at all', () => {
    const { f, pullback } = driven(p);
    const unused = new Float64Array(3);
    const plain: DifferentiableField = {
      f,
      parameters: 0,
      pullback: (t, y, v, ofY) => pullback(t, y, v, ofY, unused),
    };
    const whole = solveWithPullback(driven(p), y0, 0, 2, { ...tight, ...mode }).pullback(cotangent);
    const found = solveWithPullback(plain, y0, 0, 2, { ...tight, ...mode }).pullback(cotangent);
    expect(found.parameters).toHaveLength(0);
    expect(distance(found.y0, whole.y0)).toBeLessThan(1e-9);
    const still = solveWithPullback(driven(p), y0, 1, 1, mode).pullback(cotangent);
    expect([...still.y0]).toEqual(cotangent);
    expect(still.parameters).toEqual(new Float64Array(3));
    expect(still.t0).toBe(-still.t1);
  });
});

test('parameters move although the adjoint stands still: only the steps there know of the oscillation', () => {
  const wave: DifferentiableField = {
    parameters: 1,
    f: (t, _y, dydt) => void (dydt[0] = Math.sin(40 * t) ** 2),
    pullback: (t, _y, v, _ofY, ofP) => void (ofP[0]! += v[0]! * Math.sin(40 * t) ** 2),
  };
  const exact = 3 / 2 - Math.sin(240) / 160;
  for (const mode of modes) {
    const found = solveWithPullback(wave, [0], 0, 3, { rtol: 1e-8, atol: 1e-8, ...mode }).pullback([1]);
    expect(found.parameters[0]).toBeCloseTo(exact, 6);
  }
});

test('the adjoint moves although the state stands still: only its own error test knows of that', () => {
  // y' = 3 cos(5 t) y + p rests at y = 0 with p = 0, while a = exp(3 (sin 5 T - sin 5 t) / 5).
  const resting: DifferentiableField = {
    parameters: 1,
    f: (t, y, dydt) => void (dydt[0] = 3 * Math.cos(5 * t) * y[0]!),
    pullback: (t, _y, v, ofY, ofP) => {
      ofY[0]! += 3 * Math.cos(5 * t) * v[0]!;
      ofP[0]! += v[0]!;
    },
  };
  const adjoint = (t: number) => Math.exp(0.6 * (Math.sin(15) - Math.sin(5 * t)));
  const pieces = 3000;
  const exact = Array.from({ length: pieces }, (_, i) => adjoint((3 * (i + 0.5)) / pieces));
  const integral = (3 / pieces) * exact.reduce((sum, value) => sum + value, 0);
  for (const mode of modes) {
    const found = solveWithPullback(resting, [0], 0, 3, { rtol: 1e-8, atol: 1e-8, ...mode }).pullback([1]);
    const error = Math.max(Math.abs(found.parameters[0]! - integral), Math.abs(found.y0[0]! - adjoint(0)));
    // The discrete gradient is exact, but for steps that were chosen for y alone.
    if (mode.gradient === 'discrete') expect(error).toBeGreaterThan(1e-2);
    else expect(error).toBeLessThan(1e-5);
  }
});

test('the norm is asked for on the way back, too', () => {
  for (const mode of modes.slice(1)) {
    const stepsBy = (norm: 'rms' | 'max') =>
      solveWithPullback(driven(p), y0, 0.3, 3.5, { ...tight, norm, ...mode }).pullback(cotangent).steps;
    expect(stepsBy('max')).toBeGreaterThan(stepsBy('rms'));
  }
});

test('the seminorm takes fewer steps where the integral of the parameters is what is hard', () => {
  // The parameter gradient is 1000 times the state: a full norm resolves that integral as if anything grew from it.
  const strong: DifferentiableField = {
    ...driven(p),
    pullback: (t, y, v, ofY, ofP) => {
      const part = new Float64Array(3);
      driven(p).pullback(t, y, v, ofY, part);
      part.forEach((value, i) => (ofP[i]! += 1000 * value));
    },
  };
  const at = (adjointNorm: 'state' | 'full') =>
    solveWithPullback(strong, y0, 0.3, 3.5, { ...tight, gradient: 'backsolve', adjointNorm }).pullback(
      cotangent,
    );
  const [state, full] = [at('state'), at('full')];
  expect(state.steps).toBeLessThan(0.9 * full.steps);
  expect(distance(state.parameters, full.parameters)).toBeLessThan(1e-6);
  expect(
    solveWithPullback(strong, y0, 0.3, 3.5, { ...tight, gradient: 'backsolve' }).pullback(cotangent),
  ).toEqual(state);
});

describe('a field that contracts', () => {
  /** y' = -rate (y - cos t): what is left of the start at t = 1 is exp(-rate). */
  const contracting = (rate: number): DifferentiableField => ({
    parameters: 1,
    f: (t, y, dydt) => void (dydt[0] = -rate * (y[0]! - Math.cos(t))),
    pullback: (t, y, v, ofY, ofP) => {
      ofY[0]! -= rate * v[0]!;
      ofP[0]! -= (y[0]! - Math.cos(t)) * v[0]!;
    },
  });
  /** dy/drate at t = 1 from y(0) = 0, by differences of the closed form. */
  const exact = (rate: number): number => {
    const at = (k: number) => (k * k * Math.cos(1) + k * Math.sin(1) - k * k * Math.exp(-k)) / (1 + k * k);
    return (at(rate + 1e-4) - at(rate - 1e-4)) / 2e-4;
  };
  const errorOf = (rate: number, mode: SolveWithPullbackOptions) => {
    const options = { rtol: 1e-7, atol: 1e-7, ...mode };
    const { parameters, drift } = solveWithPullback(contracting(rate), [0], 0, 1, options).pullback([1]);
    return { error: Math.abs(parameters[0]! / exact(rate) - 1), drift };
  };

  /** The relative error of dz/dp, where z' = p y^2. */
  const remembered = (gradient: 'discrete' | 'backsolve' | 'quadrature'): number => {
    const both: DifferentiableField = {
      parameters: 1,
      f: (t, y, dydt) => {
        dydt[0] = -20 * (y[0]! - Math.cos(t));
        dydt[1] = 0.5 * y[0]! * y[0]!;
      },
      pullback: (_t, y, v, ofY, ofP) => {
        ofY[0]! += -20 * v[0]! + y[0]! * v[1]!;
        ofP[0]! += y[0]! * y[0]! * v[1]!;
      },
    };
    const options = { rtol: 1e-7, atol: 1e-7, gradient };
    const { parameters } = solveWithPullback(both, [0, 0], 0, 1, options).pullback([0, 1]);
    const exact = 2 * solve(both.f, [0, 0], 0, 1, { solver: 'vern9', ...tight }).y[1]!;
    return Math.abs(parameters[0]! / exact - 1);
  };

  test('backsolve drifts by the factor that the field forgets, and says so; the others do not', () => {
    expect(errorOf(2, { gradient: 'backsolve' }).error).toBeLessThan(1e-5);
    expect(errorOf(2, { gradient: 'backsolve' }).drift).toBeLessThan(1e-5);
    expect(errorOf(20, { gradient: 'backsolve' }).drift).toBeGreaterThan(1);
    // Here y itself is gone, but a, which falls off as fast, no longer asks for it; what remembers y does.
    expect(remembered('backsolve')).toBeGreaterThan(1);
    expect(remembered('quadrature')).toBeLessThan(1e-5);
    expect(remembered('discrete')).toBeLessThan(1e-5);
    for (const gradient of ['discrete', 'quadrature'] as const) {
      expect(errorOf(20, { gradient })).toEqual({ error: expect.any(Number) as number, drift: null });
      expect(errorOf(20, { gradient }).error).toBeLessThan(1e-4);
    }
  });

  test.each(['quadrature', 'backsolve'] as const)(
    '%s goes as well with a Jacobian as with differences',
    (gradient) => {
      const jacobian: Jacobian = (_t, y, dfdy) => dfdy.set([0, 1, -p[0]! * Math.cos(y[0]!), -p[1]!]);
      const at = (exact: Jacobian | undefined) =>
        solveWithPullback(driven(p), y0, 0.3, 3.5, {
          solver: 'rodas5p',
          gradient,
          rtol: 1e-9,
          jacobian: exact,
        }).pullback(cotangent);
      const [given, byDifferences] = [at(jacobian), at(undefined)];
      expect(Math.abs(given.steps - byDifferences.steps)).toBeLessThan(3);
      expect(distance(given.parameters, byDifferences.parameters)).toBeLessThan(1e-5);
      if (gradient === 'quadrature') expect(given.pullbacks).toBeLessThan(0.9 * byDifferences.pullbacks);
    },
  );

  test('a method for stiff fields takes the exact Jacobian along the solution', () => {
    const rate = 1e4;
    let asked = 0;
    const options: SolveWithPullbackOptions = {
      solver: 'rodas5p',
      rtol: 1e-8,
      atol: 1e-10,
      gradient: 'quadrature',
      jacobian: (_t, _y, dfdy) => {
        asked++;
        dfdy[0] = -rate;
      },
    };
    const solution = solveWithPullback(contracting(rate), [0], 0, 1, options);
    const there = asked;
    const { y0: ofStart, t1, steps } = solution.pullback([1]);
    expect(asked - there).toBeGreaterThan(10);
    expect(steps).toBeLessThan(200);
    expect(Math.abs(ofStart[0]!)).toBeLessThan(1e-9);
    // f(t1, y1) itself: -rate (y1 - cos 1), where y follows cos t.
    expect(t1).toBeCloseTo(-Math.sin(1), 3);
  });
});

test('where the state cannot be found again, the failure says what to take instead', () => {
  // y = 1 / sqrt(2 t + 1e-20): seen from t = 1, where it came from is lost.
  const cube: DifferentiableField = {
    parameters: 0,
    f: (_t, y, dydt) => void (dydt[0] = -(y[0]! ** 3)),
    pullback: (_t, y, v, ofY) => void (ofY[0]! -= 3 * y[0]! ** 2 * v[0]!),
  };
  const { pullback } = solveWithPullback(cube, [1e10], 0, 1, { gradient: 'backsolve' });
  expect(() => pullback([1])).toThrow(
    /^On the way back, dopri5: .* A field that contracts expands backward: gradient 'quadrature'/,
  );
});

describe("Gauss and Legendre's rule", () => {
  test.each([1, 2, 3, 4, 5, 9])('of %d points is exact up to its degree, and not beyond', (count) => {
    const { nodes, weights } = gaussLegendre(count);
    const integral = (degree: number) => nodes.reduce((sum, x, i) => sum + weights[i]! * x ** degree, 0);
    for (let degree = 0; degree < 2 * count; degree++) {
      expect(Math.abs(integral(degree) - (degree % 2 === 0 ? 2 / (degree + 1) : 0))).toBeLessThan(2e-15);
    }
    expect(Math.abs(integral(2 * count) - 2 / (2 * count + 1))).toBeGreaterThan(1e-6);
  });
});

test.each([
  [{ gradient: 'adjoint' }, /^gradient: expected 'discrete', 'backsolve' or 'quadrature', got 'adjoint'/],
  [{ gradient: 'backsolve', adjointNorm: 'half' }, /^adjointNorm: expected 'state' or 'full', got 'half'/],
  [{ adjointNorm: 'full' }, /^adjointNorm: only gradient 'backsolve' knows it, not 'discrete'/],
  [{ times: [1] }, /^Unknown option of solveWithPullback 'times'/],
  [{ solver: 'rodas5p' }, /^solver: 'rodas5p' has no 'discrete' gradient; take gradient 'quadrature'/],
  [
    { solver: 'odex' },
    /^solver: 'odex' has no 'discrete' gradient; take gradient 'quadrature' or 'backsolve'/,
  ],
  [{ solver: 'dopri' }, /^Unknown solver 'dopri'/],
  [{ rtol: [1e-5, 1e-5] }, /^rtol: expected a positive finite number, got object/],
  [{ norm: { kind: 'rms' } }, /^norm: expected 'rms' or 'max', got object/],
])('refuses %o', (options, message) => {
  expect(() => solveWithPullback(driven(p), y0, 0, 1, options as SolveWithPullbackOptions)).toThrow(message);
});

test('refuses fields and cotangents that are none', () => {
  const without = (name: string) => ({ ...driven(p), [name]: undefined }) as DifferentiableField;
  expect(() => solveWithPullback(without('f'), y0, 0, 1)).toThrow(/^field\.f: expected a function/);
  expect(() => solveWithPullback(without('pullback'), y0, 0, 1)).toThrow(/^field\.pullback: expected a func/);
  expect(() => solveWithPullback(without('parameters'), y0, 0, 1)).toThrow(
    /^field\.parameters: expected how/,
  );
  const { pullback } = solveWithPullback(driven(p), y0, 0, 1);
  expect(() => pullback([1])).toThrow(/^cotangent: expected 2 numbers.*got 1/);
  expect(() => pullback(1 as never)).toThrow(/^cotangent: expected an array of numbers, got 1/);
  expect(() => pullback([1, NaN])).toThrow(/^cotangent\[1\]: expected a finite number, got NaN/);
});
