import { Pauses } from '../engine/pause.ts';
import { chooseEngine } from '../engine/index.ts';
import type { Engine, EngineName } from '../engine/index.ts';
import { LiouvilleError, throwIfAborted } from '../errors.ts';
import { batchOf } from '../flow/batch.ts';
import type { EvaluateOptions, Flow, ObjectiveValue } from '../flow/index.ts';
import type { BatchLike, Matrix } from '../matrix.ts';
import { integerBelow, namedStream } from '../random/index.ts';
import { Batches } from './batches.ts';
import { clip, norm } from './clip.ts';
import type { HistoryEntry } from './history.ts';
import { Snapshot } from './keep.ts';
import { fitSettings } from './options.ts';
import type { FitOptions, FitSettings } from './options.ts';
import type { OptimiserState } from './optimiser.ts';
import { takeRows } from './rows.ts';
import { meanNegativeLogLikelihood } from './validate.ts';

/** What `fit` did. */
export interface FitResult {
  steps: number;
  /** Of the last minibatch; nats. */
  loss: number;
  /** The mean negative log-likelihood of the validation rows under the parameters that were kept; null without validation. */
  bestValidation: number | null;
  /** Wall-clock time of the whole call. */
  seconds: number;
  history: HistoryEntry[];
  engine: EngineName;
}

/**
 * Trains a flow: changes its parameters so that the objective over the rows of `x` [rows, dim], by default the
 * mean negative log-likelihood, becomes small. Minibatches are drawn without replacement; the same seed gives the same
 * parameters on one instruction set, for any number of threads. Random trace estimates get a new probe in each step.
 *
 * However it ends, the flow holds a state worth keeping: with `validation` the parameters that did best in a
 * validation, otherwise those of the last finished step, or, after a numerical failure, the last with a finite
 * loss. The step that an AbortSignal interrupts is not taken.
 *
 * Throws 'shape-mismatch' and 'invalid-data' for rows that do not fit, 'unknown-name' and 'invalid-argument' for
 * options, 'numerical-failure' (naming the step) when the loss or its gradient is not finite, 'aborted'.
 */
export async function fit(flow: Flow, x: BatchLike, options: FitOptions = {}): Promise<FitResult> {
  const run = new Run(flow, x, fitSettings(options));
  return run.toEnd();
}

/** The mutable state of one call of `fit`. */
class Run {
  readonly #flow: Flow;
  readonly #settings: FitSettings;
  readonly #rows: Rows;
  readonly #validation: Rows | null;
  readonly #history: HistoryEntry[] = [];
  readonly #kept: Snapshot;
  #bestValidation: number | null = null;
  #trainingSeconds = 0;
  readonly #computer: Engine;
  #engine: EngineName | null = null;

  constructor(flow: Flow, x: BatchLike, settings: FitSettings) {
    const { validation, validationContext, context, noise } = settings;
    this.#flow = flow;
    this.#settings = settings;
    this.#rows = rowsOf(flow, 'x', x, context, noise);
    this.#validation =
      validation === undefined ? null : rowsOf(flow, 'validation', validation, validationContext, undefined);
    this.#kept = new Snapshot(flow);
    this.#computer = chooseEngine(settings.evaluate.engine);
  }

  async toEnd(): Promise<FitResult> {
    const { steps, optimiser, seed, batchSize, evaluate } = this.#settings;
    const began = performance.now();
    const state = optimiser.start(this.#flow.parameters.count);
    const batches = new Batches(this.#rows.x.rows, batchSize, seed);
    const pauses = new Pauses(evaluate.signal);
    try {
      await this.#initialise(batches.at(0));
      for (let step = 1; step <= steps; step++) {
        throwIfAborted(evaluate.signal);
        await this.#step(step, batches.at(step - 1), state);
        await pauses.maybe();
      }
      this.#keepLatest();
    } catch (error) {
      // Stopped from outside, the last finished step is sound; after a numerical failure it may not be.
      if (!isNumericalFailure(error)) this.#keepLatest();
      throw error;
    } finally {
      this.#kept.restore(this.#flow);
    }
    return {
      steps,
      loss: this.#history.at(-1)!.loss,
      bestValidation: this.#bestValidation,
      seconds: (performance.now() - began) / 1000,
      history: this.#history,
      engine: this.#engine!,
    };
  }

  async #step(step: number, numbers: Uint32Array, state: OptimiserState): Promise<void> {
    const { learningRate, schedule, steps, optimiser } = this.#settings;
    const began = performance.now();
    const found = await this.#evaluate(step, numbers);
    const gradient = this.#checked(step, found);
    this.#keepLatest();
    const rate = learningRate * schedule(step - 1, steps);
    optimiser.update(state, this.#flow.parameters.flat, gradient, rate, this.#computer);
    if (found.state != null) this.#flow.state.flat.set(found.state);
    this.#trainingSeconds += (performance.now() - began) / 1000;
    await this.#record(step, found);
  }

  /** First values that depend on data, where the flow has such. */
  async #initialise(numbers: Uint32Array): Promise<void> {
    await this.#flow.initialise(takeRows(this.#rows.x, numbers), this.#optionsFor('train.first', 0, numbers));
    this.#keepLatest();
  }

  /** Without validation the latest parameters are the ones to keep. */
  #keepLatest(): void {
    if (this.#bestValidation === null) this.#kept.take(this.#flow);
  }

  async #evaluate(step: number, numbers: Uint32Array): Promise<ObjectiveValue> {
    const options = this.#optionsFor('train.step', step, numbers);
    try {
      return await this.#settings.objective.evaluate(this.#flow, takeRows(this.#rows.x, numbers), options);
    } catch (error) {
      if (!isNumericalFailure(error)) throw error;
      throw failure(step, error.message, error);
    }
  }

