import { constant, size } from '../value.ts';
import type { OperationValue, Value } from '../value.ts';
import type { Operations, TriangularOptions } from './operations.ts';
import { noAttributes } from './rule.ts';
import type { None, Rule, Slot } from './rule.ts';

/** Sums, products of matrices, and the sums over all rows. A [k, n] value is a k by n matrix here. */

export interface SumAttributes {
  readonly axis: 'k' | 'n';
}

export function sum(code: number): Rule<SumAttributes> {
  return {
    code,
    inPlace: false,
    encode: ({ axis }) => [axis === 'k' ? 0 : 1],
    decode: ([axis]) => ({ axis: axis === 0 ? 'k' : 'n' }),
    shape: ([x], { axis }) => (axis === 'k' ? { k: 1, n: x!.n } : { k: x!.k, n: 1 }),
    evaluate(memory, out, [x], { axis }) {
      const [terms, stride, step] = axis === 'k' ? [x!.k, x!.n, 1] : [x!.n, 1, x!.n];
      for (let i = 0; i < size(out); i++) {
        let total = 0;
        for (let j = 0; j < terms; j++) total += memory[x!.offset + i * step + j * stride]!;
        memory[out.offset + i] = total;
      }
    },
    pushforward(o, node, [t], { axis }) {
      if (t == null) return null;
      // Along k there is one entry to sum for each of several tangents, and one tangent for several entries.
      return axis === 'k' && node.inputs[0]!.k === 1 ? t : o.sum(t, axis);
    },
    pullback: (o, node, g) => [o.broadcast(g, node.inputs[0]!)],
  };
}

export function largest(code: number): Rule<SumAttributes> {
  return {
    ...sum(code),
    shape([x], { axis }) {
      if (x![axis] === 0) return 'at least one number along the axis';
      return axis === 'k' ? { k: 1, n: x!.n } : { k: x!.k, n: 1 };
    },
    evaluate(memory, out, [x], { axis }) {
      const [terms, stride, step] = axis === 'k' ? [x!.k, x!.n, 1] : [x!.n, 1, x!.n];
      for (let i = 0; i < size(out); i++) {
        let result = -Infinity;
        for (let j = 0; j < terms; j++) result = Math.max(result, memory[x!.offset + i * step + j * stride]!);
        memory[out.offset + i] = result;
      }
    },
    pushforward(o, node, [t], { axis }) {
      if (t == null) return null;
      if (axis === 'k' && node.inputs[0]!.k === 1) return t;
      return o.sum(o.mul(t, largestShares(o, node, axis)), axis);
    },
    pullback: (o, node, g, { axis }) => [o.mul(largestShares(o, node, axis), g)],
  };
}

/** The derivative by each entry: 1 for the largest, shared when there are several. */
function largestShares(o: Operations, node: OperationValue, axis: 'k' | 'n'): Value {
  const largest = o.sub(1, o.less(node.inputs[0]!, node));
  return o.div(largest, o.sum(largest, axis));
}

export interface CumsumAttributes {
  readonly reverse: boolean;
}

export function cumsum(code: number): Rule<CumsumAttributes> {
  return {
    code,
    inPlace: false,
    encode: ({ reverse }) => [Number(reverse)],
    decode: ([reverse]) => ({ reverse: reverse === 1 }),
    shape: ([x]) => ({ k: x!.k, n: x!.n }),
    evaluate(memory, out, [x], { reverse }) {
      for (let j = 0; j < out.k; j++) {
        let running = 0;
        for (let step = 0; step < out.n; step++) {
          const i = j * out.n + (reverse ? out.n - 1 - step : step);
          running += memory[x!.offset + i]!;
          memory[out.offset + i] = running;
        }
      }
    },
    pushforward: (o, _node, [t], { reverse }) => (t == null ? null : o.cumsum(t, reverse)),
    pullback: (o, _node, g, { reverse }) => [o.cumsum(g, !reverse)],
  };
}

export type MatmulForm = 'nt' | 'nn' | 'tn';

export interface MatmulAttributes {
  readonly form: MatmulForm;
}

