import { Matrix, pseudoInverse } from 'ml-matrix';

import type { RootedTree } from '../../../src/ode/rooted-trees.ts';
import { rootedTrees } from '../../../src/ode/rooted-trees.ts';
import { divide, fixed, multiply, one, toNumber } from './fixed-point.ts';
import type { Fixed } from './fixed-point.ts';

/** An explicit Runge-Kutta method whose coefficients fulfil its order conditions to 20 digits and more. */
export interface ExactMethod {
  readonly a: readonly (readonly Fixed[])[];
  readonly b: readonly Fixed[];
  readonly c: readonly Fixed[];
}

/** Where the coefficients that are not zero stand: row i of a, or -1 for b, and the column. */
type Place = readonly [row: number, column: number];

/** What Newton's iterations may change: coefficients of 16 digits need less, and a wrong digit more. */
const ROUNDING = 1e-13;

/**
 * The method that lies nearest to coefficients of 16 digits and fulfils the conditions to 20 or more: by two of Newton's
 * iterations on the coefficients that are not zero, each the shortest change, with the Jacobian in doubles.
 *
 * @throws Error when that changes a coefficient by more than rounding.
 */
export function exactMethod(
  a: readonly (readonly number[])[],
  b: readonly number[],
  order: number,
): ExactMethod {
  const rows = a.map((row) => row.map(fixed));
  const weights = b.map(fixed);
  const places: Place[] = [...a, b].flatMap((row, i) =>
    row.flatMap((value, j) => (value === 0 ? [] : [[i === a.length ? -1 : i, j] as const])),
  );
  const trees = rootedTrees(order);
  const inverse = pseudoInverse(jacobian(a, b, trees, places), 1e-10);
  for (let round = 0; round < 2; round++) {
    const residuals = residualsOf(rows, weights, trees);
    // Scaled, so that doubles hold them.
    const scale = residuals.reduce(
      (most, value) => (value > most ? value : -value > most ? -value : most),
      1n,
    );
    const right = Matrix.columnVector(residuals.map((value) => toNumber(divide(value, scale))));
    const change = inverse.mmul(right).to1DArray();
    const largest = Math.max(...change.map(Math.abs)) * toNumber(scale);
    if (!(largest < ROUNDING)) throw new Error(`Order ${order} is missed by ${largest} in a coefficient.`);
    places.forEach(([i, j], k) => {
      (i < 0 ? weights : rows[i]!)[j]! -= multiply(fixed(change[k]!), scale);
    });
  }
  return { a: rows, b: weights, c: rows.map(sumOf) };
}

const sumOf = (row: readonly Fixed[]): Fixed => row.reduce((sum, value) => sum + value, 0n);

/** Of each tree sum_i b_i Phi_i - 1 / gamma, the nodes being the row sums. */
function residualsOf(a: Fixed[][], b: Fixed[], trees: readonly RootedTree[]): Fixed[] {
  const c = a.map(sumOf);
  const sums: Fixed[][] = [];
  return trees.map((tree) => {
    const phi = a.map((_, i) =>
      tree.children.reduce((product, child) => multiply(product, sums[child.index]![i]!), one),
    );
    sums[tree.index] =
      tree.order === 1
        ? c
        : a.map((row) => row.reduce((sum, value, j) => sum + multiply(value, phi[j]!), 0n));
    const left = b.reduce((sum, weight, i) => sum + multiply(weight, phi[i]!), 0n);
    return left - one / BigInt(tree.density);
  });
}

function jacobian(
  a: readonly (readonly number[])[],
  b: readonly number[],
  trees: readonly RootedTree[],
  places: readonly Place[],
): Matrix {
  const stages = b.length;
  const phis = new Map<RootedTree, number[]>();
  const sums = new Map<RootedTree, number[]>();
  for (const tree of trees) {
    const phi = b.map((_, i) => tree.children.reduce((product, child) => product * sums.get(child)![i]!, 1));
    phis.set(tree, phi);
    sums.set(
      tree,
      a.map((row) => row.reduce((sum, value, j) => sum + value * phi[j]!, 0)),
    );
  }
  const result = new Matrix(trees.length, places.length);
  for (const tree of trees) {
    const byA = Array.from({ length: stages }, () => new Float64Array(stages));
    // Back from the root: what the factor Phi_i of a subtree is worth.
    const descend = (node: RootedTree, worth: readonly number[]): void => {
      node.children.forEach((child, which) => {
        const below = new Array<number>(stages).fill(0);
        for (let i = 0; i < stages; i++) {
          let share = worth[i]!;
          node.children.forEach((other, k) => {
            if (k !== which) share *= sums.get(other)![i]!;
          });
          a[i]!.forEach((value, j) => {
            byA[i]![j]! += share * phis.get(child)![j]!;
            below[j]! += share * value;
          });
        }
        descend(child, below);
      });
    };
    descend(tree, b);
    places.forEach(([i, j], k) => result.set(tree.index, k, i < 0 ? phis.get(tree)![j]! : byA[i]![j]!));
  }
  return result;
}
