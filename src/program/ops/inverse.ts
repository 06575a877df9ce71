import { noAttributes } from './rule.ts';
import type { None, Rule, Slot } from './rule.ts';

/** Larger ones are refused: the native engine keeps the order of their pivots on its stack. */
const most = 1024;

/** [A^-1, log|det A| / n in every row], by Gauss-Jordan elimination with row pivoting. */
export function inverseLogDet(code: number): Rule<None> {
  return {
    code,
    inPlace: false,
    ...noAttributes,
    shape: ([A]) =>
      A!.k === A!.n && A!.n >= 1 && A!.n <= most
        ? { k: A!.n, n: A!.n + 1 }
        : `a square matrix of 1 to ${most} rows`,
    evaluate: (memory, out, [A]) => eliminate(memory, out, A!),
    // d(A^-1) = -A^-1 dA A^-1, d log|det A| = tr(A^-1 dA).
    pushforward(o, node, [t]) {
      if (t == null) return null;
      const { n } = node.inputs[0]!;
      if (n > 1 && t.k !== n) throw new RangeError('one tangent at a time passes through an inverse');
      const inverse = o.slice(node, 0, n);
      // With several tangents of one number, the axis of the matrix is that of the tangents.
      if (n === 1) return o.mul(t, o.concat([o.neg(o.square(inverse)), inverse]));
      const moved = o.matmul(inverse, t, 'nn');
      const trace = o.sum(o.sum(o.mul(o.transpose(inverse), t), 'n'), 'k');
      return o.concat([o.neg(o.matmul(moved, inverse, 'nn')), o.broadcast(o.div(trace, n), { k: n, n: 1 })]);
    },
    pullback(o, node, g) {
      const { n } = node.inputs[0]!;
      const inverse = o.slice(node, 0, n);
      const ofInverse = o.matmul(o.matmul(inverse, o.slice(g, 0, n), 'tn'), inverse, 'nt');
      const ofLogDet = o.div(o.sum(o.slice(g, n, 1), 'k'), n);
      return [o.sub(o.mul(o.transpose(inverse), ofLogDet), ofInverse)];
    },
  };
}

function eliminate(memory: Float64Array, out: Slot, A: Slot): void {
  const { n } = A;
  const rows = Array.from({ length: n }, (_, j) =>
    memory.subarray(out.offset + j * (n + 1), out.offset + (j + 1) * (n + 1)),
  );
  rows.forEach((row, j) => row.set(memory.subarray(A.offset + j * n, A.offset + (j + 1) * n)));
  const pivots: number[] = [];
  let logDet = 0;
  for (let p = 0; p < n; p++) {
    let best = p;
    for (let j = p + 1; j < n; j++) if (Math.abs(rows[j]![p]!) > Math.abs(rows[best]![p]!)) best = j;
    pivots.push(best);
    for (let i = 0; i < n; i++) swap(rows[p]!, i, rows[best]!, i);
    const pivot = rows[p]![p]!;
    logDet += Math.log(Math.abs(pivot));
    rows[p]![p] = 1;
    for (let i = 0; i < n; i++) rows[p]![i] = rows[p]![i]! / pivot;
    for (let j = 0; j < n; j++) {
      if (j === p) continue;
      const factor = rows[j]![p]!;
      rows[j]![p] = 0;
      for (let i = 0; i < n; i++) rows[j]![i] = rows[j]![i]! - factor * rows[p]![i]!;
    }
  }
  for (let p = n - 1; p >= 0; p--) for (const row of rows) swap(row, p, row, pivots[p]!);
  for (const row of rows) row[n] = logDet / n;
}

function swap(a: Float64Array, i: number, b: Float64Array, j: number): void {
  const kept = a[i]!;
  a[i] = b[j]!;
  b[j] = kept;
}
