/** How the learning rate changes: the factor on it in step `step` (0, 1, ..., steps - 1). */
export type Schedule = (step: number, steps: number) => number;

export type ScheduleName = 'constant' | 'cosine' | 'linear';

/**
 * The schedules by name. `linear` falls from 1 to 1 / steps; `cosine` is (1 + cos(pi step / steps)) / 2, the
 * one cycle of Loshchilov and Hutter, "SGDR", ICLR 2017, equation 5.
 */
export const schedules: Readonly<Record<ScheduleName, Schedule>> = {
  constant: () => 1,
  cosine: (step, steps) => (1 + Math.cos((Math.PI * step) / steps)) / 2,
  linear: (step, steps) => 1 - step / steps,
};
