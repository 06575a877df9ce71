import type { Shape, Value } from '../value.ts';
import type { Operations } from './operations.ts';
import { noAttributes } from './rule.ts';
import type { None, Rule, Slot } from './rule.ts';

/**
 * A function of one number. `derivative` gives dy/dx as a value of x and y, or null where it is zero
 * almost everywhere.
 */
export function unary(
  code: number,
  meaning: (x: number) => number,
  derivative: ((o: Operations, x: Value, y: Value) => Value) | null,
): Rule<None> {
  return {
    code,
    inPlace: true,
    ...noAttributes,
    shape: ([x]) => ({ k: x!.k, n: x!.n }),
    evaluate(memory, out, [x]) {
      const count = out.k * out.n;
      for (let i = 0; i < count; i++) memory[out.offset + i] = meaning(memory[x!.offset + i]!);
    },
    pushforward(o, node, [tangent]) {
      if (derivative === null || tangent == null) return null;
      return o.mul(tangent, derivative(o, node.inputs[0]!, node));
    },
    pullback(o, node, cotangent) {
      return [derivative === null ? null : o.mul(cotangent, derivative(o, node.inputs[0]!, node))];
    },
  };
}

/** A partial derivative: a value to multiply with, the numbers 1 or -1, or null for zero. */
type Partial = Value | 1 | -1 | null;

/** A function of two numbers, broadcast over axes of length 1. The partials are made only where needed. */
export function binary(
  code: number,
  meaning: (a: number, b: number) => number,
  partials: (o: Operations, a: Value, b: Value, y: Value) => readonly [() => Partial, () => Partial],
): Rule<None> {
  return {
    code,
    inPlace: true,
    ...noAttributes,
    shape: (inputs) => broadcastShape(inputs),
    evaluate(memory, out, [a, b]) {
      const first = strides(a!);
      const second = strides(b!);
      for (let j = 0; j < out.k; j++) {
        for (let i = 0; i < out.n; i++) {
          const left = memory[a!.offset + j * first.k + i * first.n]!;
          const right = memory[b!.offset + j * second.k + i * second.n]!;
          memory[out.offset + j * out.n + i] = meaning(left, right);
        }
      }
    },
    pushforward(o, node, tangents) {
      const [a, b] = node.inputs;
      const makers = partials(o, a!, b!, node);
      let sum: Value | null = null;
      for (let which = 0; which < 2; which++) {
        const tangent = tangents[which];
        if (tangent == null) continue;
        const term = scaled(o, tangent, makers[which]!());
        if (term !== null) sum = sum === null ? term : o.add(sum, term);
      }
      return sum === null ? null : widen(o, sum, tangents, node);
    },
    pullback(o, node, cotangent) {
      const [a, b] = node.inputs;
      const makers = partials(o, a!, b!, node);
      return [a!, b!].map((operand, which) => {
        const term = scaled(o, cotangent, makers[which]!());
        return term === null ? null : unbroadcast(o, term, operand);
      });
    },
  };
}

export function conditional(code: number): Rule<None> {
  return {
    code,
    inPlace: true,
    ...noAttributes,
    shape: (inputs) => broadcastShape(inputs),
    evaluate(memory, out, [condition, a, b]) {
      const [c, first, second] = [strides(condition!), strides(a!), strides(b!)];
      for (let j = 0; j < out.k; j++) {
        for (let i = 0; i < out.n; i++) {
          const chosen =
            memory[condition!.offset + j * c.k + i * c.n] !== 0
              ? memory[a!.offset + j * first.k + i * first.n]!
              : memory[b!.offset + j * second.k + i * second.n]!;
          memory[out.offset + j * out.n + i] = chosen;
        }
      }
    },
    pushforward(o, node, tangents) {
      const [, a, b] = tangents;
      if (a == null && b == null) return null;
      return widen(o, o.where(node.inputs[0]!, a ?? 0, b ?? 0), tangents, node);
    },
    pullback(o, node, cotangent) {
      const [condition, a, b] = node.inputs;
      return [
        null,
        unbroadcast(o, o.where(condition!, cotangent, 0), a!),
        unbroadcast(o, o.where(condition!, 0, cotangent), b!),
      ];
    },
  };
}

/** Sums `x` down to a shape that had been broadcast to the shape of `x`. */
export function unbroadcast(o: Operations, x: Value, shape: Shape): Value {
  let result = x;
  if (shape.k === 1 && result.k !== 1) result = o.sum(result, 'k');
  if (shape.n === 1 && result.n !== 1) result = o.sum(result, 'n');
  return result;
}

function scaled(o: Operations, x: Value, partial: Partial): Value | null {
  if (partial === null) return null;
  if (partial === 1) return x;
  if (partial === -1) return o.neg(x);
  return o.mul(x, partial);
}

/** A tangent of an operand that had been broadcast gets the width of the result. */
function widen(
  o: Operations,
  tangent: Value,
  tangents: readonly (Value | null)[],
  node: Shape & { readonly inputs: readonly Value[] },
): Value {
  let directions = 1;
  tangents.forEach((t, i) => {
    if (t != null) directions = Math.max(directions, t.k / node.inputs[i]!.k);
  });
  const shape = { k: directions === 1 ? node.k : directions, n: node.n };
  return tangent.k === shape.k && tangent.n === shape.n ? tangent : o.broadcast(tangent, shape);
}

function broadcastShape(inputs: readonly Shape[]): Shape | string {
  const k = inputs.find((x) => x.k !== 1)?.k ?? 1;
  const n = inputs.find((x) => x.n !== 1)?.n ?? 1;
  const fits = inputs.every((x) => (x.k === k || x.k === 1) && (x.n === n || x.n === 1));
  return fits ? { k, n } : 'shapes that are equal, or 1 where they differ';
}

function strides(slot: Slot): { k: number; n: number } {
  return { k: slot.k === 1 ? 0 : slot.n, n: slot.n === 1 ? 0 : 1 };
}
