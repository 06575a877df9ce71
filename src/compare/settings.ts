import { chooseEngine } from '../engine/index.ts';
import type { EngineName, Precision } from '../engine/index.ts';
import { checkCount, checkPositive, checkSeed } from '../train/check.ts';
import type { ScheduleName } from '../train/index.ts';
import type { ComparisonSettings, QuadratureSettings } from './results.ts';

/** What may be chosen about a comparison; what is left out has its default from `defaults`. */
export interface SettingOptions {
  /** Training steps of each model. */
  steps?: number;
  /** Rows of a minibatch. */
  batch?: number;
  /** Of the split, the models, the training and the samples. Default 0. */
  seed?: number;
  /** Default 'auto'. */
  engine?: EngineName | 'auto';
  /** Default 'float32'; the reference engine always computes in float64, and that is what its results say. */
  precision?: Precision;
  /** Default: all cores. */
  threads?: number;
  learningRate?: number;
  /** Relative and absolute tolerance of continuous flows, while they train and when they are measured. */
  trainTolerance?: number;
  tolerance?: number;
  schedule?: ScheduleName;
  /** null: gradients are not clipped. */
  clipNorm?: number | null;
  validateEvery?: number;
  validationRows?: number;
  testRows?: number;
  samples?: number;
  inverseRows?: number;
  quadrature?: QuadratureSettings;
}

/**
 * The comparison that `liouville compare` makes when nothing is said: small enough that the reference engine ends
 * it in less than two minutes, and large enough to show what the models can do.
 */
export const defaults = {
  steps: 400,
  batch: 100,
  learningRate: 0.02,
  trainTolerance: 1e-3,
  tolerance: 1e-5,
  schedule: 'cosine',
  clipNorm: 10,
  validationRows: 500,
  testRows: 10_000,
  samples: 2000,
  inverseRows: 300,
  quadrature: { intervals: { 1: 512, 2: 48 }, maxIntervals: { 1: 8192, 2: 192 }, tolerance: 1e-4 },
} as const satisfies SettingOptions;

/** How many times a model is validated while it trains, unless `validateEvery` says otherwise. */
const VALIDATIONS = 10;

/** Checks what was chosen and fills in the rest. Throws 'invalid-argument', or what the choice of the engine throws. */
export function comparisonSettings(options: SettingOptions): ComparisonSettings {
  const chosen = { ...defaults, ...options };
  const { steps, batch, seed = 0, engine = 'auto', precision = 'float32', threads, clipNorm } = chosen;
  const counts = {
    steps,
    batch,
    validationRows: chosen.validationRows,
    testRows: chosen.testRows,
    samples: chosen.samples,
    inverseRows: chosen.inverseRows,
  };
  for (const [name, value] of Object.entries(counts)) checkCount(name, value);
  checkPositive('learningRate', chosen.learningRate);
  checkPositive('trainTolerance', chosen.trainTolerance);
  checkPositive('tolerance', chosen.tolerance);
  if (clipNorm !== null) checkPositive('clipNorm', clipNorm);
  if (threads !== undefined) checkCount('threads', threads);
  checkSeed(seed);
  const validateEvery = chosen.validateEvery ?? Math.max(1, Math.ceil(steps / VALIDATIONS));
  checkCount('validateEvery', validateEvery);
  const isReference = chooseEngine(engine).name === 'reference';
  return {
    ...counts,
    seed,
    precision: isReference ? 'float64' : precision,
    threads: isReference ? 1 : (threads ?? null),
    engine,
    learningRate: chosen.learningRate,
    trainTolerance: chosen.trainTolerance,
    tolerance: chosen.tolerance,
    schedule: chosen.schedule,
    clipNorm,
    validateEvery,
    quadrature: chosen.quadrature,
  };
}
