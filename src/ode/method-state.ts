import { firstNonFinite } from './finite.ts';
import type { OdeField } from './types.ts';

/** Where a method is, what it has counted, and the derivative there. See `Method`. */
export abstract class MethodState {
  readonly field: OdeField;
  t: number;
  readonly y: Float64Array;
  readonly next: Float64Array;
  readonly slope: Float64Array;
  steps = 0;
  rejected = 0;
  evaluations = 0;

  /** Of the last attempt: its signed size, and where it ends. */
  protected h = 0;
  protected tNext: number;
  protected slopeKnown = false;

  /** @param vectors of the method's own, so that they may be views; `y` becomes y0. */
  constructor(
    field: OdeField,
    y0: ArrayLike<number>,
    t0: number,
    vectors: Readonly<Record<'y' | 'next' | 'slope', Float64Array>>,
  ) {
    this.field = field;
    this.t = t0;
    this.tNext = t0;
    this.y = vectors.y;
    this.next = vectors.next;
    this.slope = vectors.slope;
    this.y.set(y0);
  }

  evaluate(t: number, y: Float64Array, dydt: Float64Array): void {
    this.evaluations++;
    this.field(t, y, dydt);
  }

  begin(): boolean {
    if (this.slopeKnown) return true;
    // A component that the field forgets to write must not pass for a zero.
    this.slope.fill(NaN);
    this.evaluate(this.t, this.y, this.slope);
    this.slopeKnown = true;
    return firstNonFinite(this.slope) < 0 && firstNonFinite(this.y) < 0;
  }
}
