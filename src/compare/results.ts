import type { EngineName, Precision } from '../engine/index.ts';
import type { ScheduleName } from '../train/index.ts';

/** The whole of results.json. Numbers that are not finite, or were not measured, are null. */
export interface ComparisonResults {
  schema: 1;
  data: DataDescription;
  settings: ComparisonSettings;
  models: ModelResult[];
  /** What ran: program and version. */
  versions: Record<string, string>;
}

export interface DataDescription {
  name: string;
  dim: number;
  columns: string[];
  rows: { train: number; validation: number; test: number };
  /** Nats; null where it is not known. No model's mean negative log-likelihood can be below it. */
  entropy: number | null;
}

/** Everything that decides the numbers, so that they can be made again. */
export interface ComparisonSettings {
  steps: number;
  batch: number;
  seed: number;
  precision: Precision;
  /** null: all cores. */
  threads: number | null;
  engine: EngineName | 'auto';
  learningRate: number;
  /** Relative and absolute tolerance of continuous flows, while they train and when they are measured. */
  trainTolerance: number;
  tolerance: number;
  schedule: ScheduleName;
  /** null: gradients are not clipped. */
  clipNorm: number | null;
  /** Steps from one validation to the next. */
  validateEvery: number;
  /** The most rows of the validation and of the test part that are used: the first ones. */
  validationRows: number;
  testRows: number;
  /** Rows drawn from each model. */
  samples: number;
  /** The most test rows that are sent to the latent space and back. */
  inverseRows: number;
  quadrature: QuadratureSettings;
}

/** The grid of the normalisation check, by intervals on each side. */
export interface QuadratureSettings {
  /** Where it begins, for one and two dimensions. */
  intervals: { 1: number; 2: number };
  /** Where it ends, converged or not. */
  maxIntervals: { 1: number; 2: number };
  /** Converged when a grid twice as fine changes the integral by less. */
  tolerance: number;
}

/** One row of the comparison. */
export interface ModelResult extends Measured {
  name: string;
  parameters: number | null;
  /** Time in training steps; validation is not counted. */
  trainSeconds: number | null;
  secondsPerStep: number | null;
  steps: number;
  /** Mean negative log-likelihood of the validation rows under the parameters that were kept; nats of the data as given. */
  bestValidation: number | null;
  /** The engine that really ran; null where none did. */
  engine: EngineName | null;
  status: 'ok' | 'failed';
  /** Why it failed. */
  message?: string;
}

/** What the measures find out about a trained model. */
export interface Measured {
  /** Nats of the data as given. The standard error is that of the mean over the test rows. */
  testLogLikelihood: { mean: number | null; standardError: number | null };
  /** KL(data || model) = -entropy - mean test log-likelihood, nats; null where the entropy is not known. */
  klToTruth: number | null;
  densityRowsPerSecond: number | null;
  samplesPerSecond: number | null;
  /** Evaluations of the field per row when the density is evaluated; null without a continuous part. */
  nfe: { mean: number; max: number } | null;
  /** Largest |inverse(transform(x)) - x| of an entry, in standard deviations of its column. */
  inverseError: { max: number | null };
  /** The integral of the density over the box of the figures; null above two dimensions. */
  normalisation: number | null;
  /** Fraction of the model's samples that lie outside that box. */
  massOutside: number | null;
  /** The grid that the integral was found on, and what its last doubling changed. */
  normalisationGrid: { intervals: number; change: number; converged: boolean } | null;
}
