import type { Piece } from './dense.ts';
import { firstNonFinite } from './finite.ts';
import type { Method } from './method.ts';
import { MethodState } from './method-state.ts';
import type { Tableau } from './tableau.ts';
import { emptyTape } from './tape.ts';
import type { Tape } from './tape.ts';
import type { Tolerance } from './tolerance.ts';
import { Interpolation } from './interpolation.ts';
import type { OdeField } from './types.ts';

/**
 * The one explicit Runge-Kutta stepper: the mutable state of one integration, and one step of it.
 * How long a step is and whether it is accepted is decided outside.
 *
 * The order of operations is part of the definition, since other engines must take the same decisions.
 * For each stage i and component c, with j rising:
 *
 *   sum = 0; sum += a_ij k_j[c]; Y_i[c] = y[c] + h sum,
 *
 * likewise y_{n+1} with b and the error estimate h sum with b - bEmbedded. Zero coefficients take part, so
 * that no NaN among the stages is lost. The size of a step is h = tNext - t, what t really advances by. A
 * stage with c_i = 1 is evaluated at tNext itself, not at t + h, which may lie beyond it by rounding: the
 * field is never asked outside of [t0, t1].
 */
export class Stepper extends MethodState implements Method {
  readonly tableau: Tableau;
  readonly tape: Tape | null;

  private readonly stageStates: Float64Array;
  private readonly stageState: Float64Array[];
  private readonly k: Float64Array;
  private readonly stageSlope: Float64Array[];
  private readonly ratios: Float64Array;
  private readonly interpolation: Interpolation | null;
  /** What tells stiffness, with the end of the step. */
  private readonly stage: number;

  /** @param dense whether `piece` is going to be called. */
  constructor(
    tableau: Tableau,
    field: OdeField,
    y0: ArrayLike<number>,
    t0: number,
    { record = false, dense = false }: { record?: boolean; dense?: boolean } = {},
  ) {
    const n = y0.length;
    const stages = tableau.stages;
    const rows = (buffer: Float64Array) =>
      Array.from({ length: stages }, (_, i) => buffer.subarray(i * n, (i + 1) * n));
    const [states, slopes] = [new Float64Array(stages * n), new Float64Array(stages * n)];
    const [stageState, stageSlope] = [rows(states), rows(slopes)];
    // The state is that of the first stage, and where the last stage is the end of the step, it is `next`.
    const next = tableau.fsal ? stageState[stages - 1]! : new Float64Array(n);
    super(field, y0, t0, { y: stageState[0]!, next, slope: stageSlope[0]! });
    this.tableau = tableau;
    this.stageStates = states;
    this.stageState = stageState;
    this.k = slopes;
    this.stageSlope = stageSlope;
    this.tape = record ? emptyTape(t0) : null;
    this.ratios = new Float64Array(n);
    this.interpolation = dense ? new Interpolation(tableau, n) : null;
    this.stage = nearestToEnd(tableau);
  }

  get errorOrder(): number {
    return this.tableau.errorOrder ?? this.tableau.order + 1;
  }

  /** Computes the stages and `next` of a step of signed size h that ends at tNext. */
  attempt(h: number, tNext: number): void {
    const { stages, a, b, c, fsal } = this.tableau;
    this.h = h;
    this.tNext = tNext;
    for (let i = 1; i < stages; i++) {
      this.combine(a, i * stages, i, h, this.stageState[i]!);
      const time = c[i] === 1 ? tNext : this.t + c[i]! * h;
      this.evaluate(time, this.stageState[i]!, this.stageSlope[i]!);
    }
    if (!fsal) this.combine(b, 0, stages, h, this.next);
  }

  /** into = y + h * sum_{j < count} coefficients[offset + j] k_j. */
  private combine(
    coefficients: Float64Array,
    offset: number,
    count: number,
    h: number,
    into: Float64Array,
  ): void {
    const { y, k } = this;
    const n = y.length;
    for (let component = 0; component < n; component++) {
      let sum = 0;
      for (let j = 0; j < count; j++) sum += coefficients[offset + j]! * k[j * n + component]!;
      into[component] = y[component]! + h * sum;
    }
  }

