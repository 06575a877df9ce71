import type { StepControl } from './control.ts';
import type { EventSpec } from './events.ts';
import type { Tableau } from './tableau.ts';
import type { Tape } from './tape.ts';
import type { ErrorNorm } from './tolerance.ts';

/**
 * Why an integration ended. 'max-steps': as many steps were attempted as allowed. 'non-finite': the field
 * or the state became NaN or infinite. 'step-underflow': the error test asked for steps that t cannot resolve.
 */
export type RowStatus = 'ok' | 'max-steps' | 'non-finite' | 'step-underflow';

/**
 * dy/dt = f(t, y), written into the third argument, every component of it. `y` belongs to the solver:
 * it is valid during the call only and must not be changed.
 */
export type OdeField = (t: number, y: Float64Array, dydt: Float64Array) => void;

/** Options of one integration, checked. */
export interface IntegrateOptions {
  /** The explicit Runge-Kutta method; see `tableaus`. */
  tableau: Tableau;
  /** Relative tolerance, > 0, for all components or for each. Not used with fixed steps. */
  rtol: number | ArrayLike<number>;
  /** Absolute tolerance, > 0, for all components or for each. Not used with fixed steps. */
  atol: number | ArrayLike<number>;
  /**
   * Fixed steps instead of error control: ceil(|t1 - t0| / stepSize) equal ones, so that they end on t1.
   * Needed for a tableau without embedded solution, allowed for all. Unless given, errors choose the steps.
   */
  stepSize?: number | undefined;
  /** The most steps that are attempted, accepted and rejected ones together. */
  maxSteps: number;
  /** How errors of components make one number: 'rms' unless given. */
  norm?: 'rms' | 'max' | ErrorNorm | undefined;
  /** `piControl` unless given. */
  control?: StepControl | undefined;
  /** Keep the accepted steps, for `integratePullback` and `replay`; default false. */
  record?: boolean | undefined;
  /** Take exactly the steps of this tape, the same t and h, without an error test and without `maxSteps`; none unless given. */
  replay?: Tape | undefined;
  /**
   * Output times from t0 to t1, in the direction of integration, repetitions allowed. Each is reached by a
   * step that ends on it; the step size proposed before that step was clipped is kept for the next one.
   * With fixed steps each interval between output times is divided by itself. Unless given, the end alone.
   */
  times?: ArrayLike<number> | undefined;
  /** The states at `times` come from the interpolant, and steps do not end there; default false. */
  interpolate?: boolean | undefined;
  /** Keep the interpolants of all steps; default false. */
  dense?: boolean | undefined;
  /** What is looked for on the way; nothing unless given. */
  events?: readonly EventSpec[] | undefined;
}

/** Where and how an integration failed. */
export interface Failure {
  /** The time of the last accepted state. */
  readonly t: number;
  /** The size |h| of the step that was tried or proposed last; 0 when there was none yet. */
  readonly h: number;
  /** |y|, the largest component in absolute value, of the last accepted state. */
  readonly norm: number;
  /** The component that is not finite, or else that which dominated the error. */
  readonly component: number;
}

/** How an integration ended. */
export interface Outcome {
  /** The state at `t`: at t1, or the last accepted one of a failed integration. */
  y: Float64Array;
  /** Exactly t1, unless the integration failed. */
  t: number;
  status: RowStatus;
  /** Accepted steps. */
  steps: number;
  rejected: number;
  /** All evaluations of the field. */
  nfe: number;
  /** The accepted steps, when asked for. */
  tape: Tape | null;
  /** One state for each output time; those that a failed integration did not reach are NaN. */
  at: Float64Array[] | null;
  /** null when the status is 'ok'. */
  failure: Failure | null;
  /** The time since which steps have been bounded by stability: the field is probably stiff. null without suspicion. */
  stiffSince: number | null;
}
