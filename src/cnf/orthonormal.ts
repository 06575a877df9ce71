import { ops } from '../program/index.ts';
import type { Value } from '../program/index.ts';

/** Rows `start` ... `start + count - 1` of a [k, n] value. */
export function rowsOf(x: Value, start: number, count: number): Value {
  if (start === 0 && count === x.k) return x;
  const flat = ops.reshape(x, { k: 1, n: x.k * x.n });
  return ops.reshape(ops.slice(flat, start * x.n, count * x.n), { k: count, n: x.n });
}

/** What is left of a row after projections, squared, against what it was: below this it lay in their span. */
const negligible = 1e-10;

/**
 * An orthonormal basis of the span of the rows of x [k, n], as rows, by Gram and Schmidt; a row that lies in the span
 * of those before it gives a row of zeros. Each row is projected twice, after which it is orthogonal to rounding
 * (Giraud, Langou, Rozloznik 2005).
 */
export function orthonormalRows(x: Value): Value {
  let basis: Value | null = null;
  for (let i = 0; i < x.k; i++) {
    const row = rowsOf(x, i, 1);
    const known = basis;
    const project = (v: Value): Value =>
      known === null ? v : ops.sub(v, ops.matmul(ops.matmul(v, known, 'nt'), known, 'nn'));
    const left = project(unit(project(row), squaredLength(row)));
    const next = unit(left, squaredLength(left));
    basis = basis === null ? next : below(basis, next);
  }
  return basis!;
}

/** v / |v|, or 0 where |v|^2 is negligible beside `scale`. */
function unit(v: Value, scale: Value): Value {
  const square = squaredLength(v);
  const independent = ops.less(ops.mul(negligible, scale), square);
  return ops.where(independent, ops.div(v, ops.sqrt(ops.where(independent, square, 1))), 0);
}

function squaredLength(v: Value): Value {
  return ops.sum(ops.square(v), 'n');
}

/** The rows of a, then those of b. */
function below(a: Value, b: Value): Value {
  const flat = [a, b].map((x) => ops.reshape(x, { k: 1, n: x.k * x.n }));
  return ops.reshape(ops.concat(flat), { k: a.k + b.k, n: a.n });
}
