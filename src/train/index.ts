/** Training of any flow, and its file. */
export { fit } from './fit.ts';
export type { FitResult } from './fit.ts';
export type { Ending } from './state.ts';
export { readCheckpoint, runFiles } from './record.ts';
export type { Checkpoint } from './checkpoint-contents.ts';
export { decays } from './decay.ts';
export type { HistoryEntry, StepEvent } from './history.ts';
export type { FitOptions } from './options.ts';
export { likelihood } from './objective.ts';
export type { Objective, ObjectiveValue } from '../flow/index.ts';
export { adam } from './adam.ts';
export type { AdamOptions } from './adam.ts';
export type { Optimiser, OptimiserState } from './optimiser.ts';
export { schedules } from './schedule.ts';
export type { Schedule, ScheduleName } from './schedule.ts';
export { encodeFlow, save } from './save.ts';
export type { Saveable } from './save.ts';
