import { LiouvilleError } from '../errors.ts';
import type { Table } from '../files/table.ts';

/**
 * Throws unless the table is whole and every number in it is finite: 'shape-mismatch' when sizes disagree,
 * 'invalid-data' naming the first bad entry's row (counted from 1) and column, and how many there are.
 */
export function checkTable({ matrix, columns }: Table): void {
  const { data, rows, cols } = matrix;
  if (data.length !== rows * cols || columns.length !== cols) {
    throw new LiouvilleError(
      'shape-mismatch',
      `A table of ${rows} x ${cols} must hold as many numbers and ${cols} column names; got ${data.length} and ${columns.length}.`,
    );
  }
  const first = data.findIndex((value) => !Number.isFinite(value));
  if (first < 0) return;
  let count = 0;
  for (const value of data) if (!Number.isFinite(value)) count += 1;
  const place = `row ${Math.floor(first / cols) + 1}, column '${columns[first % cols]}'`;
  const others =
    count === 1 ? '' : `, and ${count - 1} more ${count === 2 ? 'entry is' : 'entries are'} not finite`;
  throw new LiouvilleError(
    'invalid-data',
    `The data hold ${data[first]} in ${place}${others}; finite numbers are needed.`,
  );
}
