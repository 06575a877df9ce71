import { Matrix, solve as solveLinear } from 'ml-matrix';

import { LinearisedMethod } from './linearised.ts';
import type { Jacobian } from './linearised.ts';
import type { Tolerance } from './tolerance.ts';
import type { OdeField } from './types.ts';

const GAMMA = 0.26;

/** The diagonal is GAMMA from the second row on; the last row is the solution, the one before it the embedded one. */
export const kvaerno5Rows: readonly (readonly number[])[] = [
  [0],
  [GAMMA, GAMMA],
  [0.13, 0.84033320996790809, GAMMA],
  [0.22371961478320505, 0.47675532319799699, -0.06470895363112615, GAMMA],
  [0.16648564323248321, 0.1045001884159172, 0.03631482272098715, -0.13090704451073998, GAMMA],
  [0.13855640231268224, 0, -0.04245337201752043, 0.02446657898003141, 0.61943039072480676, GAMMA],
  [
    0.13659751177640291,
    0,
    -0.05496908796538376,
    -0.04118626728321046,
    0.62993304899016403,
    0.06962479448202728,
    GAMMA,
  ],
];

const nodes = kvaerno5Rows.map((row, i) => (i >= 5 ? 1 : row.reduce((sum, entry) => sum + entry, 0)));
const STAGES = 7;

/**
 * The continuous extension y(t_n + theta h) = y_n + h sum_i b_i(theta) k_i: for theta, theta^2, theta^3, theta^4 the weights of the
 * stages. The stages have order 2, which leaves five conditions up to order 4, for each power m,
 *
 *   sum_i w_mi (1, c_i, c_i^2, c_i^3, sum_j a_ij c_j^2) = (1; 1/2; 1/3; 1/4, 1/12) at the order m, and 0 at the others.
 *
 * With the slopes at both ends, k_1 and k_7, and the solution at the end, w_1 is e_1, and w_3 and w_4 follow from w_2, which is the
 * shortest vector that fulfils its conditions. No such extension was published with the method.
 */
export const kvaerno5Interpolant: readonly Float64Array[] = continuousExtension();

function continuousExtension(): Float64Array[] {
  const rows = kvaerno5Rows.map((row) => Array.from({ length: STAGES }, (_, j) => row[j] ?? 0));
  const b = rows[STAGES - 1]!;
  const squares = rows.map((row) => row.reduce((sum, value, j) => sum + value * nodes[j]! ** 2, 0));
  const conditions = new Matrix([0, 1, 2, 3].map((power) => nodes.map((c) => c ** power)).concat([squares]));
  const multipliers = solveLinear(
    conditions.mmul(conditions.transpose()),
    Matrix.columnVector([0, 1 / 2, 0, 0, 0]),
  );
  const second = Float64Array.from(conditions.transpose().mmul(multipliers).getColumn(0));
  const first = (i: number): number => (i === 0 ? 1 : 0);
  const last = (i: number): number => (i === STAGES - 1 ? 1 : 0);
  return [
    second.map((_, i) => first(i)),
    second,
    second.map((value, i) => 4 * b[i]! - 3 * first(i) - last(i) - 2 * value),
    second.map((value, i) => last(i) + 2 * first(i) - 3 * b[i]! + value),
  ];
}
const ITERATIONS = 20;

/** Newton's iteration stops when its error is this part of the tolerance. */
const CLOSE = 0.01;

/**
 * Kvaerno's ESDIRK method 5(4): seven stages, the first of them explicit, one matrix I - h gamma df/dy for all; L-stable and
 * stiffly accurate. Each stage is solved by simplified Newton iterations with the Jacobian of the beginning of the
 * step; where they do not converge, the step is refused and tried shorter. The error estimate is passed through
 * the inverse of the matrix once, so that stiff components do not dominate it. Its dense output has order 4.
 *
 * A. Kvaerno, Singly diagonally implicit Runge-Kutta methods with an explicit first stage, BIT Numerical
 * Mathematics 44 (2004) 489-502; Hairer, Wanner II, IV.8.
 */
