import { affine, constant, ops, trace } from '../../../src/program/index.ts';
import type { ConstantValue, Program, Scope, Shape, Value } from '../../../src/program/index.ts';
import { between, numbers } from '../numbers.ts';
import { drawn, withDerivatives } from './case.ts';
import type { ProgramCase } from './case.ts';

/**
 * Weights that a constant of zeros and ones masks: engines may leave out what the zeros leave out, wherever they are.
 * Some are wide enough for several blocks and slabs of a matrix.
 */
const weights = drawn(between(-0.8, 0.8));

/** Whether entry (j, i) of a matrix is left. */
type Keeps = (j: number, i: number) => boolean;

const random = (share: number, seed: number): Keeps => {
  const next = numbers(seed);
  return () => next() < share;
};

function masked(scope: Scope, name: string, shape: Shape, keeps: Keeps): Value {
  return ops.mul(scope.parameter(name, shape, weights), maskOf(shape, keeps));
}

function maskOf(shape: Shape, keeps: Keeps): ConstantValue {
  const { k, n } = shape;
  const entry = (_: unknown, at: number): number => Number(keeps(Math.floor(at / n), at % n));
  return constant(Array.from({ length: k * n }, entry), shape);
}

/** Two products in a row, x -> hidden -> x, with a mask for each. */
function network(dim: number, hidden: number, first: Keeps, second: Keeps): (scope: Scope) => Program {
  return (scope) =>
    trace('masks', { x: dim }, ({ x }) => {
      const bias = scope.parameter('bias', { k: 1, n: hidden }, weights);
      const h = affine(x, masked(scope, 'first', { k: hidden, n: dim }, first), bias);
      return { y: ops.matmul(ops.tanh(h), masked(scope, 'second', { k: dim, n: hidden }, second), 'nt') };
    });
}

const both = (dim: number, hidden: number, keeps: Keeps): ((scope: Scope) => Program) =>
  network(dim, hidden, keeps, keeps);

const models: Readonly<Record<string, (scope: Scope) => Program>> = {
  'a staircase': both(11, 23, (j, i) => i <= j / 2),
  'a staircase upwards': both(9, 37, (j, i) => i >= j / 4),
  'a staircase over several slabs': network(
    90,
    40,
    (j, i) => i < 2.2 * j,
    (j, i) => i > 0.4 * j,
  ),
  'a staircase of few features': network(
    3,
    40,
    (j, i) => 13 * i <= j,
    (j, i) => i < 13 * j,
  ),
  'a band': both(30, 34, (j, i) => Math.abs(j - i) < 3),
  'empty rows and columns': both(21, 19, (j, i) => j % 9 > 4 && i % 7 > 3 && j < 14),
  'nothing left': both(6, 9, () => false),
  'everything left': both(6, 9, () => true),
  'few entries anywhere': network(33, 41, random(0.02, 1), random(0.05, 2)),
  'many entries anywhere': network(33, 41, random(0.5, 3), random(0.9, 4)),

  'weights under two masks': (scope) =>
    trace('two masks', { x: 8 }, ({ x }) => {
      const weight = scope.parameter('weight', { k: 8, n: 8 }, weights);
      const masks = [maskOf(weight, (j, i) => i < j), maskOf(weight, (j, i) => i > j)] as const;
      const [low, high] = masks.map((mask) => ops.mul(weight, mask)) as [Value, Value];
      const once = ops.mul(
        low,
        maskOf(weight, (j, i) => j + i < 9),
      );
      return {
        y: ops.matmul(ops.matmul(x, low, 'nt'), high, 'nt'),
        whole: ops.matmul(x, weight, 'nn'),
        once: ops.matmul(x, once, 'nt'),
      };
    }),

  'a masked weight that is read elsewhere': (scope) =>
    trace('penalty', { x: 7 }, ({ x }) => {
      const weight = masked(scope, 'weight', { k: 7, n: 7 }, (j, i) => i <= j);
      const norm = ops.sum(ops.sum(ops.square(weight), 'n'), 'k');
      return { y: ops.tanh(ops.matmul(x, weight, 'nt')), norm: ops.mul(norm, ops.sum(x, 'n')) };
    }),

  'constants that are no masks': (scope) =>
    trace('no masks', { x: 6 }, ({ x }) => {
      const weight = scope.parameter('weight', { k: 6, n: 6 }, weights);
      const halves = constant(
        Array.from({ length: 36 }, (_, i) => (i % 3) / 2),
        weight,
      );
      const row = constant([0, 1, 1, 0, 1, 0], { k: 1, n: 6 });
      const scaled = ops.matmul(x, ops.mul(weight, halves), 'nt');
      return { scaled, y: ops.matmul(ops.sin(scaled), ops.mul(weight, row), 'nt') };
    }),
};

export const maskCases: readonly ProgramCase[] = Object.entries(models)
  .map(([name, build]): ProgramCase => ({ name, trace: build, rows: 7, smooth: true, condition: 10 }))
  .flatMap(withDerivatives);
