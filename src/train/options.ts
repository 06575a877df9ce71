import { LiouvilleError, unknownName } from '../errors.ts';
import { evaluateOptions } from '../flow/index.ts';
import type { EvaluateOptions, Objective } from '../flow/index.ts';
import type { BatchLike } from '../matrix.ts';
import { adam } from './adam.ts';
import { checkCount, checkPositive, checkSeed } from './check.ts';
import type { StepEvent } from './history.ts';
import { likelihood } from './objective.ts';
import type { Optimiser } from './optimiser.ts';
import { schedules } from './schedule.ts';
import type { Schedule, ScheduleName } from './schedule.ts';

/** Options of `fit`. Those of EvaluateOptions say how the loss, its gradient and the validation are computed. */
export interface FitOptions extends EvaluateOptions {
  /** Default 1000. */
  steps?: number;
  /** Rows of a minibatch, default 256; all rows where there are fewer. */
  batchSize?: number;
  /** Default 1e-3. */
  learningRate?: number;
  /** How the learning rate changes over the steps, default 'constant'. */
  schedule?: ScheduleName;
  /** Gradients longer than this (Euclidean norm over all parameters) are shortened to it; default: none are. */
  clipNorm?: number;
  /** Rows whose mean negative log-likelihood chooses the parameters that are kept. */
  validation?: BatchLike;
  /** Conditioning rows for the validation rows. */
  validationContext?: BatchLike;
  /** Steps from one validation to the next, default a twentieth of all; the last step is always followed by one. */
  validateEvery?: number;
  /** What is made small, default `likelihood`. */
  objective?: Objective;
  /** Default `adam()`. */
  optimiser?: Optimiser;
  onStep?: (event: StepEvent) => void;
}

/** Checked options with their defaults filled in. */
export interface FitSettings {
  readonly steps: number;
  readonly batchSize: number;
  readonly learningRate: number;
  readonly schedule: Schedule;
  readonly clipNorm: number;
  readonly validation: BatchLike | undefined;
  readonly validationContext: BatchLike | undefined;
  readonly validateEvery: number;
  readonly objective: Objective;
  readonly optimiser: Optimiser;
  readonly onStep: ((event: StepEvent) => void) | undefined;
  readonly seed: number;
  readonly context: BatchLike | undefined;
  readonly noise: BatchLike | undefined;
  /** What every call of the flow is given besides its seed, context and noise. */
  readonly evaluate: EvaluateOptions;
}

const known: Record<keyof FitOptions, true> = {
  steps: true,
  batchSize: true,
  learningRate: true,
  schedule: true,
  clipNorm: true,
  validation: true,
  validationContext: true,
  validateEvery: true,
  objective: true,
  optimiser: true,
  onStep: true,
  ...evaluateOptions,
};

/** Throws 'unknown-name' for an option that does not exist, 'invalid-argument' for a value out of range. */
export function fitSettings(options: FitOptions): FitSettings {
  const names = Object.keys(known);
  for (const name of Object.keys(options)) {
    if (!names.includes(name)) throw unknownName('option of fit', name, names);
  }
  const {
    steps = 1000,
    batchSize = 256,
    learningRate = 1e-3,
    schedule = 'constant',
    clipNorm = Infinity,
    validation,
    validationContext,
    validateEvery = Math.max(1, Math.ceil(steps / 20)),
    objective = likelihood,
    optimiser = adam(),
    onStep,
    seed = 0,
    context,
    noise,
    onFailure = 'throw',
    ...evaluate
  } = options;
  checkCount('steps', steps);
  checkCount('batchSize', batchSize);
  checkCount('validateEvery', validateEvery);
  checkPositive('learningRate', learningRate);
  if (clipNorm !== Infinity) checkPositive('clipNorm', clipNorm);
  if (!Object.hasOwn(schedules, schedule)) throw unknownName('schedule', schedule, Object.keys(schedules));
  checkSeed(seed);
  if (onFailure !== 'throw') {
    throw new LiouvilleError(
      'invalid-argument',
      `onFailure must be 'throw' in fit, which ends at the first row that fails; got '${onFailure}'.`,
    );
  }
  if (validationContext !== undefined && validation === undefined) {
    throw new LiouvilleError('invalid-argument', 'validationContext is given without validation.');
  }
  return {
    steps,
    batchSize,
    learningRate,
    schedule: schedules[schedule],
    clipNorm,
    validation,
    validationContext,
    validateEvery,
    objective,
    optimiser,
    onStep,
    seed,
    context,
    noise,
    evaluate,
  };
}