export class Kvaerno5 extends LinearisedMethod {
  readonly errorOrder = 5;
  private readonly k: Float64Array[];
  private readonly base: Float64Array;
  private readonly state: Float64Array;
  private readonly change: Float64Array;
  private readonly tolerance: Tolerance;

  /** @param tolerance what Newton's iterations are measured against. */
  constructor(field: OdeField, y0: ArrayLike<number>, t0: number, tolerance: Tolerance, jacobian?: Jacobian) {
    const n = y0.length;
    super(field, y0, t0, 4, jacobian);
    this.tolerance = tolerance;
    this.k = Array.from({ length: STAGES }, () => new Float64Array(n));
    [this.base, this.state, this.change] = [0, 1, 2].map(() => new Float64Array(n)) as [
      Float64Array,
      Float64Array,
      Float64Array,
    ];
  }

  protected compute(h: number, tNext: number): void {
    const { y, next, k, base, error } = this;
    const n = y.length;
    const shift = 1 / (h * GAMMA);
    this.factorise(shift);
    k[0]!.set(this.slope);
    for (let i = 1; i < STAGES; i++) {
      const row = kvaerno5Rows[i]!;
      for (let m = 0; m < n; m++) {
        let sum = 0;
        for (let j = 0; j < i; j++) sum += row[j]! * k[j]![m]!;
        base[m] = y[m]! + h * sum;
      }
      if (!this.solveStage(i, nodes[i] === 1 ? tNext : this.t + nodes[i]! * h, h)) {
        error.fill(NaN);
        next.fill(NaN);
        return;
      }
    }
    next.set(this.state);
    for (let m = 0; m < n; m++) {
      let sum = 0;
      for (let j = 0; j < STAGES; j++) {
        sum += (kvaerno5Rows[STAGES - 1]![j]! - (kvaerno5Rows[STAGES - 2]![j] ?? 0)) * k[j]![m]!;
      }
      // (I - h gamma J)^(-1) h sum = (I/(h gamma) - J)^(-1) sum / gamma.
      error[m] = sum / GAMMA;
    }
    this.solve(error);
  }

  protected override makePiece(before: Float64Array): void {
    const { coefficients, k, h } = this;
    const n = before.length;
    coefficients.set(before);
    kvaerno5Interpolant.forEach((weights, power) => {
      for (let m = 0; m < n; m++) {
        let sum = 0;
        for (let i = 0; i < STAGES; i++) sum += weights[i]! * k[i]![m]!;
        coefficients[(power + 1) * n + m] = h * sum;
      }
    });
  }

  /** Y = base + h gamma f(t, Y), from the slope of the stage before; k_i is left as (Y - base) / (h gamma). */
  private solveStage(i: number, t: number, h: number): boolean {
    const { base, state, change, k, tolerance } = this;
    const n = base.length;
    const slope = k[i]!;
    for (let m = 0; m < n; m++) state[m] = base[m]! + h * GAMMA * k[i - 1]![m]!;
    let before = NaN;
    for (let iteration = 0; iteration < ITERATIONS; iteration++) {
      this.evaluate(t, state, slope);
      for (let m = 0; m < n; m++) change[m] = slope[m]! - (state[m]! - base[m]!) / (h * GAMMA);
      this.solve(change);
      const size = tolerance.norm(change, state);
      if (!(size < Infinity)) return false;
      for (let m = 0; m < n; m++) state[m]! += change[m]!;
      const rate = size / before;
      // Rounding ends convergence too.
      if (rate >= 1 && size >= CLOSE) return false;
      before = size;
      if (rate >= 1 || size < CLOSE * 1e-3 || (rate < 1 && (rate / (1 - rate)) * size < CLOSE)) {
        for (let m = 0; m < n; m++) slope[m] = (state[m]! - base[m]!) / (h * GAMMA);
        return true;
      }
    }
    return false;
  }
}
