import { batchOf } from '../flow/batch.ts';
import type { Trainable } from '../flow/index.ts';
import type { BatchLike, Matrix } from '../matrix.ts';
import type { FitSettings } from './options.ts';

/** Rows and what belongs to each of them. */
export interface Rows {
  readonly x: Matrix;
  readonly context: Matrix | null;
  readonly noise: Matrix | null;
}

/** The rows to train on and those to validate with, checked and copied. */
export interface TrainingRows {
  readonly train: Rows;
  readonly validation: Rows | null;
}

/** Throws 'shape-mismatch' and 'invalid-data' for rows that do not fit the flow. */
export function trainingRows(flow: Trainable, x: BatchLike, settings: FitSettings): TrainingRows {
  const { validation, validationContext, context, noise } = settings;
  return {
    train: rowsOf(flow, 'x', x, context, noise),
    validation:
      validation === undefined ? null : rowsOf(flow, 'validation', validation, validationContext, undefined),
  };
}

function rowsOf(
  flow: Trainable,
  what: string,
  x: BatchLike,
  context: BatchLike | undefined,
  noise: BatchLike | undefined,
): Rows {
  const matrix = batchOf(x, what, { cols: flow.dim });
  const { rows } = matrix;
  return {
    x: matrix,
    context:
      context === undefined ? null : batchOf(context, `context of ${what}`, { cols: flow.contextDim, rows }),
    noise: noise === undefined ? null : batchOf(noise, 'noise', { cols: flow.dim, rows }),
  };
}

/** The rows with these numbers, in their order, as a matrix of its own. */
export function takeRows(matrix: Matrix, numbers: Uint32Array): Matrix {
  const { data, cols } = matrix;
  const taken = new Float64Array(numbers.length * cols);
  for (let i = 0; i < numbers.length; i++) {
    const begin = numbers[i]! * cols;
    taken.set(data.subarray(begin, begin + cols), i * cols);
  }
  return { data: taken, rows: numbers.length, cols };
}
