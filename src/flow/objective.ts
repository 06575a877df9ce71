import type { EngineName } from '../engine/index.ts';
import type { Matrix } from '../matrix.ts';
import type { StartCotangents } from './gradient.ts';
import type { EvaluateOptions, Trainable } from './types.ts';

/** What an objective found for a batch: a loss, its gradient, and what computing them took. */
export interface ObjectiveValue {
  /** The number that training makes small, the mean over the batch; nats where `Objective.nats` says so. */
  readonly loss: number;
  /** The gradient of the loss by the trained parameters, in the order of `flow.parameters.flat`. */
  readonly flat: Float64Array;
  /** Evaluations of the field per row; null without a continuous part. */
  readonly nfe: { readonly mean: number; readonly max: number } | null;
  /** What `flow.state.flat` becomes when the step is taken, such as running statistics; absent or null: unchanged. */
  readonly state?: Float64Array | null;
  /** The gradient of the loss by the rows and by their context, for models that this one is a part of; absent: not known. */
  readonly cotangents?: StartCotangents;
  /** The engine that computed. */
  readonly engine: EngineName;
}

/**
 * What training makes small: a loss of a batch of rows and its gradient. `fit` calls `evaluate` once in every step,
 * and changes parameters and state itself, so an objective must not. It computes with the parameters that the model
 * holds when the call begins (`flow.parameters.flat.slice()`, or any method of the model, which takes a snapshot).
 *
 * `options` are those of `fit`; `options.seed` is the address of the step, a number that no other step has:
 * whatever is drawn from it makes a run repeat itself, resumed or not. `options.context` and `options.noise` hold
 * the rows that belong to the batch. A loss that is not finite, or a thrown 'numerical-failure', ends the training.
 */
export interface Objective {
  /** Written into checkpoints: a run can only be resumed with an objective of the same name. */
  readonly name: string;
  /** Is the loss a mean negative log-likelihood in nats, up to penalties? Then it is told in the data's units. */
  readonly nats: boolean;
  evaluate(flow: Trainable, batch: Matrix, options: EvaluateOptions): Promise<ObjectiveValue>;
}
