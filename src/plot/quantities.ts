import type { ComparisonResults, ModelResult, SeedSpread } from '../compare/results.ts';
import { behindBest, likelihoodOf, tiesWithBest } from './differences.ts';
import { fixed, grouped, NOTHING, probability, significant, withError } from './numbers.ts';

type Compared = Pick<ComparisonResults, 'models' | 'differences'>;

/** One quantity of the comparison, as every table shows it. */
export interface Quantity {
  readonly title: string;
  readonly unit: string;
  /** One or two sentences for the reader of the report. */
  readonly meaning: string;
  text(model: ModelResult, results: Compared): string;
  /** What models are compared by, for quantities where one can be best. */
  readonly rank?: { value(model: ModelResult): number | null; better: 'higher' | 'lower' };
  /** Whether a model is as good as the best for all that can be told. */
  ties?(model: ModelResult, results: Compared): boolean;
}

/** Quantities that stand together in a table. */
export interface QuantityGroup {
  readonly title: string;
  readonly quantities: readonly Quantity[];
}

const density: QuantityGroup = {
  title: 'Density',
  quantities: [
    {
      title: 'test log-likelihood',
      unit: 'nats',
      meaning: 'Mean log-density of the test rows, in nats of the data as given, with its standard error.',
      text: ({ testLogLikelihood: { mean, standardError } }) => withError(mean, standardError),
      rank: { value: likelihoodOf, better: 'higher' },
      ties: tiesWithBest,
    },
    {
      title: 'over all seeds',
      unit: 'nats',
      meaning:
        'Mean over the seeds, and the standard deviation from one seed to another. All other numbers belong to the first seed that did not fail.',
      text: ({ seeds }) => spreadText(seeds),
    },
    {
      title: 'behind the best',
      unit: 'nats (p)',
      meaning:
        'Mean difference of log-density to the best model, row by row on the same test rows, with its standard error; in brackets the p-value of no difference. Where p is at least 0.05 the two cannot be told apart, and both are marked.',
      text(model, results) {
        const found = behindBest(model, results);
        if (found === null) return NOTHING;
        const error = Math.hypot(found.standardError, found.seedStandardError ?? 0);
        return `${withError(found.mean, error)} (${probability(found.pValue)})`;
      },
    },
    {
      title: 'KL(data ‖ model)',
      unit: 'nats',
      meaning:
        'How far the model is from the distribution that drew the data: the mean over test rows of log p − log q, with its standard error; without the exact density p, the mean negative log-likelihood less the known entropy.',
      text: ({ klToTruth, klStandardError }) =>
        klStandardError === null ? fixed(klToTruth, 3) : withError(klToTruth, klStandardError),
      rank: { value: (model) => model.klToTruth, better: 'lower' },
      ties: tiesWithBest,
    },
    {
      title: 'KL(model ‖ data)',
      unit: 'nats',
      meaning:
        'The same the other way: the mean over samples of log q − log p. It is infinite where samples fall outside the support of the data; then the fraction that does is given.',
      text: ({ reverseKl }) => {
        if (reverseKl === null) return NOTHING;
        const { mean, standardError, outsideSupport } = reverseKl;
        if (mean !== null) return withError(mean, standardError);
        return `∞ (${significant(100 * outsideSupport, 2)} % outside)`;
      },
      rank: { value: (model) => model.reverseKl?.mean ?? null, better: 'lower' },
    },
  ],
};

const samples: QuantityGroup = {
  title: 'Samples',
  quantities: [
    {
      title: 'energy distance',
      unit: '(p)',
      meaning:
        'Between samples and test rows in standardised coordinates; in brackets the p-value of a permutation test. A small p means that the samples can be told from data.',
      text: ({ twoSample }) =>
        twoSample === null
          ? NOTHING
          : `${significant(twoSample.energyDistance, 2)} (${probability(twoSample.pValue)})`,
      rank: { value: (model) => model.twoSample?.energyDistance ?? null, better: 'lower' },
    },
    {
      title: 'sliced Wasserstein',
      unit: '',
      meaning: 'Sliced Wasserstein-2 distance between samples and test rows in standardised coordinates.',
      text: ({ twoSample }) => significant(twoSample?.slicedWasserstein ?? null, 2),
      rank: { value: (model) => model.twoSample?.slicedWasserstein ?? null, better: 'lower' },
    },
  ],
};

