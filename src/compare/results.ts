import type { EngineName, Precision } from '../engine/index.ts';
import type { ScheduleName } from '../train/index.ts';

/** The whole of results.json. Numbers that are not finite, or were not measured, are null. */
export interface ComparisonResults {
  schema: 1;
  data: DataDescription;
  settings: ComparisonSettings;
  models: ModelResult[];
  /** Every pair of models that did not fail, compared row by row. */
  differences: Difference[];
  /** What ran, program and version, and on what machine. */
  versions: Record<string, string>;
  /** The command that makes these numbers again; null where there was none. */
  command: string | null;
}

export interface DataDescription {
  name: string;
  dim: number;
  columns: string[];
  rows: { train: number; validation: number; test: number };
  /** Nats; null where it is not known. No model's mean negative log-likelihood can be below it. */
  entropy: number | null;
  /** What the two-sample checks say about validation rows beside test rows: the least that a model can reach. */
  twoSample: TwoSample | null;
}

/** Everything that decides the numbers, so that they can be made again. */
export interface ComparisonSettings {
  /** null: as many as there is time for. */
  steps: number | null;
  /** Training time of each model at most, validation not counted; null: no limit. */
  seconds: number | null;
  batch: number;
  /** Of the split, and the first of the seeds of the models. */
  seed: number;
  /** How often each model is trained: with the seeds seed, seed + 1, ... */
  seeds: number;
  precision: Precision;
  /** null: all cores. */
  threads: number | null;
  engine: EngineName | 'auto';
  /** null: each model has its own, which its row tells. */
  learningRate: number | null;
  /** Of continuous flows; null for the step where the solver chooses it. */
  solver: string;
  stepSize: number | null;
  /** Relative and absolute tolerance of continuous flows, while they train and when they are measured. */
  trainTolerance: number;
  tolerance: number;
  schedule: ScheduleName;
  /** Steps over which the learning rate rises to its full height. */
  warmUp: number;
  /** Decoupled weight decay (AdamW). */
  weightDecay: number;
  /** null: gradients are not clipped. */
  clipNorm: number | null;
  /** The decay of the average of the parameters that is measured; null: the parameters themselves. */
  ema: number | null;
  /** Steps from one validation to the next; null: a twentieth of the time. */
  validateEvery: number | null;
  /** The most rows of the validation and of the test part that are used: the first ones. */
  validationRows: number;
  testRows: number;
  /** Rows drawn from each model. */
  samples: number;
  /** The most test rows that are sent to the latent space and back. */
  inverseRows: number;
  twoSample: TwoSampleSettings;
  quadrature: QuadratureSettings;
}

/** How samples are compared with test rows. */
export interface TwoSampleSettings {
  /** The most rows of each side in the energy distance, whose cost is their square. */
  rows: number;
  /** Random relabellings that its p-value is counted among. */
  permutations: number;
  /** Directions that the sliced Wasserstein distance looks along. */
  directions: number;
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
  /** Adam's after the warm-up; null where nothing was trained step by step. */
  learningRate: number | null;
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
  /** Over all seeds, where there were several; the other numbers of the row belong to the first. */
  seeds: SeedSpread | null;
}

/** What the choice of the seed changes. */
export interface SeedSpread {
  runs: SeedRun[];
  /** Of the mean test log-likelihoods; the standard deviation is that of a single seed, null for one. */
  testLogLikelihood: Spread;
  klToTruth: Spread | null;
  trainSeconds: Spread | null;
}

export interface Spread {
  mean: number | null;
  standardDeviation: number | null;
}

/** One seed of a model. */
export interface SeedRun {
  seed: number;
  status: 'ok' | 'failed';
  message?: string;
  testLogLikelihood: number | null;
  klToTruth: number | null;
  trainSeconds: number | null;
  steps: number;
}

/** How much better one model predicts the test rows than another: the mean of log p_a(x) - log p_b(x). */
export interface Difference {
  a: string;
  b: string;
  /** Nats a row; with several seeds the mean over them. */
  mean: number;
  /** Of the mean over the test rows, which are the same for both. */
  standardError: number;
  /** Of the mean over the seeds, which are the same for both; null for one. */
  seedStandardError: number | null;
  /**
   * Two-sided, of mean / sqrt(standardError^2 + seedStandardError^2) under Student's distribution, whose degrees of
   * freedom are those of Welch and Satterthwaite.
   */
  pValue: number;
}

/** How far samples are from test rows, both in standard deviations of the training rows. */
export interface TwoSample {
  /** 2 E|X - Y| - E|X - X'| - E|Y - Y'|. */
  energyDistance: number;
  /** Of the energy distance, by permutation: small where the samples can be told from test rows. */
  pValue: number;
  /** Root mean square over directions of the Wasserstein-2 distance of projections. */
  slicedWasserstein: number;
}

/** KL(model || data) = mean over samples x of log q(x) - log p(x), nats. */
export interface ReverseKl {
  /** null where it is infinite: samples where the data have no density. */
  mean: number | null;
  standardError: number | null;
  /** The fraction of samples where the density of the data is 0. */
  outsideSupport: number;
}

/** What the measures find out about a trained model. */
export interface Measured {
  /** Nats of the data as given. The standard error is that of the mean over the test rows. */
  testLogLikelihood: { mean: number | null; standardError: number | null };
  /**
   * KL(data || model), nats: the mean over the test rows of log p(x) - log q(x) where the density p of the data is
   * known, else -entropy - mean test log-likelihood; null where neither is known.
   */
  klToTruth: number | null;
  /** Of the mean over the test rows; null where the density is not known. */
  klStandardError: number | null;
  /** KL(model || data), by samples; null where the density of the data is not known. */
  reverseKl: ReverseKl | null;
  densityRowsPerSecond: number | null;
  samplesPerSecond: number | null;
  /** Evaluations of the field per row when the density is evaluated; null without a continuous part. */
  nfe: { mean: number; max: number } | null;
  /** The same for the way from latent to data. */
  samplingNfe: { mean: number; max: number } | null;
  /**
   * |inverse(transform(x)) - x|, in standard deviations of each column: the largest of all entries, and the median
   * over rows of a row's largest.
   */
  inverseError: { max: number | null; median: number | null };
  twoSample: TwoSample | null;
  /** The integral of the density over the box of the figures; null above two dimensions. */
  normalisation: number | null;
  /** Fraction of the model's samples that lie outside that box. */
  massOutside: number | null;
  /** The grid that the integral was found on, and what its last doubling changed. */
  normalisationGrid: { intervals: number; change: number; converged: boolean } | null;
}
