import { LiouvilleError } from '../errors.ts';
import type { Operand, Operations } from './ops/operations.ts';
import { binaryOps, opTable, ruleOf, unaryOps } from './ops/table.ts';
import type { Attributes, BinaryOp, Op, UnaryOp } from './ops/table.ts';
import { scalar, shapeText, stamp } from './value.ts';
import type { Level, OperationValue, Value } from './value.ts';

const order: readonly Level[] = ['constant', 'parameter', 'row', 'total'];

/** Makes the value of an op, its shape checked. The functions of `ops` are the friendlier way to say it. */
export function apply<P extends Op>(
  op: P,
  inputs: readonly Value[],
  attributes: Attributes[P],
): OperationValue {
  const shape = opTable[op].shape(inputs, attributes);
  const { id, place } = stamp();
  if (typeof shape === 'string') {
    const where = place === '' ? '' : ` in ${place}`;
    const came = inputs.map(shapeText).join(' and ');
    throw new LiouvilleError('shape-mismatch', `${op}${where}: expected ${shape}; got ${came}.`);
  }
  const { k, n } = shape;
  return { kind: 'operation', op, inputs, attributes, k, n, level: levelOf(op, inputs, place), id, place };
}

/** Remakes a value from other inputs; its attributes and place stay. */
export function reapply(node: OperationValue, inputs: readonly Value[]): OperationValue {
  const shape = ruleOf(node.op).shape(inputs, node.attributes);
  if (typeof shape === 'string') {
    throw new LiouvilleError('shape-mismatch', `${node.op} in ${node.place}: expected ${shape}.`);
  }
  const level = levelOf(node.op, inputs, node.place);
  return { ...node, ...shape, inputs, level, id: stamp().id };
}

function levelOf(op: Op, inputs: readonly Value[], place: string): Level {
  if (op === 'total' || op === 'outerTotal') return 'total';
  const level = Math.max(0, ...inputs.map((x) => order.indexOf(x.level)));
  if (order[level] === 'total' && inputs.some((x) => x.level === 'row')) {
    throw new LiouvilleError(
      'invalid-argument',
      `${op} in ${place === '' ? 'the program' : place}: a row cannot use a sum over all rows; rows are computed one by one.`,
    );
  }
  return order[level]!;
}

function value(x: Operand): Value {
  return typeof x === 'number' ? scalar(x) : x;
}

const unaryFunctions = Object.fromEntries(
  unaryOps.map((op) => [op, (x: Operand) => apply(op, [value(x)], {})]),
) as unknown as Pick<Operations, UnaryOp>;

const binaryFunctions = Object.fromEntries(
  binaryOps.map((op) => [op, (a: Operand, b: Operand) => apply(op, [value(a), value(b)], {})]),
) as unknown as Pick<Operations, BinaryOp>;

/** The vocabulary of row programs; see Operations for what each function does. */
export const ops: Operations = {
  ...unaryFunctions,
  ...binaryFunctions,
  where: (condition, a, b) => apply('where', [value(condition), value(a), value(b)], {}),
  slice: (x, start, count) => apply('slice', [x], { start, count }),
  concat: (parts) => apply('concat', parts, {}),
  take: (x, indices) => apply('take', [x], { indices }),
  scatter: (x, indices, n) => apply('scatter', [x], { indices, n }),
  pad: (x, before, after) => apply('pad', [x], { before, after }),
  broadcast: (x, { k, n }) => apply('broadcast', [x], { k, n }),
  reshape: (x, { k, n }) => apply('reshape', [x], { k, n }),
  transpose: (x) => apply('transpose', [x], {}),
  sum: (x, axis) => apply('sum', [x], { axis }),
  cumsum: (x, reverse = false) => apply('cumsum', [x], { reverse }),
  largest: (x, axis) => apply('largest', [x], { axis }),
  matmul: (a, b, form) => apply('matmul', [a, b], { form }),
  triangularSolve: (T, x, { upper, transposed = false, unit = false }) =>
    apply('triangularSolve', [T, x], { upper, transposed, unit }),
  inverseLogDet: (A) => apply('inverseLogDet', [A], {}),
  total: (x) => apply('total', [x], {}),
  outerTotal: (pairs) => apply('outerTotal', pairs, {}),
  stopGradient: (x) => apply('stopGradient', [x], {}),
};

/** A linear layer: x W^T + b, for x [k, in], W [out, in] and b [1, out]; the result is [k, out]. */
export function affine(x: Value, weight: Value, bias?: Value): Value {
  const product = ops.matmul(x, weight, 'nt');
  return bias === undefined ? product : ops.add(product, bias);
}

/**
 * The inverse of a square matrix A [n, n] of at most 1024 rows, by Gauss-Jordan elimination with row pivoting. That of a
 * singular matrix holds numbers that are not finite, and `logAbsDet` of it is minus infinity.
 *
 * @throws LiouvilleError 'shape-mismatch' for any other shape.
 */
export function inverse(A: Value): Value {
  return ops.slice(ops.inverseLogDet(A), 0, A.n);
}

/** log|det A|, [1, 1], of a square matrix of at most 1024 rows; minus infinity for a singular one. It throws like `inverse`. */
export function logAbsDet(A: Value): Value {
  return ops.sum(ops.slice(ops.inverseLogDet(A), A.n, 1), 'k');
}

/** exp(x_i) / sum_j exp(x_j) along an axis; the largest x is taken off first, so that nothing overflows. */
export function softmax(x: Value, axis: 'k' | 'n' = 'n'): Value {
  const powers = ops.exp(ops.sub(x, ops.stopGradient(ops.largest(x, axis))));
  return ops.div(powers, ops.sum(powers, axis));
}

/** log sum_j exp(x_j) along an axis, without overflow. */
export function logSumExp(x: Value, axis: 'k' | 'n' = 'n'): Value {
  const top = ops.stopGradient(ops.largest(x, axis));
  return ops.add(top, ops.log(ops.sum(ops.exp(ops.sub(x, top)), axis)));
}
