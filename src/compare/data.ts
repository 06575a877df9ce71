import { standardiser } from '../data/index.ts';
import type { Split, Standardiser } from '../data/index.ts';
import type { Matrix } from '../matrix.ts';
import type { Box } from './quadrature.ts';
import { firstRows } from './rows.ts';

/** What a comparison is about. */
export interface DataSource {
  readonly name: string;
  /** Rows as given, in three parts. */
  readonly split: Split;
  /** Differential entropy in nats; null where it is not known. */
  readonly entropy: number | null;
  /** The log-density of the plane that the rows come from; null where it is not known. */
  readonly logDensity: ((x: number, y: number) => number) | null;
  /** What to know of the rows, a sentence each. */
  readonly notes?: readonly string[];
}

/** The rows as given and as the models see them: in standard deviations from the mean of the training rows. */
export interface ComparisonData extends Omit<DataSource, 'split'> {
  readonly dim: number;
  readonly columns: readonly string[];
  readonly rows: { readonly train: number; readonly validation: number; readonly test: number };
  /** Test rows as given. */
  readonly test: Matrix;
  /** The exact log-density of the test rows that are used; null where it is not known. */
  readonly testLogDensity: Float64Array | null;
  readonly standardiser: Standardiser;
  readonly standardised: { readonly train: Matrix; readonly validation: Matrix; readonly test: Matrix };
}

/** Standardises all parts by the training rows. Throws 'invalid-data' for a column that is constant or not finite. */
export function prepare({ split, ...source }: DataSource, testRows: number): ComparisonData {
  const found = standardiser(split.train);
  const train = split.train.matrix;
  const validation = split.validation.matrix;
  const test = split.test.matrix;
  return {
    ...source,
    dim: train.cols,
    columns: split.train.columns,
    rows: { train: train.rows, validation: validation.rows, test: test.rows },
    test,
    testLogDensity: logDensityOf(source, firstRows(test, testRows)),
    standardiser: found,
    standardised: {
      train: found.apply(train),
      validation: found.apply(validation),
      test: found.apply(test),
    },
  };
}

function logDensityOf(
  { logDensity }: Pick<DataSource, 'logDensity'>,
  { data, rows }: Matrix,
): Float64Array | null {
  if (logDensity === null) return null;
  return Float64Array.from({ length: rows }, (_, i) => logDensity(data[2 * i]!, data[2 * i + 1]!));
}

/** The bounding box of the rows, grown by a quarter of its width on every side; null above two dimensions. */
export function boxOf({ data, rows, cols }: Matrix): Box | null {
  if (cols > 2) return null;
  return Array.from({ length: cols }, (_, j): readonly [number, number] => {
    let low = Infinity;
    let high = -Infinity;
    for (let i = 0; i < rows; i++) {
      low = Math.min(low, data[i * cols + j]!);
      high = Math.max(high, data[i * cols + j]!);
    }
    // Test rows that are all equal in a column still need a box with an inside.
    const margin = (high - low) / 4 || 1;
    return [low - margin, high + margin];
  });
}
