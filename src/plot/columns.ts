import type { ModelResult } from '../compare/results.ts';

/** One quantity of the comparison, as every table shows it. */
export interface Column {
  /** Two short lines. */
  readonly title: readonly [string, string];
  /** One sentence for the reader of the report. */
  readonly meaning: string;
  text(model: ModelResult): string;
  /** What models are compared by, for columns where one can be best. */
  readonly rank?: { value(model: ModelResult): number | null; better: 'higher' | 'lower' };
}

/** The columns of the comparison table, in their order. */
export const columns: readonly Column[] = [
  {
    title: ['test log-likelihood', 'nats'],
    meaning: 'Mean log-density of the test rows, in nats of the data as given, with its standard error.',
    text: ({ testLogLikelihood: { mean, standardError } }) =>
      mean === null ? NOTHING : `${mean.toFixed(3)} ± ${standardError?.toFixed(3) ?? NOTHING}`,
    rank: { value: (model) => model.testLogLikelihood.mean, better: 'higher' },
  },
  {
    title: ['KL to truth', 'nats'],
    meaning:
      'How far the model is from the distribution that drew the data: its mean negative log-likelihood less the known entropy.',
    text: (model) => fixed(model.klToTruth, 3),
    rank: { value: (model) => model.klToTruth, better: 'lower' },
  },
  {
    title: ['parameters', ''],
    meaning: 'Trained numbers.',
    text: ({ parameters }) => (parameters === null ? NOTHING : grouped(parameters)),
  },
  {
    title: ['training', 's'],
    meaning: 'Time in training steps; validation is not counted.',
    text: (model) => significant(model.trainSeconds),
    rank: { value: (model) => model.trainSeconds, better: 'lower' },
  },
  {
    title: ['step', 's'],
    meaning: 'Mean time of a training step.',
    text: (model) => significant(model.secondsPerStep),
    rank: { value: (model) => model.secondsPerStep, better: 'lower' },
  },
  {
    title: ['density', 'rows/s'],
    meaning: 'Rows a second whose log-density is evaluated.',
    text: (model) => significant(model.densityRowsPerSecond),
    rank: { value: (model) => model.densityRowsPerSecond, better: 'higher' },
  },
  {
    title: ['sampling', 'rows/s'],
    meaning: 'Rows a second that are drawn.',
    text: (model) => significant(model.samplesPerSecond),
    rank: { value: (model) => model.samplesPerSecond, better: 'higher' },
  },
  {
    title: ['evaluations', 'mean (max)'],
    meaning: 'Evaluations of the field for each row when its density is evaluated; continuous flows only.',
    text: ({ nfe }) => (nfe === null ? NOTHING : `${nfe.mean.toFixed(1)} (${nfe.max})`),
  },
  {
    title: ['inverse error', 'max'],
    meaning:
      'Largest difference of a row that was sent to the latent space and back, in standard deviations of its column.',
    text: (model) => significant(model.inverseError.max, 2),
    rank: { value: (model) => model.inverseError.max, better: 'lower' },
  },
  {
    title: ['mass in box', '(outside)'],
    meaning:
      'Integral of the density over the box of the figures, by quadrature, and the fraction of samples outside it: together 1 where the density is normalised. “~” marks an integral that had not settled on the finest grid.',
    text: ({ normalisation, massOutside, normalisationGrid }) => {
      if (normalisation === null) return NOTHING;
      const settled = normalisationGrid?.converged === false ? '~' : '';
      return `${settled}${normalisation.toFixed(4)} (${fixed(massOutside, 4)})`;
    },
  },
  {
    title: ['engine', ''],
    meaning: 'The engine that ran.',
    text: ({ engine }) => engine ?? NOTHING,
  },
];

const NOTHING = '–';

/** The models that are best in a column, where it ranks: none, one, or several that are equal. */
export function bestIn(column: Column, models: readonly ModelResult[]): ReadonlySet<ModelResult> {
  const { rank } = column;
  if (rank === undefined) return new Set();
  const sound = models.filter((model) => model.status === 'ok' && rank.value(model) !== null);
  if (sound.length < 2) return new Set();
  const values = sound.map((model) => rank.value(model)!);
  const best = rank.better === 'higher' ? Math.max(...values) : Math.min(...values);
  return new Set(sound.filter((_, i) => values[i] === best));
}

/** The columns that have something to say about these models. */
export function columnsFor(models: readonly ModelResult[]): Column[] {
  return columns.filter((column) => models.some((model) => column.text(model) !== NOTHING));
}

/** A number with so many significant digits: 12,345 or 0.0123 or 1.2e-7. */
export function significant(value: number | null, digits = 3): string {
  if (value === null) return NOTHING;
  const magnitude = Math.abs(value);
  if (magnitude >= 10 ** digits && magnitude < 1e9) return grouped(Math.round(value));
  if (magnitude !== 0 && (magnitude < 1e-3 || magnitude >= 1e9)) return value.toExponential(digits - 1);
  return String(Number(value.toPrecision(digits)));
}

/** A whole number with commas: 50,000. */
export function grouped(value: number): string {
  return value.toLocaleString('en-US');
}

function fixed(value: number | null, digits: number): string {
  return value === null ? NOTHING : value.toFixed(digits);
}
