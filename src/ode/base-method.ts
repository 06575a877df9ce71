import { hermiteInto } from './dense.ts';
import type { Piece } from './dense.ts';
import { firstNonFinite } from './finite.ts';
import type { Method } from './method.ts';
import { MethodState } from './method-state.ts';
import type { Tolerance } from './tolerance.ts';
import type { OdeField } from './types.ts';

/** What methods have in common that estimate their error as one vector. */
export abstract class BaseMethod extends MethodState implements Method {
  readonly tape = null;
  abstract readonly errorOrder: number;

  /** The error estimate of the last attempt. */
  protected readonly error: Float64Array;
  protected readonly coefficients: Float64Array;
  private readonly ratios: Float64Array;
  private readonly before: Float64Array;
  private readonly slopeBefore: Float64Array;
  private pieceMade = false;

  /** @param degree of the interpolant. */
  constructor(field: OdeField, y0: ArrayLike<number>, t0: number, degree: number) {
    const n = y0.length;
    const [y, next, slope] = [new Float64Array(n), new Float64Array(n), new Float64Array(n)];
    super(field, y0, t0, { y, next, slope });
    this.coefficients = new Float64Array((degree + 1) * n);
    this.error = new Float64Array(n);
    this.ratios = new Float64Array(n);
    this.before = new Float64Array(n);
    this.slopeBefore = new Float64Array(n);
  }

  attempt(h: number, tNext: number): void {
    this.h = h;
    this.tNext = tNext;
    this.compute(h, tNext);
  }

  /** Computes `next` and `error` of a step; NaN in `error` refuses it. */
  protected abstract compute(h: number, tNext: number): void;

  errorNorm(tolerance: Tolerance): number {
    const { y, next, error, ratios } = this;
    for (let i = 0; i < y.length; i++) {
      const scale = tolerance.scale(i, Math.max(Math.abs(y[i]!), Math.abs(next[i]!)));
      ratios[i] = scale < Infinity ? error[i]! / scale : NaN;
    }
    return tolerance.normOfRatios(ratios);
  }

  accept(): void {
    this.before.set(this.y);
    this.slopeBefore.set(this.slope);
    this.pieceMade = false;
    this.steps++;
    this.t = this.tNext;
    this.y.set(this.next);
    this.slopeKnown = false;
  }

  dominantComponent(tolerance: Tolerance): number {
    for (const values of [this.y, this.slope, this.next]) {
      const component = firstNonFinite(values);
      if (component >= 0) return component;
    }
    this.errorNorm(tolerance);
    const sizes = this.ratios.map(Math.abs);
    return Math.max(0, sizes.indexOf(Math.max(...sizes)));
  }

  piece(): Piece {
    const { h, coefficients } = this;
    if (!this.pieceMade) this.makePiece(this.before, this.slopeBefore);
    this.pieceMade = true;
    return { start: this.tNext - h, h, coefficients };
  }

  /** The interpolant over the last step: the cubic with the slopes at both ends unless a method knows better. */
  protected makePiece(before: Float64Array, slopeBefore: Float64Array): void {
    this.begin();
    hermiteInto(this.coefficients, this.h, before, slopeBefore, this.y, this.slope);
  }

  stiffness(): number {
    return NaN;
  }
}
