import { rocArea } from '../data/index.ts';
import type { RocArea } from '../data/index.ts';
import { LiouvilleError } from '../errors.ts';
import { readTable } from '../files/index.ts';
import type { Table } from '../files/index.ts';
import { checkFile } from './dataset.ts';

/** How the user says which rows are anomalies. */
export interface LabelFlags {
  labels?: string;
  labelsKey?: string;
  labelColumn?: string;
}

/** What there is to know of densities as scores of anomalies. */
export interface AnomalyReport {
  readonly area: number;
  readonly standardError: number | null;
  readonly anomalies: number;
  readonly normal: number;
  /** Rows whose density could not be computed. */
  readonly leftOut: number;
}

/** Takes the column of labels out of a table; null where none is named. */
export function takeLabels(
  { labelColumn }: LabelFlags,
  table: Table,
): { rest: Table; labels: number[] | null } {
  if (labelColumn === undefined) return { rest: table, labels: null };
  const { matrix, columns } = table;
  const at = columns.indexOf(labelColumn);
  if (at === -1) {
    throw new LiouvilleError(
      'unknown-name',
      `--label-column: there is no column '${labelColumn}' of numbers in the data; got ${columns.join(', ')}.`,
    );
  }
  const { data, rows, cols } = matrix;
  const labels = Array.from({ length: rows }, (_, row) => data[row * cols + at]!);
  const rest = Float64Array.from(data.filter((_, i) => i % cols !== at));
  return {
    rest: { matrix: { data: rest, rows, cols: cols - 1 }, columns: columns.filter((_, j) => j !== at) },
    labels: checked('--label-column', labels, rows),
  };
}

/** The labels in a file of their own; null where none is named. */
export async function readLabels({ labels, labelsKey }: LabelFlags, rows: number): Promise<number[] | null> {
  if (labels === undefined) {
    if (labelsKey === undefined) return null;
    throw new LiouvilleError(
      'invalid-argument',
      '--labels-key: there is no --labels to take the array from.',
    );
  }
  checkFile(
    '--labels',
    labels,
    (path) => new LiouvilleError('invalid-argument', `--labels: there is no file '${path}'.`),
  );
  const { matrix } = await readTable(labels, labelsKey === undefined ? {} : { key: labelsKey });
  if (matrix.cols !== 1) {
    throw new LiouvilleError(
      'shape-mismatch',
      `--labels: expected one column of zeros and ones; '${labels}' has ${matrix.cols}. --label-column takes one of the data.`,
    );
  }
  return checked('--labels', Array.from(matrix.data), rows);
}

/** How well low densities point out the rows with the label 1. */
export function reportAnomalies(labels: readonly number[], logProb: Float64Array): AnomalyReport {
  const sound = labels.flatMap((_, row) => (Number.isNaN(logProb[row]) ? [] : [row]));
  const { area, standardError, positives, negatives }: RocArea = rocArea(
    sound.map((row) => -logProb[row]!),
    sound.map((row) => labels[row]!),
  );
  const leftOut = labels.length - sound.length;
  return { area, standardError, anomalies: positives, normal: negatives, leftOut };
}

/** In one line. */
export function anomalyText({ area, standardError, anomalies, normal, leftOut }: AnomalyReport): string {
  const error = standardError === null ? '' : ` +- ${standardError.toFixed(4)} (standard error, DeLong)`;
  const without = leftOut === 0 ? '' : `, ${leftOut} left out`;
  return `area under the ROC curve ${area.toFixed(4)}${error}; ${anomalies} anomalies, ${normal} normal rows${without}`;
}

function checked(option: string, labels: number[], rows: number): number[] {
  if (labels.length !== rows) {
    throw new LiouvilleError(
      'shape-mismatch',
      `${option}: expected ${rows} labels, one for each row of the data; got ${labels.length}.`,
    );
  }
  const at = labels.findIndex((label) => label !== 0 && label !== 1);
  if (at !== -1) {
    throw new LiouvilleError(
      'invalid-data',
      `${option}: expected 1 for an anomaly and 0 for a normal row; row ${at + 1} has ${labels[at]}.`,
    );
  }
  const kinds = new Set(labels);
  if (kinds.size < 2) {
    throw new LiouvilleError(
      'invalid-data',
      `${option}: expected rows of both kinds; all labels are ${labels[0]}.`,
    );
  }
  return labels;
}
