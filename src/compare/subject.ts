import type { EvaluateOptions, Flow } from '../flow/types.ts';
import type { Matrix } from '../matrix.ts';
import type { DensityGrid } from '../plot/index.ts';
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
  /** Rows drawn from the model, in data coordinates. */
  drawn?: Matrix;
  /** The density on the grid of the quadrature, in data coordinates. */
  grid?: DensityGrid;
}

/** One thing that is measured about every model in the same way. */
export interface Measure {
  readonly name: string;
  measure(subject: Subject): Promise<Findings>;
}

/** What a failed model's row holds where a measure did not get to it. */
export function nothingMeasured(): Measured {
  return {
    testLogLikelihood: { mean: null, standardError: null },
    klToTruth: null,
    densityRowsPerSecond: null,
    samplesPerSecond: null,
    nfe: null,
    inverseError: { max: null },
    normalisation: null,
    massOutside: null,
    normalisationGrid: null,
  };
}

/** The first rows of a matrix. */
export function firstRows({ data, rows, cols }: Matrix, most: number): Matrix {
  const count = Math.min(rows, most);
  return { data: data.subarray(0, count * cols), rows: count, cols };
}

/** Seconds that some work takes, and its result. */
export async function timed<T>(work: () => Promise<T>): Promise<{ result: T; seconds: number }> {
  const began = performance.now();
  const result = await work();
  return { result, seconds: (performance.now() - began) / 1000 };
}
