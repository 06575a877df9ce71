import { LiouvilleError, unknownName } from '../errors.ts';
import { evaluateOptions } from '../flow/index.ts';
import type { EvaluateOptions, Objective } from '../flow/index.ts';
import type { BatchLike } from '../matrix.ts';
import { adam } from './adam.ts';
import { checkCount, checkFraction, checkNonNegative, checkPositive, checkSeed } from './check.ts';
import type { StepEvent } from './history.ts';
import { likelihood } from './objective.ts';
import type { Optimiser } from './optimiser.ts';
import { schedules } from './schedule.ts';
import type { Budget, Schedule, ScheduleName } from './schedule.ts';

/** Options of `fit`. Those of EvaluateOptions say how the loss, its gradient and the validation are computed. */
export interface FitOptions extends EvaluateOptions {
  /** Default 1000, or as many as there is time for where `seconds` is given. */
  steps?: number;
  /**
   * Training time at most, validation not counted; default: no limit. How many steps that makes depends on the machine, so
   * such a run does not repeat itself to the bit.
   */
  seconds?: number;
  /** Rows of a minibatch, default 256; all rows where there are fewer. */
  batchSize?: number;
  /** Default 1e-3. */
  learningRate?: number;
  /** How the learning rate changes over the steps, default 'constant'. */
  schedule?: ScheduleName;
  /** Steps over which the learning rate rises to its full height before the schedule begins, default 0. */
  warmUp?: number;
  /**
   * Decoupled weight decay (AdamW), default 0: in each step the weights of linear layers (`decays`) are first
   * multiplied by 1 - rate weightDecay.
   */
  weightDecay?: number;
  /** Gradients longer than this (Euclidean norm over all parameters) are shortened to it; default: none are. */
  clipNorm?: number;
  /**
   * The decay of an exponential moving average of the parameters, such as 0.999, which is then what is validated and what
   * the flow ends with; default: the parameters themselves.
   */
  ema?: number;
  /** Rows whose mean negative log-likelihood chooses the parameters that are kept; default: none, the last ones are kept. */
  validation?: BatchLike;
  /** Conditioning rows for the validation rows; only flows without context go without. */
  validationContext?: BatchLike;
  /** Steps from one validation to the next, default a twentieth of the budget; the end is always followed by one. */
  validateEvery?: number;
  /**
   * Early stopping: training ends after this many validations in succession that were no better than the
   * best; default: no number of them.
   */
  patience?: number;
  /** What is made small, default `likelihood`. */
  objective?: Objective;
  /** Default `adam()`. */
  optimiser?: Optimiser;
  /**
   * log|det| of what the rows went through before they came here, such as the one of a standardisation: losses and
   * validations are told in nats of the rows as they were before. Default 0.
   */
  logDet?: number;
  /** A folder for checkpoint.safetensors, metrics.jsonl and, in the end, model.safetensors; default: nothing is written. */
  checkpoint?: string;
  /** Steps from one checkpoint to the next; default: one every 15 seconds. */
  checkpointEvery?: number;
  /**
   * Go on from the checkpoint in the folder, with the same options and rows, to the same parameters that the run would have
   * ended with undisturbed. Default false: a new run takes the place of what is there.
   */
  resume?: boolean;
  /** Told after each step; default: nobody is. */
  onStep?: (event: StepEvent) => void;
  /** Told when a checkpoint cannot be written; training goes on and tries again. Default: nobody is. */
  onWarning?: (message: string) => void;
}

/** Checked options with their defaults filled in. */
export interface FitSettings {
  readonly budget: Budget;
  readonly batchSize: number;
  readonly learningRate: number;
  readonly schedule: Schedule;
  readonly warmUp: number;
  readonly weightDecay: number;
  readonly clipNorm: number;
  readonly ema: number | null;
  readonly validation: BatchLike | undefined;
  readonly validationContext: BatchLike | undefined;
  /** null: a twentieth of the budget. */
  readonly validateEvery: number | null;
  readonly patience: number;
  readonly objective: Objective;
  readonly optimiser: Optimiser;
  readonly logDet: number;
  readonly checkpoint: string | null;
  readonly checkpointEvery: number | null;
  readonly resume: boolean;
  readonly onStep: ((event: StepEvent) => void) | undefined;
  readonly onWarning: ((message: string) => void) | undefined;
  readonly seed: number;
  readonly context: BatchLike | undefined;
  readonly noise: BatchLike | undefined;
  /** What every call of the flow is given besides its seed, context and noise. */
  readonly evaluate: EvaluateOptions;
  /** What decides about the result, as plain values: a run is resumed with the same ones only. */
  readonly deciding: Readonly<Record<string, unknown>>;
}

