import type { Attributes, Op } from '../../src/program/index.ts';

/** A value of one row as nested arrays: k lists of n numbers. */
export type Grid = readonly (readonly number[])[];

/**
 * What each op means, said once more and as plainly as possible, without anything of src/. The two ops that
 * add up over rows are given by what one row contributes.
 */
export const meanings: { readonly [P in Op]: (inputs: readonly Grid[], attributes: Attributes[P]) => Grid } =
  {
    neg: ([x]) => each((a) => 0 - a, x!),
    exp: ([x]) => each((a) => Math.exp(a), x!),
    expm1: ([x]) => each((a) => Math.expm1(a), x!),
    log: ([x]) => each((a) => Math.log(a), x!),
    log1p: ([x]) => each((a) => Math.log1p(a), x!),
    tanh: ([x]) => each((a) => Math.tanh(a), x!),
    sigmoid: ([x]) => each((a) => 1 / (1 + Math.exp(-a)), x!),
    softplus: ([x]) => each((a) => (a > 30 ? a + Math.exp(-a) : Math.log1p(Math.exp(a))), x!),
    relu: ([x]) => each((a) => (a < 0 ? 0 : a), x!),
    step: ([x]) => each((a) => (a > 0 ? 1 : a <= 0 ? 0 : NaN), x!),
    sqrt: ([x]) => each((a) => Math.sqrt(a), x!),
    square: ([x]) => each((a) => a ** 2, x!),
    reciprocal: ([x]) => each((a) => 1 / a, x!),
    sin: ([x]) => each((a) => Math.sin(a), x!),
    cos: ([x]) => each((a) => Math.cos(a), x!),
    abs: ([x]) => each((a) => (a < 0 ? -a : a), x!),
    sign: ([x]) => each((a) => (a > 0 ? 1 : a < 0 ? -1 : a === 0 ? 0 : NaN), x!),
    erf: ([x]) => each(errorFunction, x!),

    add: (inputs) => each((a, b) => a + b, ...inputs),
    sub: (inputs) => each((a, b) => a - b, ...inputs),
    mul: (inputs) => each((a, b) => a * b, ...inputs),
    div: (inputs) => each((a, b) => a / b, ...inputs),
    max: (inputs) => each((a, b) => (a > b ? a : b >= a ? b : NaN), ...inputs),
    min: (inputs) => each((a, b) => (a < b ? a : b <= a ? b : NaN), ...inputs),
    less: (inputs) => each((a, b) => (a < b ? 1 : 0), ...inputs),
    where: (inputs) => each((condition, a, b) => (condition === 0 ? b : a), ...inputs),

    slice: ([x], { start, count }) => x!.map((row) => row.filter((_, i) => i >= start && i < start + count)),
    concat: (parts) => parts[0]!.map((_, j) => parts.flatMap((part) => part[j]!)),
    take: ([x], { indices }) => x!.map((row) => indices.map((i) => row[i]!)),
    scatter: ([x], { indices, n }) =>
      grid(x!.length, n, (j, i) => sum(x![j]!.filter((_, from) => indices[from] === i))),
    pad: ([x], { before, after }) => x!.map((row) => [...zeros(before), ...row, ...zeros(after)]),
    broadcast: ([x], { k, n }) => grid(k, n, (j, i) => entry(x!, j, i)),
    reshape([x], { k, n }) {
      const list = x!.flat();
      return grid(k, n, (j, i) => list[j * n + i]!);
    },
    transpose: ([x]) => transposed(x!),
    stopGradient: ([x]) => x!,

    sum: ([x], { axis }) =>
      axis === 'n' ? x!.map((row) => [sum(row)]) : [x![0]!.map((_, i) => sum(x!.map((row) => row[i]!)))],
    cumsum: ([x], { reverse }) =>
      x!.map((row) => row.map((_, i) => sum(row.filter((_, j) => (reverse ? j >= i : j <= i))))),
    largest: ([x], { axis }) =>
      axis === 'n'
        ? x!.map((row) => [Math.max(...row)])
        : [x![0]!.map((_, i) => Math.max(...x!.map((row) => row[i]!)))],
    matmul([a, b], { form }) {
      const left = form === 'tn' ? transposed(a!) : a!;
      return product(left, form === 'nt' ? transposed(b!) : b!);
    },
    triangularSolve([matrix, right], { upper, transposed: other, unit }) {
      const read = matrix!.map((row, i) =>
        row.map((x, j) => (i === j ? (unit === true ? 1 : x) : upper === j > i ? x : 0)),
      );
      return right!.map((x) => solve(other === true ? transposed(read) : read, x));
    },
    inverseLogDet([A]) {
      const { length } = A!;
      const columns = A!.map((_, i) =>
        solve(
          A!,
          A!.map((_, j) => Number(i === j)),
        ),
      );
      return A!.map((_, j) => [
        ...columns.map((column) => column[j]!),
        Math.log(Math.abs(determinant(A!))) / length,
      ]);
    },
    total: ([x]) => x!,
    outerTotal(inputs) {
      let result: Grid | null = null;
      for (let i = 0; i < inputs.length; i += 2) {
        const term = product(transposed(inputs[i]!), inputs[i + 1]!);
        result = result === null ? term : each((a, b) => a + b, result, term);
      }
      return result!;
    },
  };

