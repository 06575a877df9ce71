import type { Engine } from '../engine/index.ts';

/** What an optimiser remembers between steps; plain data, so that it can be written to a file. */
export interface OptimiserState {
  /** Steps taken so far. */
  step: number;
  /** Arrays as long as the parameters, by name. */
  readonly slots: Readonly<Record<string, Float64Array>>;
}

/** A rule that changes parameters by their gradient. The rule itself is immutable; a run owns its state. */
export interface Optimiser {
  readonly name: string;
  /** Its numbers, by name: a run is resumed with the same ones only. */
  readonly options?: Readonly<Record<string, number>>;
  start(count: number): OptimiserState;
  /** Takes one step: changes `parameters` and `state` in place. `gradient` is only lent; what is to be kept is copied. */
  update(
    state: OptimiserState,
    parameters: Float64Array,
    gradient: Float64Array,
    learningRate: number,
    engine: Engine,
  ): void;
}
