import { chooseEngine } from '../engine/index.ts';
import type { Engine, EngineName } from '../engine/index.ts';
import { Pauses } from '../engine/pause.ts';
import { LiouvilleError, throwIfAborted } from '../errors.ts';
import type { EvaluateOptions, Trainable, ObjectiveValue } from '../flow/index.ts';
import type { BatchLike } from '../matrix.ts';
import { integerBelow, namedStream } from '../random/index.ts';
import { updateAverage } from './average.ts';
import { Batches } from './batches.ts';
import { clip, norm } from './clip.ts';
import { decay, decaying } from './decay.ts';
import type { HistoryEntry } from './history.ts';
import { Snapshot, callWith } from './keep.ts';
import { likelihood } from './objective.ts';
import { fitSettings } from './options.ts';
import type { FitOptions, FitSettings } from './options.ts';
import { noRecord, openRecord } from './record.ts';
import type { RunRecord } from './record.ts';
import { takeRows, trainingRows } from './rows.ts';
import type { TrainingRows } from './rows.ts';
import { rateFactor, usedUp } from './schedule.ts';
import { firstState, noteValidation } from './state.ts';
import type { Ending, TrainingState } from './state.ts';
import { meanNegativeLogLikelihood } from './validate.ts';

/** What `fit` did; of a resumed run, from its very beginning. */
export interface FitResult {
  /** Steps that were taken. */
  steps: number;
  /** Of the last minibatch; nats for the likelihood. */
  loss: number;
  /** The mean negative log-likelihood of the validation rows under the parameters that were kept; null without validation. */
  bestValidation: number | null;
  /** Wall-clock time of the whole call, and of those before it that the run was resumed from. */
  seconds: number;
  /** One entry for each step: its loss, its time, and the validation after it. */
  history: HistoryEntry[];
  /** What ended the training: its budget, or `patience`. */
  ended: Ending;
  /** The engine that computed. */
  engine: EngineName;
}

/** Validations of a run, unless `validateEvery` says otherwise. */
const VALIDATIONS = 20;

/**
 * Trains a flow: changes its parameters so that the objective over the rows of `x` [rows, dim], by default the
 * mean negative log-likelihood, becomes small. Minibatches are drawn without replacement; the same seed gives the same
 * parameters on one instruction set, for any number of threads. Random trace estimates get a new probe in each step.
 *
 * However it ends, the flow holds a state worth keeping: with `validation` the parameters that did best in a
 * validation, otherwise those of the last finished step (or their average, see `ema`), or, after a numerical failure, the
 * last with a finite loss. The step that an AbortSignal interrupts is not taken.
 *
 * With `checkpoint`, a run that was killed or stopped can be resumed; see `FitOptions.resume`.
 *
 * Throws 'shape-mismatch' and 'invalid-data' for rows that do not fit, 'unknown-name' and 'invalid-argument' for
 * options, 'numerical-failure' (naming the step) when the loss or its gradient is not finite, 'aborted', 'io' for a folder
 * that cannot be written to, 'bad-file' and 'incompatible-version' for a checkpoint to resume from.
 */
export async function fit(flow: Trainable, x: BatchLike, options: FitOptions = {}): Promise<FitResult> {
  const settings = fitSettings(options);
  const rows = trainingRows(flow, x, settings);
  const state = firstState(flow, settings);
  const record =
    settings.checkpoint === null
      ? noRecord
      : await openRecord(settings.checkpoint, flow, state, rows, settings);
  return new Run(flow, rows, settings, state, record).toEnd();
}

/** One call of `fit`: it owns the state. */
class Run {
  readonly #flow: Trainable;
  readonly #settings: FitSettings;
  readonly #rows: TrainingRows;
  readonly #state: TrainingState;
  readonly #record: RunRecord;
  /** The last parameters that are known to be sound. */
  readonly #sound: Snapshot;
  readonly #decaying: readonly Float64Array[];
  readonly #batches: Batches;
  readonly #computer: Engine;
  /** What the objective computed with. */
  #engine: EngineName | null = null;

  constructor(
    flow: Trainable,
    rows: TrainingRows,
    settings: FitSettings,
    state: TrainingState,
    record: RunRecord,
  ) {
    this.#flow = flow;
    this.#settings = settings;
    this.#rows = rows;
    this.#state = state;
    this.#record = record;
    this.#sound = Snapshot.of(flow, state.average);
    this.#decaying = settings.weightDecay > 0 ? decaying(flow.parameters) : [];
    this.#batches = new Batches(rows.train.x.rows, settings.batchSize, settings.seed);
    this.#computer = chooseEngine(settings.evaluate.engine);
  }

  async toEnd(): Promise<FitResult> {
    const flow = this.#flow;
    const state = this.#state;
    const began = performance.now() - 1000 * state.wallSeconds;
    const note = (): void => void (state.wallSeconds = (performance.now() - began) / 1000);
    let problem: Error | null = null;
    try {
      await this.#loop(note);
    } catch (error) {
      problem = error instanceof Error ? error : new Error(String(error), { cause: error });
    }
    // Stopped from outside, the last finished step is sound; after a numerical failure it may not be.
    if (!isNumericalFailure(problem)) this.#keepSound();
    note();
    const kept = state.best?.kept ?? this.#sound;
    try {
      problem = await this.#record.close(flow, state, kept, problem);
    } finally {
      kept.restore(flow);
    }
    if (problem !== null) throw problem;
    return {
      steps: state.step,
      loss: state.history.at(-1)!.loss,
      bestValidation: state.best === null ? null : state.best.validation - this.#settings.logDet,
      seconds: state.wallSeconds,
      history: state.history,
      ended: state.ended!,
      engine: this.#engine ?? this.#computer.name,
    };
  }

