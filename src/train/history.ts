/**
 * One step of a training run: its loss, what it took, and the validation where there was one. `metrics.jsonl` has one a
 * line.
 */
export interface HistoryEntry {
  /** Steps finished: 1, 2, ... */
  step: number;
  /** Of the step's minibatch, before the parameters changed; nats for the likelihood. */
  loss: number;
  /**
   * Mean negative log-likelihood of the validation rows after this step, where it was measured; NaN where a
   * row failed.
   */
  validation?: number;
  /** Training time up to the end of this step; validation is not counted. */
  seconds: number;
  /** Mean evaluations of the field per row; absent without a continuous part. */
  nfe?: number;
}

/**
 * What `onStep` of `fit` is told after each step: the entry of the history, and how the run is getting on. Times are
 * seconds.
 */
export interface StepEvent extends HistoryEntry {
  /** Mean over the steps so far, validation not counted. */
  secondsPerStep: number;
  /** Training time until the budget is used up, as far as the steps so far tell; 0 once the training has ended. */
  secondsLeft: number;
  /** That of this step. */
  learningRate: number;
}