const forms: readonly MatmulForm[] = ['nt', 'nn', 'tn'];

export function matmul(code: number): Rule<MatmulAttributes> {
  return {
    code,
    inPlace: false,
    encode: ({ form }) => [forms.indexOf(form)],
    decode: ([form]) => ({ form: forms[form!]! }),
    shape([a, b], { form }) {
      if (form === 'nt')
        return a!.n === b!.n ? { k: a!.k, n: b!.k } : `the ${a!.n} features of the left on the right`;
      if (form === 'nn') return a!.n === b!.k ? { k: a!.k, n: b!.n } : `${a!.n} rows on the right`;
      return a!.k === b!.k ? { k: a!.n, n: b!.n } : `${a!.k} rows on the right`;
    },
    evaluate: (memory, out, [a, b], { form }) => multiply(memory, out, a!, b!, form),
    pushforward(o, node, [ta, tb], { form }) {
      const [a, b] = node.inputs;
      if (tb != null && tb.k !== b!.k) throw new RangeError('one tangent at a time passes through a matrix');
      if (form === 'tn' && ta != null && ta.k !== a!.k) {
        throw new RangeError('one tangent at a time passes through an outer product');
      }
      const left = ta == null ? null : o.matmul(ta, b!, form);
      const right = tb == null ? null : o.matmul(a!, tb, form);
      return left === null || right === null ? (left ?? right) : o.add(left, right);
    },
    pullback(o, node, g, { form }) {
      const [a, b] = node.inputs;
      if (form === 'nt') return [o.matmul(g, b!, 'nn'), o.matmul(g, a!, 'tn')];
      if (form === 'nn') return [o.matmul(g, b!, 'nt'), o.matmul(a!, g, 'tn')];
      return [o.matmul(b!, g, 'nt'), o.matmul(a!, g, 'nn')];
    },
  };
}

export function triangularSolve(code: number): Rule<TriangularOptions> {
  return {
    code,
    inPlace: false,
    encode: ({ upper, transposed, unit }) => [
      Number(upper),
      Number(transposed === true),
      Number(unit === true),
    ],
    decode: ([upper, transposed, unit]) => ({
      upper: upper === 1,
      transposed: transposed === 1,
      unit: unit === 1,
    }),
    shape: ([T, x]) =>
      T!.k === T!.n && T!.n === x!.n
        ? { k: x!.k, n: x!.n }
        : 'a square matrix as wide as the right-hand side',
    evaluate: (memory, out, [T, x], options) => solveTriangle(memory, out, T!, x!, options),
    pushforward(o, node, [tT, tx], options) {
      const [T] = node.inputs;
      if (tT != null && tT.k !== T!.k) throw new RangeError('one tangent at a time passes through a matrix');
      const masked = tT == null ? null : o.mul(tT, triangleMask(T!.n, options));
      const moved =
        masked === null ? null : o.matmul(node, masked, options.transposed === true ? 'nn' : 'nt');
      const right = moved === null ? tx : tx == null ? o.neg(moved) : o.sub(tx, moved);
      return right == null ? null : o.triangularSolve(T!, right, options);
    },
    pullback: (o, node, g, options) => solvePullback(o, node, g, options),
  };
}

export function total(code: number): Rule<None> {
  return {
    code,
    inPlace: false,
    ...noAttributes,
    shape: ([x]) => ({ k: x!.k, n: x!.n }),
    evaluate(memory, out, [x]) {
      for (let i = 0; i < size(out); i++)
        memory[out.offset + i] = memory[out.offset + i]! + memory[x!.offset + i]!;
    },
    pushforward: (o, _node, [t]) => (t == null ? null : o.total(t)),
    pullback: (_o, _node, g) => [g],
  };
}

