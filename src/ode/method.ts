import type { Piece } from './dense.ts';
import type { Tape } from './tape.ts';
import type { Tolerance } from './tolerance.ts';

/**
 * A one-step or multistep method in the middle of an integration: its state, and how to try one step. How long a step
 * is and whether it is accepted is decided outside.
 */
export interface Method {
  /** The time of the current state. */
  readonly t: number;
  /** The current state. */
  readonly y: Float64Array;
  /** The derivative at the current state; valid after `begin`. */
  readonly slope: Float64Array;
  /** y_{n+1} of the last attempt. */
  readonly next: Float64Array;
  /** The power of h with which the norm of the error estimate of the last attempt goes to zero. */
  readonly errorOrder: number;
  readonly steps: number;
  rejected: number;
  readonly evaluations: number;
  /** The accepted steps, of a method that can record them and was asked to. */
  readonly tape: Tape | null;
  /** Evaluates the field and counts it. */
  evaluate(t: number, y: Float64Array, dydt: Float64Array): void;
  /** Makes the derivative at the current state known; false when it or the state is not finite. */
  begin(): boolean;
  /** Computes `next` by a step of signed size h that ends at tNext. */
  attempt(h: number, tNext: number): void;
  /** The norm of the error estimate of the last attempt: 1 is the tolerance; NaN or infinite when the step was not finite. */
  errorNorm(tolerance: Tolerance): number;
  /** The step of the last attempt is taken. */
  accept(): void;
  /** The component to name in a failure. */
  dominantComponent(tolerance: Tolerance): number;
  /** The interpolant over the step that was accepted last; overwritten with the next step. */
  piece(): Piece;
  /**
   * Of the step that was accepted last, after `begin` and before the next attempt: |h| times an estimate of the largest
   * eigenvalue, over the bound of stability. Above 1 is stiff; NaN when unknown.
   */
  stiffness(): number;
}
