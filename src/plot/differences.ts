import type { ComparisonResults, Difference, ModelResult } from '../compare/results.ts';

/** Differences that chance makes more often than this are no differences. */
const LEVEL = 0.05;

/** The model that predicts the test rows best; null where fewer than two can be compared. */
export function bestModel({ models }: Pick<ComparisonResults, 'models'>): ModelResult | null {
  const sound = models.filter((model) => model.status === 'ok' && likelihoodOf(model) !== null);
  if (sound.length < 2) return null;
  return sound.reduce((best, model) => (likelihoodOf(model)! > likelihoodOf(best)! ? model : best));
}

/** How far a model is behind the best, as that is tested; null for the best itself. */
export function behindBest(
  model: ModelResult,
  results: Pick<ComparisonResults, 'models' | 'differences'>,
): Difference | null {
  const best = bestModel(results);
  if (best === null) return null;
  const found = results.differences.find(
    ({ a, b }) => (a === best.name && b === model.name) || (b === best.name && a === model.name),
  );
  if (found === undefined) return null;
  return found.a === best.name ? found : { ...found, a: found.b, b: found.a, mean: -found.mean };
}

/** Whether a model cannot be told from the best by the test rows. */
export function tiesWithBest(
  model: ModelResult,
  results: Pick<ComparisonResults, 'models' | 'differences'>,
): boolean {
  const difference = behindBest(model, results);
  return difference !== null && difference.pValue >= LEVEL;
}

/** Over all seeds where there were several. */
export function likelihoodOf({ seeds, testLogLikelihood }: ModelResult): number | null {
  return seeds?.testLogLikelihood.mean ?? testLogLikelihood.mean;
}
