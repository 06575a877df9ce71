import { LiouvilleError, throwIfAborted } from '../errors.ts';
import type { EvaluateOptions } from '../flow/types.ts';
import { modelNames, modelPreset } from '../models/index.ts';
import type { Contestant, ModelProgress, Surroundings } from './contestant.ts';
import { boxOf, prepare } from './data.ts';
import type { ComparisonData, DataSource } from './data.ts';
import { differencesOf } from './differences.ts';
import type { Contender } from './differences.ts';
import { finite } from './json.ts';
import type { Box } from './quadrature.ts';
import type { ComparisonResults, ComparisonSettings, TwoSample } from './results.ts';
import { firstRows } from './rows.ts';
import type { ModelRun } from './run-model.ts';
import { runSeeds } from './run-seeds.ts';
import type { ModelRuns } from './run-seeds.ts';
import { comparisonSettings } from './settings.ts';
import type { SettingOptions } from './settings.ts';
import { twoSample } from './two-sample.ts';

/** Options of `compare`. */
export interface CompareOptions extends SettingOptions {
  data: DataSource;
  /** Names of models, or models with a name. */
  models: readonly (string | Contestant)[];
  /** Programs and their versions, for the report. */
  versions?: Readonly<Record<string, string>>;
  /** The command that makes the comparison again, for the report. */
  command?: string;
  signal?: AbortSignal;
  /** Told that all settings are sound, before anything is trained; awaited. */
  onBegin?: () => Promise<void> | void;
  /** Told what a model is doing. */
  onProgress?: (model: string, progress: ModelProgress) => void;
  /** Told when a model is finished with one seed, so that nothing is lost when the rest is stopped; awaited. */
  onRun?: (run: ModelRun, data: ComparisonData, settings: ComparisonSettings) => Promise<void> | void;
  /** Where the training of a model with a seed is recorded, so that it can be gone on with; default: nowhere. */
  folderOf?: (model: string, seed: number) => string;
  /** Go on with what is in these folders: what was trained is kept, what was begun is finished. Default false. */
  resume?: boolean;
}

/** A comparison: the document for results.json, and what its figures are made of. */
export interface Comparison {
  readonly results: ComparisonResults;
  /** Of each model the run that its row shows. */
  readonly runs: readonly ModelRun[];
  readonly data: ComparisonData;
  readonly box: Box | null;
}

/**
 * Trains models on the same rows, with the same settings, and measures them in the same way. A model that fails is
 * a row with its reason and does not stop the rest.
 *
 * Throws before any training starts: 'unknown-name' and 'engine-unavailable', 'invalid-argument' for settings,
 * 'invalid-data' for rows that cannot be standardised. Throws 'aborted' when the signal fires.
 */
export async function compare(options: CompareOptions): Promise<Comparison> {
  const {
    signal,
    versions = {},
    command = null,
    onBegin,
    onProgress,
    onRun,
    folderOf,
    resume = false,
    data: source,
    models,
    ...chosen
  } = options;
  const contestants = contestantsOf(models);
  const settings = comparisonSettings(chosen);
  const data = prepare(source, settings.testRows);
  const box = boxOf(data.test);
  const runs: ModelRuns[] = [];
  await onBegin?.();
  for (const contestant of contestants) {
    throwIfAborted(signal);
    const surroundings: Surroundings = {
      data,
      settings,
      box,
      evaluate: evaluateOptions(settings, signal),
      onProgress: (progress) => onProgress?.(contestant.name, progress),
      folderOf: (seed) => folderOf?.(contestant.name, seed) ?? null,
      resume,
    };
    runs.push(await runSeeds(contestant, surroundings, async (run) => onRun?.(run, data, settings)));
  }
  const results: ComparisonResults = {
    schema: 1,
    data: {
      name: data.name,
      dim: data.dim,
      columns: [...data.columns],
      rows: data.rows,
      entropy: data.entropy,
      twoSample: floorOf(data, settings),
    },
    settings,
    models: runs.map((run) => run.shown.result),
    differences: differencesOf(runs.map(contenderOf)),
    versions: { ...versions },
    command,
  };
  return { results: finite(results), runs: runs.map((run) => run.shown), data, box };
}

/** Validation rows beside test rows: how far apart two samples of the same distribution are. */
function floorOf({ standardised }: ComparisonData, settings: ComparisonSettings): TwoSample {
  const test = firstRows(standardised.test, settings.testRows);
  return twoSample(standardised.validation, test, settings.twoSample, settings.seed);
}

function contenderOf({ shown, all }: ModelRuns): Contender {
  const sound = all.filter(({ result }) => result.status === 'ok');
  return {
    name: shown.result.name,
    bySeed: new Map(sound.map(({ seed, found }) => [seed, found.testLogProb!])),
  };
}

function contestantsOf(models: readonly (string | Contestant)[]): Contestant[] {
  if (models.length === 0) {
    throw new LiouvilleError(
      'invalid-argument',
      `models: expected at least one of ${modelNames.join(', ')}; got none.`,
    );
  }
  const contestants = models.map((model): Contestant => {
    if (typeof model !== 'string') return model;
    return { name: model, ...modelPreset(model) };
  });
  const names = contestants.map(({ name }) => name);
  const twice = names.find((name, i) => names.indexOf(name) !== i);
  if (twice !== undefined) {
    throw new LiouvilleError('invalid-argument', `models: expected each model once; got '${twice}' twice.`);
  }
  return contestants;
}

function evaluateOptions(settings: ComparisonSettings, signal: AbortSignal | undefined): EvaluateOptions {
  const { engine, precision, threads, seed, solver, stepSize, tolerance } = settings;
  return {
    engine,
    precision,
    seed,
    solver,
    ...(stepSize === null ? {} : { stepSize }),
    rtol: tolerance,
    atol: tolerance,
    ...(threads === null ? {} : { threads }),
    ...(signal === undefined ? {} : { signal }),
  };
}