  /** What a call is given for the rows with these numbers. */
  #optionsFor(use: string, index: number, numbers: Uint32Array): EvaluateOptions {
    const { evaluate, seed } = this.#settings;
    const { context, noise } = this.#rows;
    const options: EvaluateOptions = { ...evaluate, seed: seedFor(seed, use, index) };
    if (context !== null) options.context = takeRows(context, numbers);
    if (noise !== null) options.noise = takeRows(noise, numbers);
    return options;
  }

  /** The gradient to step along. */
  #checked(step: number, found: ObjectiveValue): Float64Array {
    if (!Number.isFinite(found.loss)) throw failure(step, `the loss became ${found.loss}.`);
    const length = norm(found.flat);
    if (!Number.isFinite(length)) throw failure(step, `the norm of the gradient became ${length}.`);
    return clip(found.flat, length, this.#settings.clipNorm);
  }

  async #record(step: number, found: ObjectiveValue): Promise<void> {
    this.#engine = found.engine;
    const entry: HistoryEntry = { step, loss: found.loss, seconds: this.#trainingSeconds };
    if (found.nfe !== null) entry.nfe = found.nfe.mean;
    this.#history.push(entry);
    const { validateEvery, steps, onStep } = this.#settings;
    if (this.#validation !== null && (step % validateEvery === 0 || step === steps)) {
      entry.validation = await this.#validate(this.#validation);
    }
    onStep?.({ ...entry, secondsPerStep: this.#trainingSeconds / step });
  }

  async #validate({ x, context }: Rows): Promise<number> {
    const { evaluate, seed } = this.#settings;
    const options: EvaluateOptions = { ...evaluate, seed: seedFor(seed, 'train.validation', 0) };
    if (context !== null) options.context = context;
    const validation = await meanNegativeLogLikelihood(this.#flow, x, options);
    if (Number.isFinite(validation) && validation < (this.#bestValidation ?? Infinity)) {
      this.#bestValidation = validation;
      this.#kept.take(this.#flow);
    }
    return validation;
  }
}

/** Rows and what belongs to each of them. */
interface Rows {
  readonly x: Matrix;
  readonly context: Matrix | null;
  readonly noise: Matrix | null;
}

function rowsOf(
  flow: Flow,
  what: string,
  x: BatchLike,
  context: BatchLike | undefined,
  noise: BatchLike | undefined,
): Rows {
  const matrix = batchOf(x, what, { cols: flow.dim });
  const { rows } = matrix;
  return {
    x: matrix,
    context:
      context === undefined ? null : batchOf(context, `context of ${what}`, { cols: flow.contextDim, rows }),
    noise: noise === undefined ? null : batchOf(noise, 'noise', { cols: flow.dim, rows }),
  };
}

/** A seed of its own for each use, so that no draw is made twice. */
function seedFor(seed: number, use: string, index: number): number {
  return integerBelow(2 ** 53 - 1, seed, namedStream(use), index);
}

function isNumericalFailure(error: unknown): error is LiouvilleError {
  return error instanceof LiouvilleError && error.code === 'numerical-failure';
}

function failure(step: number, what: string, cause?: unknown): LiouvilleError {
  return new LiouvilleError(
    'numerical-failure',
    `Training stopped in step ${step}: ${what} The flow was given back its last sound parameters. ` +
      'A lower learningRate, or clipNorm, often helps.',
    cause === undefined ? undefined : { cause },
  );
}
