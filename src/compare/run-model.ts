import { LiouvilleError } from '../errors.ts';
import type { Flow } from '../flow/types.ts';
import type { HistoryEntry } from '../train/index.ts';
import type { Contestant, Surroundings } from './contestant.ts';
import type { Measured, ModelResult } from './results.ts';
import { nothingMeasured } from './subject.ts';
import type { Findings, Measure, Subject } from './subject.ts';
import { restore } from './restore.ts';
import { learningRateOf, train } from './train-model.ts';

/** A model after the comparison, trained with one seed: its row, and what the row does not hold. */
export interface ModelRun {
  readonly seed: number;
  readonly result: ModelResult;
  /** The trained flow, in standardised coordinates; null where it could not be made. */
  readonly flow: Flow | null;
  /** Losses in nats of the data as given. */
  readonly history: readonly HistoryEntry[];
  /** What the measures found, the numbers of the row among it. */
  readonly found: Findings;
}

/** Trains and measures one model. It does not throw for anything but an abort: a failure is a result. */
export async function runModel(
  contestant: Contestant,
  seed: number,
  measures: readonly Measure[],
  surroundings: Surroundings,
): Promise<ModelRun> {
  const { data, settings, box, evaluate, onProgress } = surroundings;
  const result = emptyResult(contestant.name);
  // Filled while the model is trained, so that a run that fails has a history too.
  let history: HistoryEntry[] = [];
  let found: Findings = {};
  let flow: Flow | null = null;
  try {
    const folder = surroundings.folderOf(seed);
    const restored = surroundings.resume && folder !== null ? await restore(folder, surroundings) : null;
    flow = restored?.flow ?? contestant.create({ dim: data.dim, seed });
    result.parameters = flow.parameters.count;
    if (contestant.fit === undefined) result.learningRate = learningRateOf(contestant, settings, data.dim);
    const trained = restored ?? (await train(flow, contestant, seed, surroundings, history));
    history = trained.history;
    result.engine = trained.engine;
    result.bestValidation = trained.bestValidation;
    result.trainSeconds = trained.seconds;
    const subject: Subject = { flow, data, settings, box, evaluate };
    for (const measure of measures) {
      onProgress({ phase: measure.name });
      found = { ...found, ...(await naming(measure.name, measure.measure(subject, found))) };
    }
  } catch (error) {
    if (error instanceof LiouvilleError && error.code === 'aborted') throw error;
    result.status = 'failed';
    result.message = error instanceof Error ? error.message : String(error);
  }
  addCost(result, history);
  return { seed, result: { ...result, ...numbersOf(found) }, flow, history, found };
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

/** What of the findings stands in the row. */
function numbersOf({
  testLogProb: _rows,
  drawn: _drawn,
  grid: _grid,
  path: _path,
  inside: _inside,
  ...numbers
}: Findings): Partial<Measured> {
  return numbers;
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
    learningRate: null,
    ...nothingMeasured(),
    trainSeconds: null,
    secondsPerStep: null,
    steps: 0,
    bestValidation: null,
    engine: null,
    status: 'ok',
    seeds: null,
  };
}