  async #loop(note: () => void): Promise<void> {
    const { signal } = this.#settings.evaluate;
    const state = this.#state;
    const pauses = new Pauses(signal);
    if (state.step === 0) await this.#initialise(this.#batches.at(0));
    await this.#record.begin(this.#flow, state);
    // A run that was stopped in a validation takes that up again.
    if (state.told < state.step) await this.#tell();
    while (state.ended === null) {
      throwIfAborted(signal);
      await this.#step(this.#batches.at(state.step));
      await this.#tell();
      note();
      await this.#record.maybe(this.#flow, state);
      await pauses.maybe();
    }
  }

  /** First values that depend on data, where the flow has such. */
  async #initialise(numbers: Uint32Array): Promise<void> {
    const options = this.#optionsFor('train.first', 0, numbers);
    await this.#flow.initialise(takeRows(this.#rows.train.x, numbers), options);
    this.#state.average?.set(this.#flow.parameters.flat);
    this.#keepSound();
  }

  async #step(numbers: Uint32Array): Promise<void> {
    const { weightDecay, optimiser, ema } = this.#settings;
    const state = this.#state;
    const { flat } = this.#flow.parameters;
    const began = performance.now();
    const found = await this.#evaluate(state.step + 1, numbers);
    const gradient = this.#checked(state.step + 1, found);
    this.#keepSound();
    const rate = this.#rate(state.step);
    decay(this.#decaying, rate * weightDecay);
    optimiser.update(state.optimiser, flat, gradient, rate, this.#computer);
    this.#release(found);
    if (found.state != null) this.#flow.state.flat.set(found.state);
    state.step += 1;
    if (ema !== null) updateAverage(state.average!, flat, ema, state.step);
    state.seconds += (performance.now() - began) / 1000;
    const { objective, logDet } = this.#settings;
    const loss = objective.nats ? found.loss - logDet : found.loss;
    const entry: HistoryEntry = { step: state.step, loss, seconds: state.seconds };
    if (found.nfe !== null) entry.nfe = found.nfe.mean;
    state.history.push(entry);
    this.#engine = found.engine;
  }

  /** The learning rate of step 0, 1, ... */
  #rate(step: number): number {
    const { learningRate, schedule, warmUp, budget } = this.#settings;
    // The time before the step is what the history says, also of a step that was told later.
    const seconds = this.#state.history[step - 1]?.seconds ?? 0;
    return learningRate * rateFactor(schedule, warmUp, budget, step, seconds);
  }

  /** What the flow would end with now, unless a validation was better. */
  #keepSound(): void {
    this.#sound.take(this.#flow, this.#state.average);
  }

  async #evaluate(step: number, numbers: Uint32Array): Promise<ObjectiveValue> {
    const options = this.#optionsFor('train.step', step, numbers);
    const batch = takeRows(this.#rows.train.x, numbers);
    try {
      return await this.#settings.objective.evaluate(this.#flow, batch, options);
    } catch (error) {
      if (!isNumericalFailure(error)) throw error;
      throw failure(step, error.message, error);
    }
  }

  /** Gives the memory of a gradient back that nobody else has seen. */
  #release({ flat }: ObjectiveValue): void {
    const isOwn = this.#settings.objective === likelihood && this.#flow.parts !== undefined;
    if (isOwn) this.#computer.release?.(flat);
  }

  /** What a call is given for the rows with these numbers. */
  #optionsFor(use: string, index: number, numbers: Uint32Array): EvaluateOptions {
    const { evaluate, seed } = this.#settings;
    const { context, noise } = this.#rows.train;
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

  /** What follows a step: its validation, whether it was the last, and the event. */
  async #tell(): Promise<void> {
    const state = this.#state;
    const entry = state.history.at(-1)!;
    const { budget, patience, onStep, logDet } = this.#settings;
    const usedNow = usedUp(budget, state.step, state.seconds);
    if (this.#rows.validation !== null && this.#validationIsDue(usedNow)) {
      const validation = await this.#validate();
      noteValidation(state, validation, this.#flow);
      entry.validation = validation - logDet;
    }
    if (usedNow === 1) state.ended = state.step >= budget.steps ? 'steps' : 'seconds';
    else if (state.sinceBest >= patience) state.ended = 'patience';
    state.told = state.step;
    onStep?.({
      ...entry,
      secondsPerStep: state.seconds / state.step,
      secondsLeft: state.ended === null ? secondsLeft(this.#settings, state) : 0,
      learningRate: this.#rate(state.step - 1),
    });
  }

  #validationIsDue(usedNow: number): boolean {
    const { validateEvery, budget } = this.#settings;
    const { step, history } = this.#state;
    if (usedNow === 1) return true;
    if (validateEvery !== null) return step % validateEvery === 0;
    const usedBefore = usedUp(budget, step - 1, history.at(-2)?.seconds ?? 0);
    return Math.floor(VALIDATIONS * usedNow) > Math.floor(VALIDATIONS * usedBefore);
  }

  /** The mean negative log-likelihood of the validation rows, in nats of the rows that the flow is given. */
  async #validate(): Promise<number> {
    const { evaluate, seed } = this.#settings;
    const { x, context } = this.#rows.validation!;
    const options: EvaluateOptions = { ...evaluate, seed: seedFor(seed, 'train.validation', 0) };
    if (context !== null) options.context = context;
    const parameters = this.#state.average ?? this.#flow.parameters.flat;
    return callWith(this.#flow, parameters, () => meanNegativeLogLikelihood(this.#flow, x, options));
  }
}

/** By the mean step so far. */
function secondsLeft({ budget }: FitSettings, { step, seconds }: TrainingState): number {
  const bySteps = (seconds / step) * (budget.steps - step);
  return Math.max(0, Math.min(bySteps, budget.seconds - seconds));
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
