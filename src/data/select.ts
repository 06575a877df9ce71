import { LiouvilleError } from '../errors.ts';
import type { Table } from '../files/table.ts';

/** Names that are written out; there may be thousands. */
const NAMED = 8;

/**
 * The columns of a table that a model was trained on, in the order of `names`. Columns are found by name where both sides
 * have names of their own, and are then allowed to stand in another order and beside others; else they are taken in
 * their order, and there must be as many. A name that several columns have tells none of them from the other: then the
 * table must have the same columns in the same order. Throws 'shape-mismatch'; `what` begins its message.
 */
export function selectColumns(table: Table, names: readonly string[], what: string): Table {
  const { matrix, columns } = table;
  if (isUnnamed(columns) || isUnnamed(names)) {
    if (columns.length === names.length) return table;
    throw mismatch(
      what,
      `expected the ${names.length} columns that the model was trained on (${listed(names)})`,
      columns,
    );
  }
  if (columns.length === names.length && columns.every((name, j) => name === names[j])) return table;
  const shared = names.find((name) => columns.indexOf(name) !== columns.lastIndexOf(name));
  if (shared !== undefined) throw mismatch(what, `several columns have the name ${shared}`, columns);
  const twice = names.find((name, j) => names.indexOf(name) !== j);
  if (twice !== undefined) {
    throw mismatch(
      what,
      `the model was trained on several columns of the name ${twice}, in their order`,
      columns,
    );
  }
  const positions = names.map((name) => columns.indexOf(name));
  const missing = names.filter((_, j) => positions[j]! < 0);
  if (missing.length > 0)
    throw mismatch(what, `there is no column ${listed(missing)}, which the model was trained on`, columns);
  const { rows, cols, data } = matrix;
  const length = rows * names.length;
  const taken = data instanceof Float32Array ? new Float32Array(length) : new Float64Array(length);
  for (let i = 0, k = 0; i < rows; i++) for (const j of positions) taken[k++] = data[i * cols + j]!;
  return { matrix: { data: taken, rows, cols: names.length }, columns: [...names] };
}

/** Whether the names are those that columns without names get: x0, x1, ... */
function isUnnamed(names: readonly string[]): boolean {
  return names.every((name, j) => name === `x${j}`);
}

function mismatch(what: string, expected: string, columns: readonly string[]): LiouvilleError {
  return new LiouvilleError(
    'shape-mismatch',
    `${what}: ${expected}; got ${columns.length} (${listed(columns)}).`,
  );
}

function listed(names: readonly string[]): string {
  return names.slice(0, NAMED).join(', ') + (names.length > NAMED ? ', ...' : '');
}
