import { sameShape, size, zeros } from '../value.ts';
import type { Shape, Value } from '../value.ts';
import { unbroadcast } from './elementwise.ts';
import { noAttributes } from './rule.ts';
import type { None, Rule, Slot } from './rule.ts';

/** Ops that move numbers and compute nothing. Where a tangent is asked of k-axis moves, see derivatives.ts. */

export interface SliceAttributes {
  readonly start: number;
  readonly count: number;
}

export function slice(code: number): Rule<SliceAttributes> {
  return {
    code,
    inPlace: false,
    encode: ({ start, count }) => [start, count],
    decode: ([start, count]) => ({ start: start!, count: count! }),
    shape: ([x], { start, count }) =>
      isIndex(start, x!.n + 1) && isIndex(count, x!.n + 1 - start)
        ? { k: x!.k, n: count }
        : `features ${start} to ${start + count} within 0 to ${x!.n}`,
    evaluate(memory, out, [x], { start }) {
      for (let j = 0; j < out.k; j++) copy(memory, out, j * out.n, x!, j * x!.n + start, out.n);
    },
    pushforward: (o, _node, [t], { start, count }) => (t == null ? null : o.slice(t, start, count)),
    pullback: (o, node, g, { start, count }) => [o.pad(g, start, node.inputs[0]!.n - start - count)],
  };
}

export function concat(code: number): Rule<None> {
  return {
    code,
    inPlace: false,
    ...noAttributes,
    shape(inputs) {
      const k = inputs[0]?.k;
      if (k === undefined || inputs.some((x) => x.k !== k)) return 'at least one part, all with the same k';
      return { k, n: inputs.reduce((sum, x) => sum + x.n, 0) };
    },
    evaluate(memory, out, inputs) {
      let start = 0;
      for (const x of inputs) {
        for (let j = 0; j < out.k; j++) copy(memory, out, j * out.n + start, x, j * x.n, x.n);
        start += x.n;
      }
    },
    pushforward(o, node, tangents) {
      const k = tangents.find((t) => t != null)?.k;
      if (k === undefined) return null;
      return o.concat(tangents.map((t, i) => t ?? zeros({ k, n: node.inputs[i]!.n })));
    },
    pullback(o, node, cotangent) {
      let start = 0;
      return node.inputs.map((x) => {
        start += x.n;
        return o.slice(cotangent, start - x.n, x.n);
      });
    },
  };
}

export interface TakeAttributes {
  readonly indices: readonly number[];
}

export function take(code: number): Rule<TakeAttributes> {
  return {
    code,
    inPlace: false,
    encode: ({ indices }) => indices,
    decode: (indices) => ({ indices }),
    shape: ([x], { indices }) =>
      indices.every((i) => isIndex(i, x!.n)) ? { k: x!.k, n: indices.length } : `indices below ${x!.n}`,
    evaluate(memory, out, [x], { indices }) {
      for (let j = 0; j < out.k; j++) {
        for (let i = 0; i < out.n; i++) {
          memory[out.offset + j * out.n + i] = memory[x!.offset + j * x!.n + indices[i]!]!;
        }
      }
    },
    pushforward: (o, _node, [t], { indices }) => (t == null ? null : o.take(t, indices)),
    pullback: (o, node, g, { indices }) => [o.scatter(g, indices, node.inputs[0]!.n)],
  };
}

export interface ScatterAttributes {
  readonly indices: readonly number[];
  readonly n: number;
}

export function scatter(code: number): Rule<ScatterAttributes> {
  return {
    code,
    inPlace: false,
    encode: ({ indices, n }) => [n, ...indices],
    decode: ([n, ...indices]) => ({ n: n!, indices }),
    shape: ([x], { indices, n }) =>
      indices.length === x!.n && indices.every((i) => isIndex(i, n))
        ? { k: x!.k, n }
        : `one index below ${n} for each of ${x!.n} features`,
    evaluate(memory, out, [x], { indices }) {
      memory.fill(0, out.offset, out.offset + size(out));
      for (let j = 0; j < out.k; j++) {
        for (let i = 0; i < x!.n; i++) {
          const target = out.offset + j * out.n + indices[i]!;
          memory[target] = memory[target]! + memory[x!.offset + j * x!.n + i]!;
        }
      }
    },
    pushforward: (o, _node, [t], { indices, n }) => (t == null ? null : o.scatter(t, indices, n)),
    pullback: (o, _node, g, { indices }) => [o.take(g, indices)],
  };
}