const known: { readonly [P in keyof Required<FitOptions>]: true } = {
  steps: true,
  seconds: true,
  batchSize: true,
  learningRate: true,
  schedule: true,
  warmUp: true,
  weightDecay: true,
  clipNorm: true,
  ema: true,
  validation: true,
  validationContext: true,
  validateEvery: true,
  patience: true,
  objective: true,
  optimiser: true,
  logDet: true,
  checkpoint: true,
  checkpointEvery: true,
  resume: true,
  onStep: true,
  onWarning: true,
  ...evaluateOptions,
};

/** Throws 'unknown-name' for an option that does not exist, 'invalid-argument' for a value out of range. */
export function fitSettings(options: FitOptions): FitSettings {
  const names = Object.keys(known);
  for (const name of Object.keys(options)) {
    if (!names.includes(name)) throw unknownName('option of fit', name, names);
  }
  const {
    seconds = Infinity,
    steps = seconds === Infinity ? 1000 : Infinity,
    batchSize = 256,
    learningRate = 1e-3,
    schedule = 'constant',
    warmUp = 0,
    weightDecay = 0,
    clipNorm = Infinity,
    ema = null,
    validation,
    validationContext,
    validateEvery = null,
    patience = Infinity,
    objective = likelihood,
    optimiser = adam(),
    logDet = 0,
    checkpoint = null,
    checkpointEvery = null,
    resume = false,
    onStep,
    onWarning,
    seed = 0,
    context,
    noise,
    onFailure = 'throw',
    ...evaluate
  } = options;
  if (options.steps !== undefined) checkCount('steps', steps);
  if (seconds !== Infinity) checkPositive('seconds', seconds);
  checkCount('batchSize', batchSize);
  checkPositive('learningRate', learningRate);
  if (!Object.hasOwn(schedules, schedule)) throw unknownName('schedule', schedule, Object.keys(schedules));
  if (warmUp !== 0) checkCount('warmUp', warmUp);
  if (warmUp >= steps) refuse(`warmUp must be less than steps, which is ${steps}; got ${warmUp}.`);
  checkNonNegative('weightDecay', weightDecay);
  if (clipNorm !== Infinity) checkPositive('clipNorm', clipNorm);
  if (ema !== null) checkFraction('ema', ema);
  if (validateEvery !== null) checkCount('validateEvery', validateEvery);
  if (patience !== Infinity) checkCount('patience', patience);
  if (typeof objective?.evaluate !== 'function') refuse('objective must be one such as likelihood.');
  if (typeof optimiser?.start !== 'function' || typeof optimiser.update !== 'function')
    refuse('optimiser must be one such as adam().');
  if (!Number.isFinite(logDet)) refuse(`logDet must be a finite number; got ${logDet}.`);
  if (checkpoint !== null && typeof checkpoint !== 'string')
    refuse('checkpoint must be the path of a folder.');
  if (checkpointEvery !== null) checkCount('checkpointEvery', checkpointEvery);
  checkSeed(seed);
  if (onFailure !== 'throw') {
    refuse(`onFailure must be 'throw' in fit, which ends at the first row that fails; got '${onFailure}'.`);
  }
  if (validation === undefined) {
    if (validationContext !== undefined) refuse('validationContext is given without validation.');
    if (patience !== Infinity) refuse('patience is given without validation.');
  }
  if (checkpoint === null) {
    if (checkpointEvery !== null)
      refuse('checkpointEvery is given without checkpoint, the folder to write to.');
    if (resume) refuse('resume is given without checkpoint, the folder to go on from.');
  }
  const { signal: _signal, threads: _threads, engine: _engine, ...computed } = evaluate;
  return {
    budget: { steps, seconds },
    batchSize,
    learningRate,
    schedule: schedules[schedule],
    warmUp,
    weightDecay,
    clipNorm,
    ema,
    validation,
    validationContext,
    validateEvery,
    patience,
    objective,
    optimiser,
    logDet,
    checkpoint,
    checkpointEvery,
    resume,
    onStep,
    onWarning,
    seed,
    context,
    noise,
    evaluate,
    deciding: {
      steps,
      seconds,
      batchSize,
      learningRate,
      schedule,
      warmUp,
      weightDecay,
      clipNorm,
      ema,
      validateEvery,
      patience,
      logDet,
      seed,
      objective: objective.name,
      optimiser: { name: optimiser.name, ...optimiser.options },
      evaluate: computed,
    },
  };
}

function refuse(message: string): never {
  throw new LiouvilleError('invalid-argument', message);
}
