import { BaseMethod } from './base-method.ts';
import { Stepper } from './stepper.ts';
import { tableaus } from './tableaus/index.ts';
import type { Tolerance } from './tolerance.ts';
import type { OdeField } from './types.ts';

const MOST = 12;

/** Another order has to promise steps longer by this factor. */
const GAIN = 1.2;

/**
 * The Adams-Bashforth-Moulton methods, each step of its own size: predict with an order k from 1 to 12, evaluate, correct with
 * order k + 1, evaluate, so two evaluations of the field a step whatever the order. With t_{n+1} = t_n + h and the modified
 * divided differences Phi_j of the slopes,
 *
 *   predicted = y_n + h sum_{j<k} g_j Phi*_j(n),   y_{n+1} = predicted + h g_k Phi_k(n+1),
 *   error estimate = h (g_k - g_{k-1}) Phi_k(n+1).
 *
 * k begins at 1 and moves by one where the estimate promises longer steps. In fixed steps it is 4, begun with the
 * classical Runge-Kutta method: the errors go with h^5.
 *
 * Dense output is the method's own polynomial, of order k + 1 as its steps are: y_n and the integral of the polynomial through the slopes
 * that the corrector goes through. Within the first three of fixed steps it is a cubic, of order 3.
 *
 * Hairer, Norsett, Wanner I, III.5, (5.2) to (5.10), and III.7.
 */
export class Adams extends BaseMethod {
  /** The order of the next step. */
  private order = 1;
  private readonly fixedOrder: number | null;
  private readonly tolerance: Tolerance;
  /** t_n, t_{n-1}, ... */
  private readonly times = new Float64Array(MOST + 2);
  private readonly g = new Float64Array(MOST + 2);
  private readonly c = new Float64Array(MOST + 3);
  /** Phi_j(n), Phi*_j(n), and Phi_j(n+1) of the predicted slope. */
  private readonly phi: Float64Array[];
  private readonly star: Float64Array[];
  private readonly ahead: Float64Array[];
  /** How many Phi_j(n) there are. */
  private known = 0;
  /** Of the last attempt: k, 0 for a step of the Runge-Kutta method, and (t_n - t_{n-j}) / h. */
  private orderTaken = 0;
  private readonly distances = new Float64Array(MOST + 1);
  private readonly product = new Float64Array(MOST + 2);

  /** @param fixed whether all steps are going to be of one size. */
  constructor(field: OdeField, y0: ArrayLike<number>, t0: number, tolerance: Tolerance, fixed: boolean) {
    super(field, y0, t0, MOST + 1);
    const rows = () => Array.from({ length: MOST + 2 }, () => new Float64Array(y0.length));
    this.fixedOrder = fixed ? 4 : null;
    this.tolerance = tolerance;
    [this.phi, this.star, this.ahead] = [rows(), rows(), rows()];
  }

  get errorOrder(): number {
    return this.order + 1;
  }

  override begin(): boolean {
    const fresh = !this.slopeKnown;
    const finite = super.begin();
    if (fresh && finite) this.takeDifferences();
    return finite;
  }

  /** Phi_0(n) = f_n and Phi_j(n) = Phi_{j-1}(n) - Phi*_{j-1}(n-1). */
  private takeDifferences(): void {
    const { phi, star, times, slope } = this;
    const n = slope.length;
    phi[0]!.set(slope);
    for (let j = 1; j <= Math.min(this.known, MOST + 1); j++) {
      for (let i = 0; i < n; i++) phi[j]![i] = phi[j - 1]![i]! - star[j - 1]![i]!;
    }
    this.known = Math.min(this.known + 1, MOST + 1);
    times.copyWithin(1, 0);
    times[0] = this.t;
  }

