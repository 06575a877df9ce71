import type { ModelTables } from '../program/index.ts';
import type { MapSegment } from './segments.ts';

/** Of the columns of the rows that arrive at a step. */
export interface ColumnStatistics {
  readonly rows: number;
  readonly mean: Float64Array;
  /** The mean squared deviation from the mean. */
  readonly variance: Float64Array;
}

/** The numbers of one step, by their names within it; views, so that writing to them changes the values. */
export interface StepValues {
  parameter(name: string): Float64Array;
  state(name: string): Float64Array;
}

/** The values of the step at `path`, in these flat arrays. */
export function stepValues(
  { trained, state }: ModelTables,
  path: string,
  flat: { readonly trained: Float64Array; readonly state: Float64Array },
): StepValues {
  const full = (name: string): string => (path === '' ? name : `${path}.${name}`);
  return {
    parameter: (name) => trained.viewIn(flat.trained, full(name)),
    state: (name) => state.viewIn(flat.state, full(name)),
  };
}

/** What a map segment needs to know of the batch, as columns of its program; nothing for most segments. */
export interface SegmentStatistics {
  readonly statistics: ColumnStatistics | null;
  readonly inputs: { readonly [name: string]: Float64Array };
}

/** The statistics of rows x where the segment has a rule for batches, repeated for each row as its inputs. */
export function statisticsFor(segment: MapSegment, x: Float64Array, rows: number): SegmentStatistics {
  if (segment.batch === null) return { statistics: null, inputs: {} };
  const statistics = columnStatistics(x, rows);
  const repeated = (values: Float64Array): Float64Array => {
    const all = new Float64Array(x.length);
    for (let row = 0; row < rows; row++) all.set(values, row * values.length);
    return all;
  };
  return {
    statistics,
    inputs: { mean: repeated(statistics.mean), variance: repeated(statistics.variance) },
  };
}

/**
 * The cotangents of the rows x, by way of the statistics too: each row has a share dmean/dx = 1 / rows and
 * dvariance/dx = 2 (x - mean) / rows in them.
 */
export function throughStatistics(
  cotangents: Readonly<Record<string, Float64Array>>,
  statistics: ColumnStatistics | null,
  x: Float64Array,
): Float64Array {
  const direct = cotangents['x']!;
  if (statistics === null) return direct;
  const { rows, mean } = statistics;
  const ofMean = columnSums(cotangents['mean']!, mean.length);
  const ofVariance = columnSums(cotangents['variance']!, mean.length);
  return direct.map((value, i) => {
    const j = i % mean.length;
    return value + (ofMean[j]! + 2 * (x[i]! - mean[j]!) * ofVariance[j]!) / rows;
  });
}

/** In two passes, so that a mean far from zero costs the variance no digits. */
function columnStatistics(x: Float64Array, rows: number): ColumnStatistics {
  const dim = x.length / rows;
  const mean = columnSums(x, dim).map((sum) => sum / rows);
  const squares = x.map((value, i) => (value - mean[i % dim]!) ** 2);
  return { rows, mean, variance: columnSums(squares, dim).map((sum) => sum / rows) };
}

function columnSums(x: Float64Array, dim: number): Float64Array {
  const sums = new Float64Array(dim);
  for (let i = 0; i < x.length; i++) sums[i % dim]! += x[i]!;
  return sums;
}
