import type { Value, Shape } from '../value.ts';
import type { UnaryOp, BinaryOp } from './table.ts';

/** What an op takes: a value, or a number that becomes one. */
export type Operand = Value | number;

type UnaryFunctions = { readonly [P in UnaryOp]: (x: Operand) => Value };
type BinaryFunctions = { readonly [P in BinaryOp]: (a: Operand, b: Operand) => Value };

/** The vocabulary that models and derivative rules are written in; `ops` in functions.ts implements it. */
export interface Operations extends UnaryFunctions, BinaryFunctions {
  /** condition != 0 ? a : b, entry by entry. */
  where(condition: Operand, a: Operand, b: Operand): Value;
  /** Features start ... start + count - 1. */
  slice(x: Value, start: number, count: number): Value;
  /** Features of all parts, one after the other. */
  concat(parts: readonly Value[]): Value;
  /** Features in the order of `indices`; one may be taken several times. */
  take(x: Value, indices: readonly number[]): Value;
  /** The transpose of take: feature i is added to feature indices[i] of a value with n features. */
  scatter(x: Value, indices: readonly number[], n: number): Value;
  /** Zero features before and after. */
  pad(x: Value, before: number, after: number): Value;
  broadcast(x: Value, shape: Shape): Value;
  /** The same numbers in row-major order under another shape. */
  reshape(x: Value, shape: Shape): Value;
  transpose(x: Value): Value;
  /** Sum along an axis, which keeps length 1. */
  sum(x: Value, axis: 'k' | 'n'): Value;
  /** Running sums along the features, from the last one when reverse. */
  cumsum(x: Value, reverse?: boolean): Value;
  /** The largest number along an axis, which keeps length 1. Its derivative is shared by those that are equal. */
  largest(x: Value, axis: 'k' | 'n'): Value;
  /** 'nt': a b^T, 'nn': a b, 'tn': a^T b. */
  matmul(a: Value, b: Value, form: 'nt' | 'nn' | 'tn'): Value;
  /** Each row z of the result solves T z = x (or T^T z = x), reading one triangle of the square T. */
  triangularSolve(T: Value, x: Value, options: TriangularOptions): Value;
  /**
   * [n, n + 1] for a square A of at most 1024 rows: its inverse, and a last column that sums to log|det A|.
   * `inverse` and `logAbsDet` take them apart.
   */
  inverseLogDet(A: Value): Value;
  /** The sum over all rows of the batch. */
  total(x: Value): Value;
  /** The sum over all rows of a^T b, for pairs (a, b): the gradient of a weight, never held per row. */
  outerTotal(pairs: readonly Value[]): Value;
  /** x itself, through which no derivative passes. */
  stopGradient(x: Value): Value;
}

/** Options of `ops.triangularSolve`. */
export interface TriangularOptions {
  /** Which triangle of T is read. */
  readonly upper: boolean;
  /** Solve with the transpose of that triangle; default false. */
  readonly transposed?: boolean;
  /** Take the diagonal as ones; default false. */
  readonly unit?: boolean;
}