export interface PadAttributes {
  readonly before: number;
  readonly after: number;
}

export function pad(code: number): Rule<PadAttributes> {
  return {
    code,
    inPlace: false,
    encode: ({ before, after }) => [before, after],
    decode: ([before, after]) => ({ before: before!, after: after! }),
    shape: ([x], { before, after }) =>
      isIndex(before, Infinity) && isIndex(after, Infinity)
        ? { k: x!.k, n: before + x!.n + after }
        : 'whole numbers of zeros before and after',
    evaluate(memory, out, [x], { before }) {
      memory.fill(0, out.offset, out.offset + size(out));
      for (let j = 0; j < out.k; j++) copy(memory, out, j * out.n + before, x!, j * x!.n, x!.n);
    },
    pushforward: (o, _node, [t], { before, after }) => (t == null ? null : o.pad(t, before, after)),
    pullback: (o, node, g, { before }) => [o.slice(g, before, node.inputs[0]!.n)],
  };
}

export function broadcast(code: number): Rule<Shape> {
  return {
    code,
    inPlace: false,
    encode: ({ k, n }) => [k, n],
    decode: ([k, n]) => ({ k: k!, n: n! }),
    shape: ([x], { k, n }) =>
      (x!.k === k || x!.k === 1) && (x!.n === n || x!.n === 1) && isIndex(k, Infinity) && isIndex(n, Infinity)
        ? { k, n }
        : `a shape that widens to [${k}, ${n}]`,
    evaluate(memory, out, [x]) {
      for (let j = 0; j < out.k; j++) {
        for (let i = 0; i < out.n; i++) {
          const from = (x!.k === 1 ? 0 : j) * x!.n + (x!.n === 1 ? 0 : i);
          memory[out.offset + j * out.n + i] = memory[x!.offset + from]!;
        }
      }
    },
    pushforward(o, node, [t], { k, n }) {
      if (t == null) return null;
      const directions = t.k / node.inputs[0]!.k;
      return o.broadcast(t, { k: directions === 1 ? k : directions, n });
    },
    pullback: (o, node, g) => [unbroadcast(o, g, node.inputs[0]!)],
  };
}

export function reshape(code: number): Rule<Shape> {
  return {
    code,
    inPlace: false,
    encode: ({ k, n }) => [k, n],
    decode: ([k, n]) => ({ k: k!, n: n! }),
    shape: ([x], shape) =>
      size(x!) === size(shape) && isIndex(shape.k, Infinity) && isIndex(shape.n, Infinity)
        ? shape
        : `${size(shape)} numbers for [${shape.k}, ${shape.n}]`,
    evaluate: (memory, out, [x]) => copy(memory, out, 0, x!, 0, size(out)),
    pushforward: (o, node, [t], shape) =>
      t == null ? null : o.reshape(oneDirection(t, node.inputs[0]!), shape),
    pullback: (o, node, g) => [o.reshape(g, node.inputs[0]!)],
  };
}

export function transpose(code: number): Rule<None> {
  return {
    code,
    inPlace: false,
    ...noAttributes,
    shape: ([x]) => ({ k: x!.n, n: x!.k }),
    evaluate(memory, out, [x]) {
      for (let j = 0; j < out.k; j++) {
        for (let i = 0; i < out.n; i++)
          memory[out.offset + j * out.n + i] = memory[x!.offset + i * x!.n + j]!;
      }
    },
    pushforward: (o, node, [t]) => (t == null ? null : o.transpose(oneDirection(t, node.inputs[0]!))),
    pullback: (o, _node, g) => [o.transpose(g)],
  };
}

export function stopGradient(code: number): Rule<None> {
  return {
    code,
    inPlace: false,
    ...noAttributes,
    shape: ([x]) => ({ k: x!.k, n: x!.n }),
    evaluate: (memory, out, [x]) => copy(memory, out, 0, x!, 0, size(out)),
    pushforward: () => null,
    pullback: () => [null],
  };
}

/** Several tangents side by side would be mixed up by an op that moves numbers between the axes. */
function oneDirection(tangent: Value, primal: Shape): Value {
  if (!sameShape(tangent, primal)) {
    throw new RangeError('one tangent at a time passes through reshape and transpose');
  }
  return tangent;
}

function copy(memory: Float64Array, out: Slot, to: number, x: Slot, from: number, count: number): void {
  memory.copyWithin(out.offset + to, x.offset + from, x.offset + from + count);
}

function isIndex(i: number, end: number): boolean {
  return Number.isInteger(i) && i >= 0 && i < end;
}
