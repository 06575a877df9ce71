import { LiouvilleError, throwIfAborted, unknownName } from '../errors.ts';
import type { EvaluateOptions } from '../flow/types.ts';
import { createModel, modelNames } from '../models/index.ts';
import { boxOf, prepare } from './data.ts';
import type { ComparisonData, DataSource } from './data.ts';
import type { Box } from './quadrature.ts';
import type { ComparisonResults, ComparisonSettings } from './results.ts';
import { finite } from './json.ts';
import { runModel } from './run-model.ts';
import type { Contestant, ModelProgress, ModelRun } from './run-model.ts';
import { comparisonSettings } from './settings.ts';
import type { SettingOptions } from './settings.ts';

/** Options of `compare`. */
export interface CompareOptions extends SettingOptions {
  data: DataSource;
  /** Names of models, or models with a name. */
  models: readonly (string | Contestant)[];
  /** Programs and their versions, for the report. */
  versions?: Readonly<Record<string, string>>;
  signal?: AbortSignal;
  /** Told what a model is doing. */
  onProgress?: (model: string, progress: ModelProgress) => void;
  /** Told when a model is finished, so that nothing is lost when the rest is stopped; awaited. */
  onModel?: (run: ModelRun, data: ComparisonData, settings: ComparisonSettings) => Promise<void> | void;
}

/** A comparison: the document for results.json, and what its figures are made of. */
export interface Comparison {
  readonly results: ComparisonResults;
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
  const { signal, versions = {}, onProgress, onModel, data: source, models, ...chosen } = options;
  const contestants = contestantsOf(models);
  const settings = comparisonSettings(chosen);
  const data = prepare(source);
  const box = boxOf(data.test);
  const runs: ModelRun[] = [];
  for (const contestant of contestants) {
    throwIfAborted(signal);
    const run = await runModel(contestant, {
      data,
      settings,
      box,
      evaluate: evaluateOptions(settings, signal),
      onProgress: (progress) => onProgress?.(contestant.name, progress),
    });
    runs.push(run);
    await onModel?.(run, data, settings);
  }
  const results: ComparisonResults = {
    schema: 1,
    data: {
      name: data.name,
      dim: data.dim,
      columns: [...data.columns],
      rows: data.rows,
      entropy: data.entropy,
    },
    settings,
    models: runs.map((run) => run.result),
    versions: { ...versions },
  };
  return { results: finite(results), runs, data, box };
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
    if (!modelNames.includes(model)) throw unknownName('model', model, modelNames);
    return { name: model, create: (options) => createModel(model, options) };
  });
  const names = contestants.map(({ name }) => name);
  const twice = names.find((name, i) => names.indexOf(name) !== i);
  if (twice !== undefined) {
    throw new LiouvilleError('invalid-argument', `models: expected each model once; got '${twice}' twice.`);
  }
  return contestants;
}

function evaluateOptions(settings: ComparisonSettings, signal: AbortSignal | undefined): EvaluateOptions {
  const { engine, precision, threads, seed, tolerance } = settings;
  return {
    engine,
    precision,
    seed,
    rtol: tolerance,
    atol: tolerance,
    ...(threads === null ? {} : { threads }),
    ...(signal === undefined ? {} : { signal }),
  };
}