  /** The ratio of the error estimate of one component to its tolerance; NaN when a stage or `next` is not finite. */
  private errorRatio(component: number, weights: Float64Array, tolerance: Tolerance): number {
    const { y, k, next } = this;
    const n = y.length;
    let sum = 0;
    for (let j = 0; j < weights.length; j++) sum += weights[j]! * k[j * n + component]!;
    const scale = tolerance.scale(component, Math.max(Math.abs(y[component]!), Math.abs(next[component]!)));
    return scale < Infinity ? (this.h * sum) / scale : NaN;
  }

  /**
   * The norm of the error estimate of the last attempt, 1 being the tolerance, over
   * err_i / (atol_i + rtol_i max(|y_n|, |y_{n+1}|)), corrected as `Tableau.bCorrection` says. NaN or infinite when
   * anything in the step was.
   */
  errorNorm(tolerance: Tolerance): number {
    const { bError, bCorrection } = this.tableau;
    const norm = this.normWith(bError!, tolerance);
    if (bCorrection === null) return norm;
    const correction = this.normWith(bCorrection, tolerance);
    const both = Math.sqrt(norm * norm + 0.01 * correction * correction);
    return both === 0 ? 0 : (norm * norm) / both;
  }

  private normWith(weights: Float64Array, tolerance: Tolerance): number {
    for (let i = 0; i < this.ratios.length; i++) this.ratios[i] = this.errorRatio(i, weights, tolerance);
    return tolerance.normOfRatios(this.ratios);
  }

  /** The step of the last attempt is taken. */
  accept(): void {
    if (this.tape !== null) {
      this.tape.t.push(this.tNext);
      this.tape.h.push(this.h);
      this.tape.stages.push(this.stageStates.slice());
    }
    this.interpolation?.keep(this.t, this.h, this.y, this.slope);
    this.steps++;
    this.t = this.tNext;
    this.y.set(this.next);
    this.slopeKnown = this.tableau.fsal;
    if (this.slopeKnown) this.slope.set(this.stageSlope[this.tableau.stages - 1]!);
  }

  /** The component to name in a failure: one that is not finite, else the largest share of the error. */
  dominantComponent(tolerance: Tolerance): number {
    for (const values of [this.y, ...this.stageSlope, this.next]) {
      const component = firstNonFinite(values);
      if (component >= 0) return component;
    }
    // Without error estimate the largest component is the likeliest suspect.
    const weights = this.tableau.bError;
    let dominant = 0;
    let worst = -1;
    for (let component = 0; component < this.y.length; component++) {
      const share = Math.abs(
        weights === null ? this.y[component]! : this.errorRatio(component, weights, tolerance),
      );
      if (share > worst) {
        worst = share;
        dominant = component;
      }
    }
    return dominant;
  }

  piece(): Piece {
    if (this.interpolation === null) throw new Error('The stepper was made without dense output.');
    return this.interpolation.piece(this.k, (t, y, dydt) => this.evaluate(t, y, dydt), this.t, this.y);
  }

  /**
   * By the end of the step and the stage whose node is the nearest to it: Hairer, Wanner II, IV.2, (2.27), where both are at
   * t_{n+1}, as in most methods.
   */
  stiffness(): number {
    const { c, realStability } = this.tableau;
    const { stage } = this;
    if (stage < 1 || c[stage]! < 3 / 4) return NaN;
    const n = this.y.length;
    let [slopes, states] = [0, 0];
    for (let i = 0; i < n; i++) {
      slopes += (this.slope[i]! - this.k[stage * n + i]!) ** 2;
      states += (this.y[i]! - this.stageStates[stage * n + i]!) ** 2;
    }
    return states > 0 ? (Math.abs(this.h) * Math.sqrt(slopes / states)) / realStability : NaN;
  }
}

/** The stage beside the end of the step whose node is largest; the last of several. */
function nearestToEnd({ c, stages, fsal }: Tableau): number {
  let nearest = 0;
  for (let i = 1; i < (fsal ? stages - 1 : stages); i++) if (c[i]! >= c[nearest]!) nearest = i;
  return nearest;
}
