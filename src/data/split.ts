import { LiouvilleError } from '../errors.ts';
import type { Table } from '../files/table.ts';
import { namedStream, permutation } from '../random/index.ts';
import { checkTable } from './check.ts';
import { sampleToy } from './toy.ts';

/** Rows to train on, to choose by, and to measure with. */
export interface Split {
  /** For gradients, and for the standardisation. */
  train: Table;
  /** For early stopping: what decides which parameters are kept. */
  validation: Table;
  /** For measuring, once, in the end. */
  test: Table;
}

const TOY_ROWS = { train: 50_000, validation: 5_000, test: 10_000 } as const;
const LEAST_ROWS = 10;

/**
 * The standard split of a toy: 50,000 rows to train, 5,000 to validate and 10,000 to test, drawn with the
 * seed, each set independent of the others and of what `toy` draws. Columns are x and y. Throws
 * 'unknown-name', 'invalid-argument' (the seed).
 */
export function toyData(name: string, seed = 0): Split {
  const draw = (count: number, set: number): Table => ({
    matrix: sampleToy(name, count, seed, set),
    columns: ['x', 'y'],
  });
  return {
    train: draw(TOY_ROWS.train, 1),
    validation: draw(TOY_ROWS.validation, 2),
    test: draw(TOY_ROWS.test, 3),
  };
}

/**
 * Shuffles the rows with the seed and deals them out: floor(rows / 10) to test, as many to validate, the
 * rest to train. The table itself is not changed. Throws 'invalid-data' for fewer than 10 rows and for
 * numbers that are not finite (naming row and column), 'shape-mismatch', 'invalid-argument' (the seed).
 */
export function splitRows(table: Table, seed = 0): Split {
  checkTable(table);
  const { rows } = table.matrix;
  if (rows < LEAST_ROWS) {
    throw new LiouvilleError(
      'invalid-data',
      `The data have ${rows} ${rows === 1 ? 'row' : 'rows'}; at least ${LEAST_ROWS} are needed to train on 80 %, validate on 10 % and test on 10 % of them.`,
    );
  }
  const order = permutation(rows, seed, namedStream('data.split'));
  const tenth = Math.floor(rows / 10);
  return {
    train: takeRows(table, order.subarray(2 * tenth)),
    validation: takeRows(table, order.subarray(tenth, 2 * tenth)),
    test: takeRows(table, order.subarray(0, tenth)),
  };
}

/** A new table of the rows with these indices, in this order, of the same precision. */
function takeRows({ matrix, columns }: Table, indices: Uint32Array): Table {
  const { data, cols } = matrix;
  const length = indices.length * cols;
  const taken = data instanceof Float32Array ? new Float32Array(length) : new Float64Array(length);
  indices.forEach((row, i) => {
    taken.set(data.subarray(row * cols, (row + 1) * cols), i * cols);
  });
  return { matrix: { data: taken, rows: indices.length, cols }, columns: [...columns] };
}
