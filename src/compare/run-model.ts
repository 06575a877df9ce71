import { LiouvilleError } from '../errors.ts';
import type { EvaluateOptions, Flow } from '../flow/types.ts';
import type { Matrix } from '../matrix.ts';
import type { DensityGrid } from '../plot/index.ts';
import { fit } from '../train/index.ts';
import type { FitOptions, FitResult, HistoryEntry, StepEvent } from '../train/index.ts';
import type { ComparisonData } from './data.ts';
import { measures } from './measures/index.ts';
import type { Box } from './quadrature.ts';
import type { ComparisonSettings, ModelResult } from './results.ts';
import { firstRows, nothingMeasured } from './subject.ts';
import type { Subject } from './subject.ts';

/** A model of the comparison: its name and how it is made for a number of columns. */
export interface Contestant {
  readonly name: string;
  create(options: { dim: number; seed: number }): Flow;
}

/** What is told while a model runs. */
export type ModelProgress = ({ phase: 'training'; steps: number } & StepEvent) | { phase: string };

/** A model after the comparison: its row, and what the row does not hold. */
export interface ModelRun {
  readonly result: ModelResult;
  /** The trained flow, in standardised coordinates; null where it could not be made. */
  readonly flow: Flow | null;
  /** Losses in nats of the data as given. */
  readonly history: readonly HistoryEntry[];
  /** Rows drawn from the model, in data coordinates. */
  readonly drawn: Matrix | null;
  readonly grid: DensityGrid | null;
}

interface Surroundings {
  readonly data: ComparisonData;
  readonly settings: ComparisonSettings;
  readonly box: Box | null;
  readonly evaluate: EvaluateOptions;
  readonly onProgress: (progress: ModelProgress) => void;
}

/** Trains and measures one model. It does not throw for anything but an abort: a failure is a result. */
export async function runModel(contestant: Contestant, surroundings: Surroundings): Promise<ModelRun> {
  const { data, settings, box, evaluate, onProgress } = surroundings;
  const history: HistoryEntry[] = [];
  const result = emptyResult(contestant.name);
  const shown: { drawn: Matrix | null; grid: DensityGrid | null } = { drawn: null, grid: null };
  let flow: Flow | null = null;
  try {
    flow = contestant.create({ dim: data.dim, seed: settings.seed });
    result.parameters = flow.parameters.count;
    const trained = await train(flow, surroundings, history);
    result.engine = trained.engine;
    if (trained.bestValidation !== null)
      result.bestValidation = trained.bestValidation - data.standardiser.logDet;
    const subject: Subject = { flow, data, settings, box, evaluate };
    for (const measure of measures) {
      onProgress({ phase: measure.name });
      const { drawn, grid, ...measured } = await naming(measure.name, measure.measure(subject));
      Object.assign(result, measured);
      shown.drawn = drawn ?? shown.drawn;
      shown.grid = grid ?? shown.grid;
    }
  } catch (error) {
    if (error instanceof LiouvilleError && error.code === 'aborted') throw error;
    result.status = 'failed';
    result.message = error instanceof Error ? error.message : String(error);
  }
  addCost(result, history);
  return { result, flow, history, ...shown };
}

/** The promise, whose failure says what was being measured. */
async function naming<T>(what: string, work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    if (!(error instanceof LiouvilleError) || error.code === 'aborted') throw error;
    throw new LiouvilleError(error.code, `${what}: ${error.message}`, { cause: error });
  }
}

async function train(flow: Flow, surroundings: Surroundings, history: HistoryEntry[]): Promise<FitResult> {
  const { data, settings, evaluate, onProgress } = surroundings;
  const { steps, learningRate, schedule, clipNorm, validateEvery, trainTolerance } = settings;
  // Losses are told in nats of the data as given, like everything else.
  const asGiven = <T extends { loss: number; validation?: number }>(entry: T): T => {
    const { logDet } = data.standardiser;
    const { loss, validation } = entry;
    return {
      ...entry,
      loss: loss - logDet,
      ...(validation === undefined ? {} : { validation: validation - logDet }),
    };
  };
  const options: FitOptions = {
    ...evaluate,
    steps,
    batchSize: settings.batch,
    learningRate,
    schedule,
    validateEvery,
    rtol: trainTolerance,
    atol: trainTolerance,
    validation: firstRows(data.standardised.validation, settings.validationRows),
    onStep(event) {
      const { secondsPerStep, ...entry } = asGiven(event);
      // Kept as it happens, so that a run that fails has a history too.
      history.push(entry);
      onProgress({ phase: 'training', steps, secondsPerStep, ...entry });
    },
  };
  if (clipNorm !== null) options.clipNorm = clipNorm;
  return fit(flow, data.standardised.train, options);
}

/** What the training cost, as far as it came. */
function addCost(result: ModelResult, history: readonly HistoryEntry[]): void {
  const last = history.at(-1);
  if (last === undefined) return;
  result.steps = last.step;
  result.trainSeconds = last.seconds;
  result.secondsPerStep = last.seconds / last.step;
}

function emptyResult(name: string): ModelResult {
  return {
    name,
    parameters: null,
    ...nothingMeasured(),
    trainSeconds: null,
    secondsPerStep: null,
    steps: 0,
    bestValidation: null,
    engine: null,
    status: 'ok',
  };
}