const cost: QuantityGroup = {
  title: 'Cost',
  quantities: [
    {
      title: 'parameters',
      unit: '',
      meaning: 'Trained numbers.',
      text: ({ parameters }) => (parameters === null ? NOTHING : grouped(parameters)),
    },
    {
      title: 'training',
      unit: 's',
      meaning: 'Time in training steps; validation is not counted.',
      text: (model) => significant(model.trainSeconds),
      rank: { value: (model) => model.trainSeconds, better: 'lower' },
    },
    {
      title: 'step',
      unit: 'ms',
      meaning: 'Mean time of a training step.',
      text: ({ secondsPerStep }) => significant(secondsPerStep === null ? null : 1000 * secondsPerStep),
      rank: { value: (model) => model.secondsPerStep, better: 'lower' },
    },
    {
      title: 'density',
      unit: 'rows/s',
      meaning: 'Rows a second whose log-density is evaluated.',
      text: (model) => significant(model.densityRowsPerSecond),
      rank: { value: (model) => model.densityRowsPerSecond, better: 'higher' },
    },
    {
      title: 'sampling',
      unit: 'rows/s',
      meaning: 'Rows a second that are drawn.',
      text: (model) => significant(model.samplesPerSecond),
      rank: { value: (model) => model.samplesPerSecond, better: 'higher' },
    },
    {
      title: 'evaluations',
      unit: 'mean (max)',
      meaning: 'Evaluations of the field for each row on its way from data to latent; continuous flows only.',
      text: ({ nfe }) => evaluations(nfe),
    },
    {
      title: 'evaluations to sample',
      unit: 'mean (max)',
      meaning: 'The same on the way from latent to data.',
      text: ({ samplingNfe }) => evaluations(samplingNfe),
    },
  ],
};

const checks: QuantityGroup = {
  title: 'Checks',
  quantities: [
    {
      title: 'inverse error',
      unit: 'max (median)',
      meaning:
        'Difference of rows that were sent to the latent space and back, in standard deviations of each column: the largest, and the median over rows of the largest of a row.',
      text: ({ inverseError: { max, median } }) =>
        max === null ? NOTHING : `${significant(max, 2)} (${significant(median, 2)})`,
      rank: { value: (model) => model.inverseError.max, better: 'lower' },
    },
    {
      title: 'mass in box',
      unit: '(outside)',
      meaning:
        'Integral of the density over the box of the figures, by quadrature, and the fraction of samples outside it: together 1 where the density is normalised. “~” marks an integral that had not settled on the finest grid.',
      text: ({ normalisation, massOutside, normalisationGrid }) => {
        if (normalisation === null) return NOTHING;
        const settled = normalisationGrid?.converged === false ? '~' : '';
        return `${settled}${normalisation.toFixed(4)} (${fixed(massOutside, 4)})`;
      },
    },
    {
      title: 'engine',
      unit: '',
      meaning: 'The engine that ran.',
      text: ({ engine }) => engine ?? NOTHING,
    },
  ],
};

/** The quantities of the comparison, in their order. */
export const quantityGroups: readonly QuantityGroup[] = [density, samples, cost, checks];

/** The models that are best in a quantity, where it ranks: none, one, or several that are equal or cannot be told apart. */
export function bestIn(quantity: Quantity, results: Compared): ReadonlySet<ModelResult> {
  const { rank } = quantity;
  if (rank === undefined) return new Set();
  const sound = results.models.filter((model) => model.status === 'ok' && rank.value(model) !== null);
  if (sound.length < 2) return new Set();
  const values = sound.map((model) => rank.value(model)!);
  const best = rank.better === 'higher' ? Math.max(...values) : Math.min(...values);
  return new Set(sound.filter((model, i) => values[i] === best || quantity.ties?.(model, results) === true));
}

/** The groups and quantities that have something to say about these models. */
export function quantitiesFor(results: Compared): QuantityGroup[] {
  const says = (quantity: Quantity): boolean =>
    results.models.some((model) => quantity.text(model, results) !== NOTHING);
  return quantityGroups
    .map(({ title, quantities }) => ({ title, quantities: quantities.filter(says) }))
    .filter(({ quantities }) => quantities.length > 0);
}

function evaluations(nfe: ModelResult['nfe']): string {
  return nfe === null ? NOTHING : `${nfe.mean.toFixed(1)} (${nfe.max})`;
}

function spreadText(seeds: SeedSpread | null): string {
  if (seeds === null) return NOTHING;
  const { mean, standardDeviation } = seeds.testLogLikelihood;
  const failed = seeds.runs.filter(({ status }) => status === 'failed').length;
  const text = withError(mean, standardDeviation);
  return failed === 0 ? text : `${text} (${failed} of ${seeds.runs.length} failed)`;
}
