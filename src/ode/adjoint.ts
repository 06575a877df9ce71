import type { DenseSolution } from './dense.ts';
import { gaussLegendre } from './gauss-legendre.ts';
import type { Jacobian } from './linearised.ts';
import { pointsPerStep } from './points-per-step.ts';
import { integratePullback } from './pullback.ts';
import { defaults, solve } from './solve.ts';
import type { SolveOptions } from './solve.ts';
import type { Tableau } from './tableau.ts';
import type { Tape } from './tape.ts';
import type { OdeField } from './types.ts';

/** A field dy/dt = f(t, y, p) with what gradients need to know of it. */
export interface DifferentiableField {
  /** The field with its parameters p. */
  readonly f: OdeField;
  /** How many numbers p has. */
  readonly parameters: number;
  /**
   * The vector-Jacobian products at (t, y): ADDS (df/dy)^T cotangent into `cotangentY`, and (df/dp)^T cotangent into
   * `cotangentP`. The arrays belong to the caller and are valid during the call only.
   */
  readonly pullback: (
    t: number,
    y: Float64Array,
    cotangent: Float64Array,
    cotangentY: Float64Array,
    cotangentP: Float64Array,
  ) => void;
}

/** A way back: where it leads from and to, and how it is solved. */
export interface WayBack {
  readonly field: DifferentiableField;
  readonly t0: number;
  readonly t1: number;
  readonly y1: Float64Array;
  readonly cotangent: Float64Array;
  readonly options: SolveOptions & { readonly norm?: 'rms' | 'max' | undefined };
}

/** What a way back finds. */
export interface Found {
  readonly y0: Float64Array;
  readonly parameters: Float64Array;
  /** Steps taken back. */
  readonly steps: number;
  /** The state that was found again at t0; null where it was not looked for. */
  readonly again: Float64Array | null;
}

/** The exact derivative of the steps on the tape. */
export function discreteAdjoint({ field, cotangent }: WayBack, tableau: Tableau, tape: Tape): Found {
  const parameters = new Float64Array(field.parameters);
  const y0 = integratePullback(
    tableau,
    tape,
    (t, y, v, cotangentY) => {
      field.pullback(t, y, v, cotangentY, parameters);
      return 0;
    },
    cotangent,
  );
  return { y0, parameters, steps: tape.count, again: null };
}

/**
 * y, a = dL/dy and g = dL/dp solved together from t1 back to t0 (Chen et al. 2018, algorithm 1),
 *
 *   dy/dt = f,   da/dt = -(df/dy)^T a,   dg/dt = -(df/dp)^T a.
 *
 * g is an integral on which nothing depends, so that its error does not grow: `adjointNorm: 'state'` leaves it out of the
 * error test (Kidger, Chen, Lyons 2021).
 */
export function backsolveAdjoint(way: WayBack, adjointNorm: 'state' | 'full'): Found {
  const { t0, t1, y1, cotangent, options } = way;
  const { f, pullback, parameters } = way.field;
  const n = y1.length;
  const minus = new Float64Array(n);
  const backward: OdeField = (t, z, dzdt) => {
    const y = z.subarray(0, n);
    for (let i = 0; i < n; i++) minus[i] = -z[n + i]!;
    f(t, y, dzdt.subarray(0, n));
    dzdt.fill(0, n);
    pullback(t, y, minus, dzdt.subarray(n, 2 * n), dzdt.subarray(2 * n));
  };
  const end = new Float64Array(2 * n + parameters);
  end.set(y1);
  end.set(cotangent, n);
  // That Jacobian would need second derivatives: methods for stiff fields take differences.
  const settings = { ...options, ...errorTest(options, 2 * n, parameters, adjointNorm), jacobian: undefined };
  const { y: z, steps } = solve(backward, end, t1, t0, settings);
  return { y0: z.slice(n, 2 * n), parameters: z.slice(2 * n), steps, again: z.slice(0, n) };
}

/** What makes the error test look at the first components only, where it is to leave out the others behind them. */
function errorTest(
  { solver, norm, rtol = defaults.rtol, atol = defaults.atol }: WayBack['options'],
  first: number,
  others: number,
  adjointNorm: 'state' | 'full',
): SolveOptions {
  if (adjointNorm === 'full') return { norm };
  if (solver !== 'odex') {
    const weights = Float64Array.from({ length: first + others }, (_, i) => (i < first ? 1 : 0));
    return { norm: { kind: norm ?? 'rms', weights } };
  }
  // It knows the mean over all components and no weights: tolerances that nothing exceeds, and finer ones for what counts.
  const finer = Math.sqrt(first / (first + others));
  const each = (tolerance: number, free: number) =>
    Float64Array.from({ length: first + others }, (_, i) => (i < first ? tolerance * finer : free));
  return { norm, rtol: each(Number(rtol), Number(rtol)), atol: each(Number(atol), 1e150) };
}

/**
 * a = dL/dy solved from t1 back to t0 along the interpolated solution,
 *
 *   da/dt = -(df/dy)^T(t, y(t)) a,   dL/dp = integral from t0 to t1 of (df/dp)^T a dt,
 *
 * the integral by Gauss's rule between all times at which a step there or back ended: where a hardly moves, y may. The
 * rule is of the order of the method.
 */
export function quadratureAdjoint({ field, t0, t1, cotangent, options }: WayBack, way: DenseSolution): Found {
  const n = cotangent.length;
  const [y, a, minus] = [new Float64Array(n), new Float64Array(n), new Float64Array(n)];
  const unused = new Float64Array(Math.max(n, field.parameters));
  const backward: OdeField = (t, state, dadt) => {
    for (let i = 0; i < n; i++) minus[i] = -state[i]!;
    dadt.fill(0);
    field.pullback(t, way.extended(t, y), minus, dadt, unused.subarray(0, field.parameters));
  };
  const jacobian = options.jacobian && alongTheWay(options.jacobian, way, n);
  const back = solve(backward, cotangent, t1, t0, { ...options, jacobian, dense: true });
  const adjoint = back.dense!;

  const { pieces, points } = pointsPerStep(options.solver ?? defaults.solver);
  const { nodes, weights } = gaussLegendre(points);
  const parameters = new Float64Array(field.parameters);
  const stops = Float64Array.from(new Set([...way.stops, ...adjoint.stops])).toSorted();
  const sign = t1 >= t0 ? 1 : -1;
  for (let piece = 0; piece < (stops.length - 1) * pieces; piece++) {
    const [stop, part] = [Math.floor(piece / pieces), piece % pieces];
    const half = (stops[stop + 1]! - stops[stop]!) / (2 * pieces);
    const middle = stops[stop]! + (2 * part + 1) * half;
    for (let i = 0; i < nodes.length; i++) {
      const t = middle + half * nodes[i]!;
      adjoint.at(t, a);
      for (let j = 0; j < n; j++) a[j]! *= sign * half * weights[i]!;
      field.pullback(t, way.at(t, y), a, unused.subarray(0, n), parameters);
    }
  }
  return { y0: back.y, parameters, steps: back.steps, again: null };
}

/** The Jacobian of a's field: that of f along the solution, transposed and negated. */
function alongTheWay(jacobian: Jacobian, way: DenseSolution, n: number): Jacobian {
  const dfdy = new Float64Array(n * n);
  return (t, _a, into) => {
    jacobian(t, way.at(t), dfdy);
    for (let i = 0; i < n; i++) {
      for (let j = 0; j < n; j++) into[i * n + j] = -dfdy[j * n + i]!;
    }
  };
}
