import type { Piece } from './dense.ts';
import type { Tableau } from './tableau.ts';
import type { OdeField } from './types.ts';

/** The interpolant of a Runge-Kutta method over the step that was accepted last. */
export class Interpolation {
  private readonly tableau: Tableau;
  private start = 0;
  private h = 0;
  private readonly y: Float64Array;
  private readonly slope: Float64Array;
  private readonly state: Float64Array;
  /** The slopes of all stages, the further ones last; the first is kept, since the method overwrites its own. */
  private readonly k: Float64Array;
  private readonly coefficients: Float64Array;
  private made = false;

  constructor(tableau: Tableau, n: number) {
    const { c, weights } = tableau.interpolant;
    this.tableau = tableau;
    this.y = new Float64Array(n);
    this.slope = new Float64Array(n);
    this.state = new Float64Array(n);
    this.k = new Float64Array((tableau.stages + c.length) * n);
    this.coefficients = new Float64Array((weights.length + 1) * n);
  }

  /** Keeps the beginning of a step, before the method moves on. */
  keep(t: number, h: number, y: Float64Array, slope: Float64Array): void {
    this.start = t;
    this.h = h;
    this.y.set(y);
    this.slope.set(slope);
    this.made = false;
  }

  /**
   * @param stages the slopes of the method's own stages.
   * @param end the time at which the step ended.
   * @param next the state there.
   */
  piece(stages: Float64Array, field: OdeField, end: number, next: Float64Array): Piece {
    const { start, h, coefficients } = this;
    if (!this.made) this.make(stages, field, end, next);
    this.made = true;
    return { start, h, coefficients };
  }

  private make(stages: Float64Array, field: OdeField, end: number, next: Float64Array): void {
    const { y, k, h, state, coefficients } = this;
    const { c, a, weights } = this.tableau.interpolant;
    const n = y.length;
    k.set(stages);
    k.set(this.slope);
    for (let extra = 0; extra < c.length; extra++) {
      const row = a[extra]!;
      for (let i = 0; i < n; i++) {
        let sum = 0;
        for (let j = 0; j < row.length; j++) sum += row[j]! * k[j * n + i]!;
        state[i] = y[i]! + h * sum;
      }
      const at = this.tableau.stages + extra;
      field(c[extra] === 1 ? end : this.start + c[extra]! * h, state, k.subarray(at * n, (at + 1) * n));
    }
    coefficients.set(y);
    weights.forEach((ofPower, power) => {
      for (let i = 0; i < n; i++) {
        let sum = 0;
        for (let j = 0; j < ofPower.length; j++) sum += ofPower[j]! * k[j * n + i]!;
        coefficients[(power + 1) * n + i] = h * sum;
      }
    });
    // Weights that are large and cancel round: what they miss at the end goes into the last power.
    for (let i = 0; i < n; i++) {
      let sum = 0;
      for (let at = coefficients.length - n + i; at >= 0; at -= n) sum += coefficients[at]!;
      coefficients[coefficients.length - n + i]! += next[i]! - sum;
    }
  }
}
