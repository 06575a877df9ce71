import type { RowStatus } from './types.ts';

/** Decides the step sizes of one integration and drives its stepper. */
export interface Walk {
  /** Steps from the current time to `target`, ending on it exactly unless the status says otherwise. */
  advance(target: number): RowStatus;
  /** The size of the step that was tried or proposed last; 0 before the first. */
  readonly h: number;
}
