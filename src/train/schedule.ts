/** How the learning rate changes: the factor on it where `progress` (from 0 to below 1) of the training is done. */
export type Schedule = (progress: number) => number;

/** The names of the learning-rate schedules. */
export type ScheduleName = 'constant' | 'cosine' | 'linear';

/**
 * The schedules by name. `linear` is 1 - progress; `cosine` is (1 + cos(pi progress)) / 2, the one cycle of Loshchilov
 * and Hutter, "SGDR", ICLR 2017, equation 5.
 */
export const schedules: Readonly<Record<ScheduleName, Schedule>> = {
  constant: () => 1,
  cosine: (progress) => (1 + Math.cos(Math.PI * progress)) / 2,
  linear: (progress) => 1 - progress,
};

/** What a training may use up; whichever ends first ends it. */
export interface Budget {
  /** Infinity where only time counts. */
  readonly steps: number;
  /** Of training time, validation not counted; Infinity where only steps count. */
  readonly seconds: number;
}

/** The share of the budget that `step` steps and `seconds` of training have used up, at most 1. */
export function usedUp(budget: Budget, step: number, seconds: number): number {
  return Math.min(1, Math.max(step / budget.steps, seconds / budget.seconds));
}

/**
 * The factor on the learning rate in step `step` = 0, 1, ...: in the first `warmUp` steps (step + 1) / warmUp, then the
 * schedule over what is left of the budget.
 */
export function rateFactor(
  schedule: Schedule,
  warmUp: number,
  budget: Budget,
  step: number,
  seconds: number,
): number {
  if (step < warmUp) return (step + 1) / warmUp;
  return schedule(usedUp({ ...budget, steps: budget.steps - warmUp }, step - warmUp, seconds));
}