/** Inputs a1, b1, a2, b2, ...: the sum over rows of a1^T b1 + a2^T b2 + ... */
export function outerTotal(code: number): Rule<None> {
  return {
    code,
    inPlace: false,
    ...noAttributes,
    shape(inputs) {
      const [a, b] = inputs;
      const fits =
        a !== undefined &&
        b !== undefined &&
        inputs.length % 2 === 0 &&
        inputs.every((x, i) => x.n === (i % 2 === 0 ? a.n : b.n) && x.k === inputs[i - (i % 2)]!.k);
      return fits ? { k: a.n, n: b.n } : 'pairs of values with equal k, each pair of the same widths';
    },
    evaluate(memory, out, inputs) {
      for (let pair = 0; pair < inputs.length; pair += 2) {
        const [a, b] = [inputs[pair]!, inputs[pair + 1]!];
        for (let j = 0; j < out.k; j++) {
          for (let i = 0; i < out.n; i++) {
            let sum = 0;
            for (let s = 0; s < a.k; s++)
              sum += memory[a.offset + s * a.n + j]! * memory[b.offset + s * b.n + i]!;
            memory[out.offset + j * out.n + i] = memory[out.offset + j * out.n + i]! + sum;
          }
        }
      }
    },
    pushforward(o, node, tangents) {
      const pairs: Value[] = [];
      tangents.forEach((t, i) => {
        if (t == null) return;
        const partner = node.inputs[i % 2 === 0 ? i + 1 : i - 1]!;
        pairs.push(...(i % 2 === 0 ? [t, partner] : [partner, t]));
      });
      return pairs.length === 0 ? null : o.outerTotal(pairs);
    },
    pullback: (o, node, g) =>
      node.inputs.map((_, i) =>
        i % 2 === 0 ? o.matmul(node.inputs[i + 1]!, g, 'nt') : o.matmul(node.inputs[i - 1]!, g, 'nn'),
      ),
  };
}

function multiply(m: Float64Array, out: Slot, a: Slot, b: Slot, form: MatmulForm): void {
  const inner = form === 'tn' ? a.k : a.n;
  const [aRow, aStep] = form === 'tn' ? [1, a.n] : [a.n, 1];
  const [bColumn, bStep] = form === 'nt' ? [b.n, 1] : [1, b.n];
  for (let j = 0; j < out.k; j++) {
    for (let i = 0; i < out.n; i++) {
      let left = a.offset + j * aRow;
      let right = b.offset + i * bColumn;
      let sum = 0;
      for (let s = 0; s < inner; s++, left += aStep, right += bStep) sum += m[left]! * m[right]!;
      m[out.offset + j * out.n + i] = sum;
    }
  }
}

function solveTriangle(m: Float64Array, out: Slot, T: Slot, x: Slot, options: TriangularOptions): void {
  const n = T.n;
  const [rowStride, columnStride] = options.transposed === true ? [1, n] : [n, 1];
  // The transpose of an upper triangle is a lower one, solved from the first unknown to the last.
  const forward = options.upper === (options.transposed === true);
  for (let j = 0; j < out.k; j++) {
    for (let step = 0; step < n; step++) {
      const i = forward ? step : n - 1 - step;
      let rest = m[x.offset + j * n + i]!;
      for (let before = 0; before < step; before++) {
        const c = forward ? before : n - 1 - before;
        rest -= m[T.offset + i * rowStride + c * columnStride]! * m[out.offset + j * n + c]!;
      }
      m[out.offset + j * n + i] = options.unit === true ? rest : rest / m[T.offset + i * n + i]!;
    }
  }
}

function solvePullback(o: Operations, node: OperationValue, g: Value, options: TriangularOptions): Value[] {
  const T = node.inputs[0]!;
  const gx = o.triangularSolve(T, g, { ...options, transposed: options.transposed !== true });
  const outer = options.transposed === true ? o.matmul(node, gx, 'tn') : o.matmul(gx, node, 'tn');
  return [o.neg(o.mul(outer, triangleMask(T.n, options))), gx];
}

/** Ones where triangularSolve reads T. */
function triangleMask(n: number, { upper, unit }: TriangularOptions): Value {
  const mask = new Float64Array(n * n);
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < n; j++) {
      const read = i === j ? unit !== true : upper === j > i;
      mask[i * n + j] = Number(read);
    }
  }
  return constant(mask, { k: n, n });
}
