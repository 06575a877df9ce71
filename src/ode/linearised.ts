import { LuDecomposition, Matrix } from 'ml-matrix';

import { BaseMethod } from './base-method.ts';
import type { OdeField } from './types.ts';

/** Writes df/dy of a field into its third argument: n x n numbers, row i holding df_i/dy_j. */
export type Jacobian = (t: number, y: Float64Array, dfdy: Float64Array) => void;

/** A method for stiff fields: it solves linear systems with shift I - df/dy in each step. */
export abstract class LinearisedMethod extends BaseMethod {
  private readonly jacobian: Jacobian | undefined;
  private readonly dfdy: Float64Array;
  private readonly moved: Float64Array;
  private readonly slopeMoved: Float64Array;
  private jacobianAt = NaN;
  private factors: LuDecomposition | null = null;

  constructor(
    field: OdeField,
    y0: ArrayLike<number>,
    t0: number,
    degree: number,
    jacobian: Jacobian | undefined,
  ) {
    super(field, y0, t0, degree);
    const n = y0.length;
    this.jacobian = jacobian;
    this.dfdy = new Float64Array(n * n);
    this.moved = new Float64Array(n);
    this.slopeMoved = new Float64Array(n);
  }

  /** Factorises shift I - df/dy at the current state, whose derivative is known. */
  protected factorise(shift: number): void {
    const { y, dfdy } = this;
    const n = y.length;
    if (this.jacobianAt !== this.t) {
      if (this.jacobian === undefined) this.differences();
      else this.jacobian(this.t, y, dfdy);
      this.jacobianAt = this.t;
    }
    const matrix = new Matrix(n, n);
    for (let i = 0; i < n; i++) {
      for (let j = 0; j < n; j++) matrix.set(i, j, (i === j ? shift : 0) - dfdy[i * n + j]!);
    }
    this.factors = new LuDecomposition(matrix);
  }

  /** Solves in place; NaN when the matrix is singular or not finite. */
  protected solve(b: Float64Array): void {
    if (this.factors === null || this.factors.isSingular()) {
      b.fill(NaN);
      return;
    }
    const x = this.factors.solve(Matrix.columnVector(b));
    for (let i = 0; i < b.length; i++) b[i] = x.get(i, 0);
  }

  /** df/dt by a difference, forward along `h`. */
  protected timeDerivative(h: number, into: Float64Array): void {
    const step = Math.sqrt(Number.EPSILON) * Math.max(Math.abs(this.t), Math.abs(h)) * Math.sign(h);
    const later = this.t + step;
    this.evaluate(later, this.y, into);
    for (let i = 0; i < into.length; i++) into[i] = (into[i]! - this.slope[i]!) / (later - this.t);
  }

  private differences(): void {
    const { y, slope, dfdy, moved, slopeMoved } = this;
    const n = y.length;
    moved.set(y);
    for (let j = 0; j < n; j++) {
      moved[j] = y[j]! + Math.sqrt(Number.EPSILON * Math.max(1e-5, Math.abs(y[j]!)));
      const step = moved[j]! - y[j]!;
      this.evaluate(this.t, moved, slopeMoved);
      for (let i = 0; i < n; i++) dfdy[i * n + j] = (slopeMoved[i]! - slope[i]!) / step;
      moved[j] = y[j]!;
    }
  }
}
