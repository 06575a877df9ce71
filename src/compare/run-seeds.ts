import type { Contestant, Surroundings } from './contestant.ts';
import { measures, seedMeasures } from './measures/index.ts';
import type { SeedSpread, Spread } from './results.ts';
import { runModel } from './run-model.ts';
import type { ModelRun } from './run-model.ts';
import { momentsOf } from './statistics.ts';

/** A model after the comparison: the run that its row shows, and the runs with all seeds. */
export interface ModelRuns {
  readonly shown: ModelRun;
  readonly all: readonly ModelRun[];
}

/**
 * Runs a model with each seed. The first that does not fail is measured in every way and makes the row; of the others
 * the likelihood is enough.
 */
export async function runSeeds(
  contestant: Contestant,
  surroundings: Surroundings,
  onRun: (run: ModelRun) => Promise<void>,
): Promise<ModelRuns> {
  const { seed: first, seeds } = surroundings.settings;
  const all: ModelRun[] = [];
  for (let seed = first; seed < first + seeds; seed++) {
    const whole = !all.some(succeeded);
    const run = await runModel(contestant, seed, whole ? measures : seedMeasures, surroundings);
    all.push(run);
    await onRun(run);
  }
  const shown = all.find(succeeded) ?? all[0]!;
  return { shown: { ...shown, result: { ...shown.result, seeds: spreadOf(all) } }, all };
}

function succeeded({ result }: ModelRun): boolean {
  return result.status === 'ok';
}

function spreadOf(runs: readonly ModelRun[]): SeedSpread | null {
  if (runs.length === 1) return null;
  const sound = runs.filter(succeeded).map(({ result }) => result);
  return {
    runs: runs.map(({ seed, result }) => ({
      seed,
      status: result.status,
      ...(result.message === undefined ? {} : { message: result.message }),
      testLogLikelihood: result.testLogLikelihood.mean,
      klToTruth: result.klToTruth,
      trainSeconds: result.trainSeconds,
      steps: result.steps,
    })),
    testLogLikelihood: spread(sound.map((result) => result.testLogLikelihood.mean)) ?? {
      mean: null,
      standardDeviation: null,
    },
    klToTruth: spread(sound.map((result) => result.klToTruth)),
    trainSeconds: spread(sound.map((result) => result.trainSeconds)),
  };
}

/** null where a number is missing, or all are. */
function spread(values: readonly (number | null)[]): Spread | null {
  const known = values.filter((value) => value !== null);
  return known.length === 0 || known.length < values.length ? null : momentsOf(known);
}
