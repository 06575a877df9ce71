import { conditionText, rootedTrees } from './rooted-trees.ts';
import type { RootedTree } from './rooted-trees.ts';

/** One order condition, evaluated. */
export interface OrderCondition {
  readonly tree: RootedTree;
  /** The order of the tree: a method of order p fulfils all conditions of order <= p. */
  readonly order: number;
  /** |sum - 1/gamma| divided by the sum of the absolute terms: 1e-16 is rounding, 1e-9 a wrong digit. */
  readonly residual: number;
  /** The condition as a formula. */
  readonly text: string;
}

/**
 * The factors that the stages i of a Runge-Kutta method have in the condition of each rooted tree:
 *
 *   Phi_i(tree) = product over the subtrees at the root of (c_i for a leaf, sum_j a_ij Phi_j otherwise).
 */
export interface StageProducts {
  readonly trees: readonly RootedTree[];
  /** trees x stages. */
  readonly products: Float64Array;
  /** The same with the absolute values of all coefficients. */
  readonly magnitudes: Float64Array;
}

/** @param a stages x stages, row-major; implicit methods are welcome. */
export function stageProducts(a: ArrayLike<number>, c: ArrayLike<number>, maxOrder: number): StageProducts {
  const stages = c.length;
  const trees = rootedTrees(maxOrder);
  const products = new Float64Array(trees.length * stages).fill(1);
  const magnitudes = new Float64Array(trees.length * stages).fill(1);
  // sum_j a_ij Phi_j(tree), which each tree with this child takes again.
  const sums = new Float64Array(trees.length * stages);
  const sumMagnitudes = new Float64Array(trees.length * stages);
  for (const tree of trees) {
    const at = tree.index * stages;
    for (const child of tree.children) {
      const from = child.index * stages;
      for (let i = 0; i < stages; i++) {
        products[at + i]! *= sums[from + i]!;
        magnitudes[at + i]! *= sumMagnitudes[from + i]!;
      }
    }
    for (let i = 0; i < stages; i++) {
      let sum = 0;
      let absolute = 0;
      for (let j = 0; j < stages; j++) {
        sum += a[i * stages + j]! * products[at + j]!;
        absolute += Math.abs(a[i * stages + j]!) * magnitudes[at + j]!;
      }
      const leaf = tree.order === 1;
      sums[at + i] = leaf ? c[i]! : sum;
      sumMagnitudes[at + i] = leaf ? Math.abs(c[i]!) : absolute;
    }
  }
  return { trees, products, magnitudes };
}

/**
 * The order conditions of a Runge-Kutta method up to an order, one for each rooted tree:
 *
 *   sum_i b_i Phi_i(tree) = 1 / gamma(tree).
 *
 * Sufficient only together with the row sums c_i = sum_j a_ij. Hairer, Norsett, Wanner I, theorem II.2.13.
 *
 * @param a stages x stages, row-major.
 * @param weights the name of the weights in the formulas.
 */
export function orderConditions(
  a: ArrayLike<number>,
  b: ArrayLike<number>,
  c: ArrayLike<number>,
  maxOrder: number,
  weights = 'b',
): OrderCondition[] {
  const stages = stageProducts(a, c, maxOrder);
  return stages.trees.map((tree) => {
    const expected = 1 / tree.density;
    const residual = residualOf(stages, tree, b, expected);
    return { tree, order: tree.order, residual, text: conditionText(tree, weights, expected) };
  });
}

/**
 * The conditions of a continuous method y(t_n + theta h) = y_n + h sum_i b_i(theta) k_i with polynomials
 * b_i(theta) = sum_m weights_im theta^m, m >= 1. The two sides of
 *
 *   sum_i b_i(theta) Phi_i(tree) = theta^order / gamma(tree)
 *
 * are polynomials, so each tree gives one condition for each power. Hairer, Norsett, Wanner I, theorem II.6.1.
 *
 * @param weights for each power m = 1, 2, ... one number for each stage.
 */
export function interpolantConditions(
  a: ArrayLike<number>,
  weights: readonly ArrayLike<number>[],
  c: ArrayLike<number>,
  maxOrder: number,
): OrderCondition[] {
  const stages = stageProducts(a, c, maxOrder);
  return stages.trees.flatMap((tree) =>
    weights.map((ofPower, power) => {
      const expected = power + 1 === tree.order ? 1 / tree.density : 0;
      const residual = residualOf(stages, tree, ofPower, expected);
      const text = conditionText(tree, `[theta^${power + 1}] b`, expected);
      return { tree, order: tree.order, residual, text };
    }),
  );
}

/** |sum_i b_i Phi_i - expected| divided by the sum of the absolute terms. */
export function residualOf(
  { products, magnitudes, trees }: StageProducts,
  tree: RootedTree,
  b: ArrayLike<number>,
  expected: number,
): number {
  const stages = products.length / trees.length;
  let sum = 0;
  let absolute = 0;
  for (let i = 0; i < b.length; i++) {
    sum += b[i]! * products[tree.index * stages + i]!;
    absolute += Math.abs(b[i]!) * magnitudes[tree.index * stages + i]!;
  }
  const size = Math.max(absolute, expected);
  return size === 0 ? 0 : Math.abs(sum - expected) / size;
}
