import { LiouvilleError } from '../errors.ts';
import type { BatchLike, Matrix } from '../matrix.ts';

export interface BatchOptions {
  /** The width that the rows must have. */
  readonly cols: number;
  /** The number of rows that there must be. */
  readonly rows?: number;
  /** Let NaN and infinities pass, for calls that report failures row by row. */
  readonly allowNonFinite?: boolean;
}

/** A copy of the rows as float64, checked; `what` names the argument in messages. */
export function batchOf(x: BatchLike, what: string, options: BatchOptions): Matrix {
  const { data, rows, cols } = unwrap(x, what);
  if (rows === 0 && options.rows === undefined) {
    throw new LiouvilleError('invalid-data', `${what}: expected at least one row; got none.`);
  }
  const expected = `${options.rows ?? 'any number of'} rows of ${options.cols} numbers`;
  if (cols !== options.cols || (options.rows !== undefined && rows !== options.rows)) {
    throw new LiouvilleError('shape-mismatch', `${what}: expected ${expected}; got ${rows} rows of ${cols}.`);
  }
  if (data.length !== rows * cols) {
    throw new LiouvilleError(
      'shape-mismatch',
      `${what}: ${rows} rows of ${cols} are ${rows * cols} numbers; the data has ${data.length}.`,
    );
  }
  const copy = copyOf(data, cols, what);
  if (options.allowNonFinite !== true) checkFinite(copy, cols, what);
  return { data: copy, rows, cols };
}

function unwrap(x: BatchLike, what: string): { data: ArrayLike<number>; rows: number; cols: number } {
  if (typeof x === 'object' && x !== null) {
    if (Array.isArray(x)) return nested(x as readonly (readonly number[])[], what);
    if ('dataSync' in x && typeof x.dataSync === 'function' && Array.isArray(x.shape)) {
      const [rows, cols] = x.shape as readonly number[];
      if (x.shape.length === 2 && isCount(rows) && isCount(cols)) return { data: x.dataSync(), rows, cols };
      throw new LiouvilleError(
        'shape-mismatch',
        `${what}: expected a tensor of 2 axes; got the shape [${x.shape.join(', ')}].`,
      );
    }
    const { data, rows, cols } = x as Partial<Matrix>;
    if (typeof data === 'object' && data !== null && isCount(rows) && isCount(cols))
      return { data, rows, cols };
  }
  throw new LiouvilleError(
    'invalid-argument',
    `${what}: expected {data, rows, cols}, an array of rows, or a tensor; got ${describe(x)}.`,
  );
}

function nested(
  rows: readonly (readonly number[])[],
  what: string,
): { data: number[]; rows: number; cols: number } {
  const cols = rows[0]?.length ?? 0;
  const ragged = rows.findIndex((row) => !Array.isArray(row) || row.length !== cols);
  if (ragged !== -1) {
    throw new LiouvilleError(
      'shape-mismatch',
      `${what}: row 0 has ${cols} numbers; row ${ragged} ${Array.isArray(rows[ragged]) ? `has ${rows[ragged].length}` : 'is not an array'}.`,
    );
  }
  return { data: rows.flat(), rows: rows.length, cols };
}

/** A float64 copy. What is no number is refused: converted, null would become 0. */
function copyOf(data: ArrayLike<unknown>, cols: number, what: string): Float64Array {
  if (data instanceof Float64Array || data instanceof Float32Array) return new Float64Array(data);
  const copy = new Float64Array(data.length);
  for (let i = 0; i < copy.length; i++) {
    const value = data[i];
    if (typeof value !== 'number') {
      throw new LiouvilleError(
        'invalid-data',
        `${what}: expected numbers; row ${Math.floor(i / cols)}, column ${i % cols} is ${value == null ? value : `a ${typeof value}`}.`,
      );
    }
    copy[i] = value;
  }
  return copy;
}

function checkFinite(data: Float64Array, cols: number, what: string): void {
  let at = 0;
  while (at < data.length && Number.isFinite(data[at])) at++;
  if (at === data.length) return;
  throw new LiouvilleError(
    'invalid-data',
    `${what}: expected finite numbers; row ${Math.floor(at / cols)}, column ${at % cols} is ${data[at]}.`,
  );
}

function isCount(x: unknown): x is number {
  return typeof x === 'number' && Number.isInteger(x) && x >= 0;
}

function describe(x: unknown): string {
  if (x === null) return 'null';
  return typeof x === 'object'
    ? `an object with ${Object.keys(x).slice(0, 5).join(', ') || 'nothing'}`
    : typeof x;
}
