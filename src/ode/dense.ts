import { invalid } from './checks.ts';

/**
 * The interpolant over one step, as polynomials of theta = (t - start) / h:
 *
 *   y(start + theta h) = sum over m of coefficients[m n + i] theta^m for component i,
 *
 * or of T_m(2 theta - 1), Chebyshev's polynomials, in place of theta^m: of high degrees powers cancel.
 */
export interface Piece {
  readonly start: number;
  /** Signed. */
  readonly h: number;
  /** n numbers for each power of theta. */
  readonly coefficients: Float64Array;
  /** 'powers' unless given. */
  readonly basis?: 'powers' | 'chebyshev';
}

/** y(t) by Horner's rule, or Clenshaw's, written to `into`. */
export function evaluatePiece({ start, h, coefficients, basis }: Piece, t: number, into: Float64Array): void {
  const n = into.length;
  const theta = (t - start) / h;
  if (basis === 'chebyshev') {
    evaluateChebyshev(coefficients, 2 * theta - 1, into);
    return;
  }
  for (let i = 0; i < n; i++) {
    let sum = 0;
    for (let at = coefficients.length - n + i; at >= 0; at -= n) sum = sum * theta + coefficients[at]!;
    into[i] = sum;
  }
}

function evaluateChebyshev(coefficients: Float64Array, x: number, into: Float64Array): void {
  const n = into.length;
  for (let i = 0; i < n; i++) {
    let [sum, after] = [0, 0];
    for (let at = coefficients.length - n + i; at >= n; at -= n) {
      [sum, after] = [2 * x * sum - after + coefficients[at]!, sum];
    }
    into[i] = coefficients[i]! + x * sum - after;
  }
}

/**
 * The piece of a step on which component i is `y(i, t)`, a polynomial of at most this degree, from its values at Chebyshev's points.
 */
export function pieceThrough(
  y: (component: number, t: number) => number,
  n: number,
  degree: number,
  start: number,
  h: number,
): Piece {
  const count = degree + 1;
  const coefficients = new Float64Array(count * n);
  for (let point = 0; point < count; point++) {
    const angle = (Math.PI * (point + 0.5)) / count;
    const t = start + (h * (1 + Math.cos(angle))) / 2;
    for (let i = 0; i < n; i++) {
      const share = (2 / count) * y(i, t);
      for (let m = 0; m < count; m++) {
        coefficients[m * n + i]! += (m === 0 ? 0.5 : Math.cos(m * angle)) * share;
      }
    }
  }
  return { start, h, coefficients, basis: 'chebyshev' };
}

/** The coefficients of the cubic through two states with their slopes, of a step of signed size h. */
export function hermiteInto(
  into: Float64Array,
  h: number,
  y0: Float64Array,
  f0: Float64Array,
  y1: Float64Array,
  f1: Float64Array,
): void {
  const n = y0.length;
  for (let i = 0; i < n; i++) {
    const rise = y1[i]! - y0[i]!;
    const [a, b] = [h * f0[i]!, h * f1[i]!];
    into[i] = y0[i]!;
    into[n + i] = a;
    into[2 * n + i] = 3 * rise - 2 * a - b;
    into[3 * n + i] = a + b - 2 * rise;
  }
}

/** A solution as a function of time: the interpolants of all steps, one after the other. */
export class DenseSolution {
  /** Where the solution begins. */
  readonly t0: number;
  private readonly pieces: Piece[] = [];
  private readonly ends: number[] = [];
  private readonly y0: Float64Array;

  constructor(t0: number, y0: ArrayLike<number>) {
    this.t0 = t0;
    this.y0 = Float64Array.from(y0);
  }

  private get direction(): number {
    return this.t1 >= this.t0 ? 1 : -1;
  }

  /** Where it ends. */
  get t1(): number {
    return this.ends.at(-1) ?? this.t0;
  }

  /** t0, and the times at which steps end, in their order. */
  get stops(): readonly number[] {
    return [this.t0, ...this.ends];
  }

  /** Appends a step that ends at `end`; the piece is copied. */
  append(piece: Piece, end: number): void {
    this.pieces.push({ ...piece, coefficients: piece.coefficients.slice() });
    this.ends.push(end);
  }

  /**
   * y(t), between t0 and t1.
   *
   * @param into where to write it; a new array unless given.
   * @throws LiouvilleError 'invalid-argument' for a time outside.
   */
  at(t: number, into: Float64Array = new Float64Array(this.y0.length)): Float64Array {
    const { t0, t1 } = this;
    const direction = this.direction;
    if (!(direction * (t - t0) >= 0 && direction * (t1 - t) >= 0)) {
      throw invalid('t', `a time from ${t0} to ${t1}`, t);
    }
    return this.extended(t, into);
  }

  /** y(t), the first and the last interpolant reaching beyond the ends: some methods look there from their last step. */
  extended(t: number, into: Float64Array = new Float64Array(this.y0.length)): Float64Array {
    const { ends, direction } = this;
    if (ends.length === 0) {
      into.set(this.y0);
      return into;
    }
    let [low, high] = [0, ends.length - 1];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (direction * (t - ends[middle]!) <= 0) high = middle;
      else low = middle + 1;
    }
    evaluatePiece(this.pieces[low]!, t, into);
    return into;
  }
}