  protected compute(h: number, tNext: number): void {
    const { y, next, error, phi, star, ahead, times, g, c, known } = this;
    const n = y.length;
    let factor = 1;
    for (let j = 0; j < known; j++) {
      if (j > 0) factor *= (tNext - times[j - 1]!) / (this.t - times[j]!);
      for (let i = 0; i < n; i++) star[j]![i] = factor * phi[j]![i]!;
    }
    for (let q = 1; q <= MOST + 2; q++) c[q] = 1 / q;
    for (let j = 0; j <= known; j++) {
      if (j > 0) {
        const ratio = h / (tNext - times[j - 1]!);
        for (let q = 1; q <= MOST + 2 - j; q++) c[q]! -= c[q + 1]! * ratio;
      }
      g[j] = c[1]!;
    }
    for (let j = 0; j < known && j <= MOST; j++) this.distances[j] = (this.t - times[j]!) / h;
    if (this.fixedOrder !== null && known < this.fixedOrder) {
      this.startStep(h, tNext);
      return;
    }
    const order = this.fixedOrder ?? this.order;
    this.order = order;
    this.orderTaken = order;
    for (let i = 0; i < n; i++) {
      let sum = 0;
      for (let j = order - 1; j >= 0; j--) sum += g[j]! * star[j]![i]!;
      next[i] = y[i]! + h * sum;
    }
    this.evaluate(tNext, next, ahead[0]!);
    for (let j = 1; j <= known; j++) {
      for (let i = 0; i < n; i++) ahead[j]![i] = ahead[j - 1]![i]! - star[j - 1]![i]!;
    }
    for (let i = 0; i < n; i++) {
      next[i]! += h * g[order]! * ahead[order]![i]!;
      error[i] = h * (g[order]! - g[order - 1]!) * ahead[order]![i]!;
    }
  }

  private startStep(h: number, tNext: number): void {
    const starter = new Stepper(tableaus.rk4, this.field, this.y, this.t);
    starter.begin();
    starter.attempt(h, tNext);
    this.next.set(starter.next);
    this.error.fill(0);
    this.evaluations += starter.evaluations;
    this.orderTaken = 0;
  }

  /**
   * y_n + h sum_{j<=k} Phi_j times the integral from 0 to theta of prod_{i<j} (u + d_i) / (1 + d_i), the d_i being the distances back:
   * all coefficients of these products are positive, so that powers of theta do not cancel.
   */
  protected override makePiece(before: Float64Array, slopeBefore: Float64Array): void {
    const { coefficients, product, distances, star, ahead, h, orderTaken: order } = this;
    const n = before.length;
    coefficients.fill(0);
    if (order === 0) {
      super.makePiece(before, slopeBefore);
      return;
    }
    coefficients.set(before);
    product.fill(0);
    product[0] = 1;
    for (let j = 0; j <= order; j++) {
      const differences = j < order ? star[j]! : ahead[order]!;
      for (let power = 0; power <= j; power++) {
        const factor = (h * product[power]!) / (power + 1);
        for (let i = 0; i < n; i++) coefficients[(power + 1) * n + i]! += factor * differences[i]!;
      }
      const distance = distances[j]!;
      for (let power = j + 1; power >= 0; power--) {
        const below = power > 0 ? product[power - 1]! : 0;
        product[power] = (below + distance * product[power]!) / (1 + distance);
      }
    }
  }

  override accept(): void {
    if (this.fixedOrder === null) this.chooseOrder();
    super.accept();
  }

  /** The order of the longest next step, as the errors of this one tell it. */
  private chooseOrder(): void {
    const { order, known } = this;
    const length = (k: number): number =>
      k < 1 || k > MOST || k > known ? 0 : this.errorOfOrder(k) ** (-1 / (k + 1));
    const now = length(order) * GAIN;
    const lower = length(order - 1);
    // The differences of one order more exist from the next step on.
    const higher = order < known ? length(order + 1) : known <= MOST && order === known ? Infinity : 0;
    if (lower > now && lower > higher) this.order--;
    else if (higher > now && order < MOST) this.order++;
  }

  private errorOfOrder(k: number): number {
    const { error, ahead, g, h } = this;
    for (let i = 0; i < error.length; i++) error[i] = h * (g[k]! - g[k - 1]!) * ahead[k]![i]!;
    return Math.max(this.errorNorm(this.tolerance), 1e-10);
  }
}
