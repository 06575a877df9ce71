import type { EvaluateOptions, Flow, PathStop } from '../flow/types.ts';
import type { Matrix } from '../matrix.ts';
import type { DensityGrid, WayStop } from '../plot/index.ts';
import type { ComparisonData } from './data.ts';
import type { Box } from './quadrature.ts';
import type { ComparisonSettings, Measured } from './results.ts';

/** A trained model and what it is measured with. Its flow lives in standardised coordinates. */
export interface Subject {
  readonly flow: Flow;
  readonly data: ComparisonData;
  readonly settings: ComparisonSettings;
  /** The part of the plane (or line) where the density is looked at, in data coordinates; null above two dimensions. */
  readonly box: Box | null;
  /** What every call of the flow is given. */
  readonly evaluate: EvaluateOptions;
}

/** What one measure found out: numbers for the table, and what the figures show. */
export interface Findings extends Partial<Measured> {
  /** log p(x) of each test row, nats of the data as given. */
  testLogProb?: Float64Array;
  /** Some samples on their way from the latent space, in data coordinates. */
  path?: readonly PathStop[];
  /** Rows drawn from the model, in data coordinates. */
  drawn?: Matrix;
  /** What a continuous flow in the plane does, in data coordinates. */
  inside?: Inside;
  /** The density on the grid of the quadrature, in data coordinates. */
  grid?: DensityGrid;
}

/** Inside a continuous flow. */
export interface Inside {
  /** Test rows on their way to the latent space. */
  readonly ways: readonly WayStop[];
  /** The velocity at the points of a grid, for each of the times. */
  readonly field: {
    readonly points: Matrix;
    readonly times: readonly number[];
    readonly velocities: readonly Matrix[];
  };
  /** Evaluations of the field, one for each test row that was counted. */
  readonly evaluations: Int32Array;
}

/** One thing that is measured about every model in the same way. */
export interface Measure {
  readonly name: string;
  /** `found` is what the measures before it have found. */
  measure(subject: Subject, found: Findings): Promise<Findings>;
}

/** What a failed model's row holds where a measure did not get to it. */
export function nothingMeasured(): Measured {
  return {
    testLogLikelihood: { mean: null, standardError: null },
    klToTruth: null,
    klStandardError: null,
    reverseKl: null,
    densityRowsPerSecond: null,
    samplesPerSecond: null,
    nfe: null,
    samplingNfe: null,
    inverseError: { max: null, median: null },
    twoSample: null,
    normalisation: null,
    massOutside: null,
    normalisationGrid: null,
  };
}

/** Seconds that some work takes, and its result. */
export async function timed<T>(work: () => Promise<T>): Promise<{ result: T; seconds: number }> {
  const began = performance.now();
  const result = await work();
  return { result, seconds: (performance.now() - began) / 1000 };
}
