import { chooseEngine } from '../engine/index.ts';
import type { Flow } from '../flow/types.ts';
import { fit } from '../train/index.ts';
import type { FitOptions, HistoryEntry } from '../train/index.ts';
import type { Contestant, Surroundings, Trained } from './contestant.ts';
import { isBegun } from './restore.ts';
import type { ComparisonSettings } from './results.ts';
import { firstRows } from './rows.ts';
import { meanOf } from './statistics.ts';

/** Of models that have no preset. */
const USUAL_LEARNING_RATE = 1e-3;

/** The learning rate of a model: that of the settings, else its own. */
export function learningRateOf(
  { learningRate }: Contestant,
  settings: ComparisonSettings,
  dim: number,
): number {
  return settings.learningRate ?? learningRate?.(dim) ?? USUAL_LEARNING_RATE;
}

/**
 * Trains a model, in closed form where it has one. The history is filled as it happens, so that a run that fails has one
 * too.
 */
export async function train(
  flow: Flow,
  contestant: Contestant,
  seed: number,
  surroundings: Surroundings,
  history: HistoryEntry[],
): Promise<Trained> {
  return contestant.fit === undefined
    ? stepByStep(flow, contestant, seed, surroundings, history)
    : inClosedForm(flow, contestant.fit, surroundings);
}

async function stepByStep(
  flow: Flow,
  contestant: Contestant,
  seed: number,
  { data, settings, evaluate, onProgress, folderOf, resume }: Surroundings,
  history: HistoryEntry[],
): Promise<Trained> {
  const { steps, seconds, trainTolerance } = settings;
  const { objective } = contestant;
  const folder = folderOf(seed);
  const options: FitOptions = {
    ...evaluate,
    seed,
    ...given({
      steps,
      seconds,
      clipNorm: settings.clipNorm,
      ema: settings.ema,
      validateEvery: settings.validateEvery,
      checkpoint: folder,
    }),
    ...(objective === undefined ? {} : { objective }),
    batchSize: settings.batch,
    learningRate: learningRateOf(contestant, settings, data.dim),
    schedule: settings.schedule,
    warmUp: settings.warmUp,
    weightDecay: settings.weightDecay,
    rtol: trainTolerance,
    atol: trainTolerance,
    validation: firstRows(data.standardised.validation, settings.validationRows),
    // Losses are told in nats of the data as given, like everything else.
    logDet: data.standardiser.logDet,
    resume: resume && folder !== null && (await isBegun(folder)),
    onStep(event) {
      const { secondsPerStep: _perStep, secondsLeft: _left, learningRate: _rate, ...entry } = event;
      history.push(entry);
      onProgress({ phase: 'training', steps, ...event });
    },
  };
  const trained = await fit(flow, data.standardised.train, options);
  return {
    flow,
    history: trained.history,
    engine: trained.engine,
    seconds: trained.history.at(-1)!.seconds,
    bestValidation: trained.bestValidation,
  };
}

/** What is not null. */
function given<T extends object>(values: T): { [P in keyof T]?: NonNullable<T[P]> } {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== null)) as {
    [P in keyof T]?: NonNullable<T[P]>;
  };
}

async function inClosedForm(
  flow: Flow,
  fitModel: NonNullable<Contestant['fit']>,
  { data, settings, evaluate, onProgress }: Surroundings,
): Promise<Trained> {
  onProgress({ phase: 'training' });
  const began = performance.now();
  fitModel(flow, data.standardised.train);
  const seconds = (performance.now() - began) / 1000;
  const rows = firstRows(data.standardised.validation, settings.validationRows);
  const { mean } = meanOf(await flow.logProb(rows, evaluate));
  return {
    flow,
    history: [],
    engine: chooseEngine(evaluate.engine).name,
    seconds,
    bestValidation: -mean - data.standardiser.logDet,
  };
}
