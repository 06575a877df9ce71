import { ops, reapply } from './functions.ts';
import { reachable } from './graph.ts';
import { fold } from './interpret.ts';
import { binaryOps } from './ops/table.ts';
import { sameShape, size, zeros } from './value.ts';
import type { ConstantValue, OperationValue, Value } from './value.ts';

/**
 * The same outputs with less work: constants folded, equal values shared, dead ones dropped, and the
 * identities of `rewrite` applied. As is usual for differentiated code, 0 x is 0 even where x might be
 * infinite.
 */
export function simplify(outputs: readonly Value[]): Value[] {
  const replaced = new Map<Value, Value>();
  const shared = new Map<string, Value>();
  // A rewrite may make several new values; those between its result and what is already simple come along.
  const settle = (value: Value): Value => {
    const known = replaced.get(value);
    if (known !== undefined) return known;
    let result = value;
    if (value.kind === 'operation') {
      const inputs = value.inputs.map(settle);
      const node = inputs.every((x, i) => x === value.inputs[i]) ? value : reapply(value, inputs);
      const rewritten = rewrite(node);
      result = rewritten === node ? share(shared, node) : settle(rewritten);
    } else {
      result = share(shared, value);
    }
    replaced.set(value, result);
    replaced.set(result, result);
    return result;
  };
  for (const value of reachable(outputs)) settle(value);
  return outputs.map(settle);
}

function share(shared: Map<string, Value>, value: Value): Value {
  const key = keyOf(value);
  const known = shared.get(key);
  if (known !== undefined) return known;
  shared.set(key, value);
  return value;
}

function keyOf(value: Value): string {
  switch (value.kind) {
    case 'operation':
      return `${value.op} ${JSON.stringify(value.attributes)} ${value.inputs.map((x) => x.id).join(' ')}`;
    case 'constant':
      return `constant ${value.k} ${value.n} ${Array.from(value.data, numberText).join(' ')}`;
    case 'parameter':
    case 'input':
      return `leaf ${value.id}`;
  }
}

/** Zeros of both signs are told apart: dividing by them is not the same. */
function numberText(x: number): string {
  return Object.is(x, -0) ? '-0' : String(x);
}

/** One step towards a simpler value, or the node itself. Its inputs are simple already. */
function rewrite(node: OperationValue): Value {
  const { inputs, op } = node;
  const [a, b, c] = inputs as [Value, Value, Value];
  if (node.level === 'constant') return fold(node);
  const narrow = withoutBroadcast(node);
  if (narrow !== null) return narrow;
  switch (op) {
    case 'neg':
      return isOp(a, 'neg') ? a.inputs[0]! : node;
    case 'add':
      if (isAll(a, 0)) return fitted(b, node);
      if (isAll(b, 0)) return fitted(a, node);
      return mergeTotals(a, b) ?? joinPads(a, b) ?? node;
    case 'sub':
      if (isAll(b, 0)) return fitted(a, node);
      return isAll(a, 0) ? ops.neg(fitted(b, node)) : node;
    case 'mul':
      if (isAll(a, 0) || isAll(b, 0)) return zeros(node);
      if (isAll(a, 1)) return fitted(b, node);
      if (isAll(b, 1)) return fitted(a, node);
      if (isAll(a, -1)) return ops.neg(fitted(b, node));
      return isAll(b, -1) ? ops.neg(fitted(a, node)) : node;
    case 'div':
      if (isAll(a, 0)) return zeros(node);
      return isAll(b, 1) ? fitted(a, node) : node;
    case 'where':
      return a.kind === 'constant' && a.data.every((x) => x === a.data[0])
        ? fitted(a.data[0] !== 0 ? b : c, node)
        : node;
    case 'slice':
    case 'pad':
    case 'broadcast':
    case 'reshape':
      return structural(node, a);
    case 'sum':
      return sameShape(a, node) ? a : node;
    case 'transpose':
      if (isOp(a, 'transpose')) return a.inputs[0]!;
      return a.k === 1 || a.n === 1 ? ops.reshape(a, node) : node;
    case 'matmul':
      return product(node, a, b);
    case 'total':
      if (isAll(a, 0)) return zeros(node);
      return isOp(a, 'matmul') && formOf(a) === 'tn' && a.level === 'row' ? ops.outerTotal(a.inputs) : node;
    default:
      return node;
  }
}

/** What an operand repeats, the op itself repeats too, where another operand has the whole shape. */
function withoutBroadcast(node: OperationValue): OperationValue | null {
  if (node.op !== 'where' && !isBinary(node.op)) return null;
  for (const [i, x] of node.inputs.entries()) {
    if (!isOp(x, 'broadcast')) continue;
    const narrow = reapply(node, node.inputs.with(i, x.inputs[0]!));
    if (sameShape(narrow, node)) return narrow;
  }
  return null;
}

function isBinary(op: OperationValue['op']): boolean {
  return (binaryOps as readonly string[]).includes(op);
}

function structural(node: OperationValue, x: Value): Value {
  if (sameShape(x, node)) return x;
  if (isAll(x, 0)) return zeros(node);
  return node.op === 'reshape' && isOp(x, 'reshape') ? ops.reshape(x.inputs[0]!, node) : node;
}

function product(node: OperationValue, a: Value, b: Value): Value {
  if (isAll(a, 0) || isAll(b, 0)) return zeros(node);
  const form = formOf(node);
  if (isIdentity(a)) return form === 'nt' ? ops.transpose(b) : b;
  if (isIdentity(b)) return form === 'tn' ? ops.transpose(a) : a;
  return node;
}

/** Sums over rows are added before they are summed, or gathered into one accumulator. */
function mergeTotals(a: Value, b: Value): Value | null {
  if (isOp(a, 'total') && isOp(b, 'total')) return ops.total(ops.add(a.inputs[0]!, b.inputs[0]!));
  if (isOp(a, 'outerTotal') && isOp(b, 'outerTotal')) return ops.outerTotal([...a.inputs, ...b.inputs]);
  return null;
}

/**
 * Zeros around one run of features and zeros around the next one: the sum is both runs side by side. The cotangent
 * of a matrix whose rows are used one after the other is gathered so, with nothing added up.
 */
function joinPads(a: Value, b: Value): Value | null {
  if (!isOp(a, 'pad') || !isOp(b, 'pad')) return null;
  const [left, right] = beforeOf(a) <= beforeOf(b) ? [a, b] : [b, a];
  const [x, y] = [left.inputs[0]!, right.inputs[0]!];
  if (beforeOf(left) + x.n !== beforeOf(right)) return null;
  const parts = [x, y].flatMap((part) => (isOp(part, 'concat') ? part.inputs : [part]));
  return ops.pad(ops.concat(parts), beforeOf(left), left.n - beforeOf(right) - y.n);
}

function beforeOf(node: OperationValue): number {
  return (node.attributes as { before: number }).before;
}

function formOf(node: OperationValue): string {
  return (node.attributes as { form: string }).form;
}

function isOp(value: Value, op: OperationValue['op']): value is OperationValue {
  return value.kind === 'operation' && value.op === op;
}

function isAll(value: Value, number: number): value is ConstantValue {
  return value.kind === 'constant' && value.data.every((x) => x === number);
}

function isIdentity(value: Value): boolean {
  if (value.kind !== 'constant' || value.k !== value.n || size(value) === 1) return false;
  return value.data.every((x, i) => x === Number(i % (value.n + 1) === 0));
}

/** An operand that stands for the whole result takes its shape. */
function fitted(x: Value, node: OperationValue): Value {
  return sameShape(x, node) ? x : ops.broadcast(x, node);
}
