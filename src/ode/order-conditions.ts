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
 * The order conditions of an explicit Runge-Kutta method up to an order, one for each rooted tree:
 *
 *   sum_i b_i Phi_i(tree) = 1 / gamma(tree),
 *   Phi_i(tree) = product over the subtrees at the root of (c_i for a leaf, sum_j a_ij Phi_j otherwise).
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
  const stages = b.length;
  // The products Phi of each tree, and the same with every coefficient replaced by its absolute value.
  const products: Float64Array[] = [];
  const magnitudes: Float64Array[] = [];
  return rootedTrees(maxOrder).map((tree) => {
    const product = new Float64Array(stages).fill(1);
    const magnitude = new Float64Array(stages).fill(1);
    for (const child of tree.children) {
      const leaf = child.children.length === 0;
      for (let i = 0; i < stages; i++) {
        let sum = 0;
        let absolute = 0;
        for (let j = 0; j < i; j++) {
          sum += a[i * stages + j]! * products[child.index]![j]!;
          absolute += Math.abs(a[i * stages + j]!) * magnitudes[child.index]![j]!;
        }
        product[i]! *= leaf ? c[i]! : sum;
        magnitude[i]! *= leaf ? Math.abs(c[i]!) : absolute;
      }
    }
    products.push(product);
    magnitudes.push(magnitude);
    let sum = 0;
    let absolute = 0;
    for (let i = 0; i < stages; i++) {
      sum += b[i]! * product[i]!;
      absolute += Math.abs(b[i]!) * magnitude[i]!;
    }
    const expected = 1 / tree.density;
    const residual = Math.abs(sum - expected) / Math.max(absolute, expected);
    return { tree, order: tree.order, residual, text: conditionText(tree, weights) };
  });
}
