import type { Trainable } from '../flow/index.ts';
import type { HistoryEntry } from './history.ts';
import { Snapshot } from './keep.ts';
import type { OptimiserState } from './optimiser.ts';
import type { FitSettings } from './options.ts';

/** Why a training ended: its budget was used up, or the validations became no better. */
export type Ending = 'steps' | 'seconds' | 'patience';

/** What the best validation was, and the parameters that it found. */
export interface Best {
  validation: number;
  readonly kept: Snapshot;
}

/**
 * Everything that changes while a flow is trained, besides the flow's own parameters and state. Both together are what a
 * checkpoint holds, and decide how the run goes on.
 */
export interface TrainingState {
  /** Steps taken. */
  step: number;
  /** Steps whose event has been told; one less than `step` while a validation is still to be made. */
  told: number;
  /** Of training, validation not counted. */
  seconds: number;
  /** Of everything, over all calls that worked on this run. */
  wallSeconds: number;
  ended: Ending | null;
  readonly optimiser: OptimiserState;
  readonly average: Float64Array | null;
  best: Best | null;
  /** Validations in succession that were no better than the best. */
  sinceBest: number;
  readonly history: HistoryEntry[];
}

/** The state before the first step. */
export function firstState(flow: Trainable, { optimiser, ema }: FitSettings): TrainingState {
  return {
    step: 0,
    told: 0,
    seconds: 0,
    wallSeconds: 0,
    ended: null,
    optimiser: optimiser.start(flow.parameters.count),
    average: ema === null ? null : flow.parameters.flat.slice(),
    best: null,
    sinceBest: 0,
    history: [],
  };
}

/** Notes a validation; one that is not finite is never the best. */
export function noteValidation(state: TrainingState, validation: number, flow: Trainable): void {
  if (Number.isFinite(validation) && validation < (state.best?.validation ?? Infinity)) {
    state.best = { validation, kept: Snapshot.of(flow, state.average) };
    state.sinceBest = 0;
  } else {
    state.sinceBest += 1;
  }
}
