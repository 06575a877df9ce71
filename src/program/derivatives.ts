import { LiouvilleError } from '../errors.ts';
import { ops } from './functions.ts';
import { dependents, reachable } from './graph.ts';
import { ruleOf } from './ops/table.ts';
import { sameShape, shapeText, zeros } from './value.ts';
import type { OperationValue, Value } from './value.ts';

/**
 * Jacobian-vector products, by source transformation: the tangents of `outputs` when the values `wrt` move
 * along `tangents`. Nothing is run: the tangents are values again, and can be differentiated again.
 *
 * A tangent has the shape of its value, or [K, n] for a [1, n] value: K directions side by side. With the
 * identity as tangent the result is the transposed Jacobian, [K, n] with entry (i, j) = dy_j / dx_i.
 */
export function pushforward(
  outputs: readonly Value[],
  wrt: readonly Value[],
  tangents: readonly Value[],
): Value[] {
  const directions = checkTangents(wrt, tangents);
  const sources = new Set(wrt);
  const values = reachable(outputs, sources);
  const moving = dependents(values, sources);
  const tangentOf = new Map<Value, Value | null>(wrt.map((x, i) => [x, tangents[i]!]));
  for (const node of values) {
    if (node.kind !== 'operation' || sources.has(node) || !moving.has(node)) continue;
    if (directions > 1 && node.k !== 1) throw manyDirections(node);
    const incoming = node.inputs.map((x) => tangentOf.get(x) ?? null);
    tangentOf.set(
      node,
      guarded(node, () => ruleOf(node.op).pushforward(ops, node, incoming, node.attributes)),
    );
  }
  return outputs.map((y) => tangentOf.get(y) ?? zeros({ k: y.k * directions, n: y.n }));
}

/**
 * Vector-Jacobian products, by source transformation: the cotangents of `wrt` from those of `outputs`.
 * Where a value that all rows share (a parameter) meets cotangents of rows, they are summed over all rows.
 */
export function pullback(
  outputs: readonly Value[],
  wrt: readonly Value[],
  cotangents: readonly Value[],
): Value[] {
  const sources = new Set(wrt);
  const values = reachable(outputs, sources);
  const active = dependents(values, sources);
  const cotangentOf = new Map<Value, Value>();
  const accumulate = (x: Value, cotangent: Value | null, everyRow: boolean): void => {
    if (cotangent === null || !active.has(x)) return;
    const shared = everyRow && x.level !== 'row' ? ops.total(cotangent) : cotangent;
    const before = cotangentOf.get(x);
    cotangentOf.set(x, before === undefined ? shared : ops.add(before, shared));
  };
  outputs.forEach((y, i) => {
    if (!sameShape(y, cotangents[i]!)) {
      throw mismatch('cotangent', cotangents[i]!, y);
    }
    accumulate(y, cotangents[i]!, y.level !== 'total');
  });
  for (const node of values.toReversed()) {
    const cotangent = cotangentOf.get(node);
    if (node.kind !== 'operation' || sources.has(node) || cotangent === undefined) continue;
    const incoming = ruleOf(node.op).pullback(ops, node, cotangent, node.attributes);
    // Every row uses its inputs by itself, and so does a sum over rows.
    const everyRow = node.level === 'row' || node.op === 'total' || node.op === 'outerTotal';
    node.inputs.forEach((x, i) => accumulate(x, incoming[i]!, everyRow));
  }
  return wrt.map((x) => cotangentOf.get(x) ?? zeros(x));
}

function checkTangents(wrt: readonly Value[], tangents: readonly Value[]): number {
  let directions = 1;
  wrt.forEach((x, i) => {
    const t = tangents[i]!;
    const count = t.k / x.k;
    const fits = t.n === x.n && Number.isInteger(count) && (count === 1 || x.k === 1);
    if (!fits || (i > 0 && count !== directions)) throw mismatch('tangent', t, x);
    directions = count;
  });
  return directions;
}

function mismatch(what: string, came: Value, value: Value): LiouvilleError {
  return new LiouvilleError(
    'shape-mismatch',
    `A ${what} of shape ${shapeText(came)} was given for a value of shape ${shapeText(value)}${at(value)}.`,
  );
}

function guarded(node: OperationValue, rule: () => Value | null): Value | null {
  try {
    return rule();
  } catch (error) {
    if (error instanceof RangeError) throw manyDirections(node);
    throw error;
  }
}

function manyDirections(node: OperationValue): LiouvilleError {
  return new LiouvilleError(
    'shape-mismatch',
    `${node.op}${at(node)}: several tangents cannot pass side by side through a value of shape ` +
      `${shapeText(node)}; push them forward one at a time.`,
  );
}

function at(value: Value): string {
  return value.place === '' ? '' : ` in ${value.place}`;
}
