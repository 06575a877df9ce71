import type { RowStatus } from './types.ts';

/** Decides the step sizes of one integration and drives its method. */
export interface Walk {
  /** Takes one step from the current time towards `target`, never beyond it, and at last exactly onto it. */
  step(target: number): RowStatus;
  /** The time since which the steps have been bounded by stability, not by accuracy; null without that suspicion. */
  readonly stiffSince: number | null;
  /** The size of the step that was tried or proposed last; 0 before the first. */
  readonly h: number;
}
