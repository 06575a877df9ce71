import { inverseLogDet } from './inverse.ts';
import * as matrix from './matrix.ts';
import { binary, conditional, unary } from './elementwise.ts';
import type { TriangularOptions } from './operations.ts';
import type { None, Rule } from './rule.ts';
import * as scalar from './scalar.ts';
import * as structure from './structure.ts';
import type { Shape } from '../value.ts';

export const unaryOps = [
  'neg',
  'exp',
  'expm1',
  'log',
  'log1p',
  'tanh',
  'sigmoid',
  'softplus',
  'relu',
  'step',
  'sqrt',
  'square',
  'reciprocal',
  'sin',
  'cos',
  'abs',
  'sign',
  'erf',
] as const;
export const binaryOps = ['add', 'sub', 'mul', 'div', 'max', 'min', 'less'] as const;

export type UnaryOp = (typeof unaryOps)[number];
export type BinaryOp = (typeof binaryOps)[number];

/** The attributes of each op. */
export type Attributes = { readonly [P in UnaryOp | BinaryOp]: None } & {
  readonly where: None;
  readonly slice: structure.SliceAttributes;
  readonly concat: None;
  readonly take: structure.TakeAttributes;
  readonly scatter: structure.ScatterAttributes;
  readonly pad: structure.PadAttributes;
  readonly broadcast: Shape;
  readonly reshape: Shape;
  readonly transpose: None;
  readonly sum: matrix.SumAttributes;
  readonly cumsum: matrix.CumsumAttributes;
  readonly largest: matrix.SumAttributes;
  readonly matmul: matrix.MatmulAttributes;
  readonly triangularSolve: TriangularOptions;
  readonly inverseLogDet: None;
  readonly total: None;
  readonly outerTotal: None;
  readonly stopGradient: None;
};

/** The name of an op. */
export type Op = keyof Attributes;

/**
 * The op table: one record for everything that an op is. Leaving out an op, or an aspect of one, does not
 * compile. How to add one: docs/architecture.md.
 */
export const opTable: { readonly [P in Op]: Rule<Attributes[P]> } = {
  neg: unary(
    1,
    (x) => -x,
    (o) => o.neg(1),
  ),
  exp: unary(2, Math.exp, (_o, _x, y) => y),
  expm1: unary(3, Math.expm1, (o, _x, y) => o.add(y, 1)),
  log: unary(4, Math.log, (o, x) => o.reciprocal(x)),
  log1p: unary(5, Math.log1p, (o, x) => o.reciprocal(o.add(x, 1))),
  tanh: unary(6, Math.tanh, (o, _x, y) => o.sub(1, o.square(y))),
  sigmoid: unary(7, scalar.sigmoid, (o, _x, y) => o.mul(y, o.sub(1, y))),
  softplus: unary(8, scalar.softplus, (o, x) => o.sigmoid(x)),
  relu: unary(
    9,
    (x) => Math.max(x, 0),
    // Of the result, so that nobody has to keep x.
    (o, _x, y) => o.step(y),
  ),
  step: unary(10, scalar.step, null),
  sqrt: unary(11, Math.sqrt, (o, _x, y) => o.div(0.5, y)),
  square: unary(
    12,
    (x) => x * x,
    (o, x) => o.mul(2, x),
  ),
  reciprocal: unary(
    13,
    (x) => 1 / x,
    (o, _x, y) => o.neg(o.square(y)),
  ),
  sin: unary(14, Math.sin, (o, x) => o.cos(x)),
  cos: unary(15, Math.cos, (o, x) => o.neg(o.sin(x))),
  abs: unary(16, Math.abs, (o, x) => o.sign(x)),
  sign: unary(17, Math.sign, null),
  erf: unary(18, scalar.erf, (o, x) => o.mul(2 / Math.sqrt(Math.PI), o.exp(o.neg(o.square(x))))),

  add: binary(
    32,
    (a, b) => a + b,
    () => [() => 1, () => 1],
  ),
  sub: binary(
    33,
    (a, b) => a - b,
    () => [() => 1, () => -1],
  ),
  mul: binary(
    34,
    (a, b) => a * b,
    (_o, a, b) => [() => b, () => a],
  ),
  div: binary(
    35,
    (a, b) => a / b,
    (o, _a, b, y) => [() => o.reciprocal(b), () => o.neg(o.div(y, b))],
  ),
  max: binary(36, Math.max, (o, a, b) => [() => o.sub(1, o.less(a, b)), () => o.less(a, b)]),
  min: binary(37, Math.min, (o, a, b) => [() => o.sub(1, o.less(b, a)), () => o.less(b, a)]),
  less: binary(
    38,
    (a, b) => Number(a < b),
    () => [() => null, () => null],
  ),
  where: conditional(39),

  slice: structure.slice(48),
  concat: structure.concat(49),
  take: structure.take(50),
  scatter: structure.scatter(51),
  pad: structure.pad(52),
  broadcast: structure.broadcast(53),
  reshape: structure.reshape(54),
  transpose: structure.transpose(55),
  stopGradient: structure.stopGradient(56),

  sum: matrix.sum(64),
  cumsum: matrix.cumsum(65),
  matmul: matrix.matmul(66),
  triangularSolve: matrix.triangularSolve(67),
  total: matrix.total(68),
  outerTotal: matrix.outerTotal(69),
  inverseLogDet: inverseLogDet(70),
  largest: matrix.largest(71),
};

/** The names of all ops, in the order of `opTable`. */
export const opNames = Object.keys(opTable) as Op[];

const byCode = new Map(opNames.map((op) => [opTable[op].code, op]));

/** The op of a bytecode number, if there is one. */
export function opOfCode(code: number): Op | undefined {
  return byCode.get(code);
}

/** The rule of an op whose name is only known when running; its attributes are then of any op. */
export function ruleOf(op: Op): Rule<Attributes[Op]> {
  return opTable[op];
}