/** f of each entry, arrays of length 1 standing for any length. */
export function each(f: (...numbers: number[]) => number, ...inputs: readonly Grid[]): Grid {
  const length = (lengths: readonly number[]): number => lengths.find((x) => x !== 1) ?? 1;
  const k = length(inputs.map((x) => x.length));
  const n = length(inputs.map((x) => x[0]!.length));
  return grid(k, n, (j, i) => f(...inputs.map((x) => entry(x, j, i))));
}

export function grid(k: number, n: number, f: (j: number, i: number) => number): Grid {
  return Array.from({ length: k }, (_, j) => Array.from({ length: n }, (_, i) => f(j, i)));
}

function entry(x: Grid, j: number, i: number): number {
  const row = x[x.length === 1 ? 0 : j]!;
  return row[row.length === 1 ? 0 : i]!;
}

function zeros(count: number): number[] {
  return Array.from({ length: count }, () => 0);
}

function sum(list: readonly number[]): number {
  return list.reduce((total, x) => total + x, 0);
}

function transposed(x: Grid): Grid {
  return x[0]!.map((_, i) => x.map((row) => row[i]!));
}

function product(a: Grid, b: Grid): Grid {
  const columns = transposed(b);
  return a.map((row) => columns.map((column) => sum(row.map((x, s) => x * column[s]!))));
}

/** Gauss's elimination. */
function solve(matrix: Grid, right: readonly number[]): number[] {
  const n = right.length;
  const rows = matrix.map((row, i) => [...row, right[i]!]);
  for (let p = 0; p < n; p++) {
    for (let i = p + 1; i < n; i++) {
      const factor = rows[i]![p]! / rows[p]![p]!;
      if (factor !== 0) rows[i] = rows[i]!.map((x, j) => x - factor * rows[p]![j]!);
    }
  }
  const x = zeros(n);
  for (let i = n - 1; i >= 0; i--) {
    const known = sum(x.map((value, j) => (j > i ? rows[i]![j]! * value : 0)));
    x[i] = (rows[i]![n]! - known) / rows[i]![i]!;
  }
  return x;
}

/** Laplace's expansion along the first row. */
function determinant(matrix: Grid): number {
  const [first, ...rest] = matrix;
  if (first === undefined) return 1;
  return sum(
    first.map((x, i) => (i % 2 === 0 ? x : -x) * determinant(rest.map((row) => row.toSpliced(i, 1)))),
  );
}

/** Its power series near zero; elsewhere the continued fraction of its complement (DLMF 7.6.1 and 7.9.1). */
function errorFunction(x: number): number {
  const size = Math.abs(x);
  if (size > 2) {
    let fraction = size;
    for (let i = 200; i >= 1; i--) fraction = size + i / 2 / fraction;
    return Math.sign(x) * (1 - Math.exp(-size * size) / Math.sqrt(Math.PI) / fraction);
  }
  let power = x;
  let total = x;
  for (let i = 1; i < 60; i++) {
    power *= -(x * x) / i;
    total += power / (2 * i + 1);
  }
  return (2 / Math.sqrt(Math.PI)) * total;
}
