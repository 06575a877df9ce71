/**
 * A rooted tree of Butcher's theory: one tree of `order` vertices stands for one elementary
 * differential of y' = f(y), hence for one order condition of a Runge-Kutta method.
 */
export interface RootedTree {
  /** Its place in the list that `rootedTrees` returned. */
  readonly index: number;
  /** The number of vertices. */
  readonly order: number;
  /** gamma(tree): the order times the densities of the subtrees at the root. */
  readonly density: number;
  /** The subtrees at the root, largest index first. */
  readonly children: readonly RootedTree[];
}

/**
 * Every rooted tree of at most `maxOrder` vertices, by increasing order: 1, 1, 2, 4, 9, 20, 48, 115, ...
 * of each (OEIS A000081). Subtrees come before the trees that contain them.
 *
 * Hairer, Norsett, Wanner, Solving Ordinary Differential Equations I, II.2.
 */
export function rootedTrees(maxOrder: number): readonly RootedTree[] {
  const known = grown.get(maxOrder);
  if (known !== undefined) return known;
  if (maxOrder < 1) return [];
  const trees = rootedTrees(maxOrder - 1).slice();
  for (const children of forests(trees, maxOrder - 1, trees.length)) {
    const density = children.reduce((product, child) => product * child.density, maxOrder);
    trees.push({ index: trees.length, order: maxOrder, density, children });
  }
  grown.set(maxOrder, trees);
  return trees;
}

/** Trees do not change: they are grown once. */
const grown = new Map<number, readonly RootedTree[]>();

/** The multisets of trees with `vertices` vertices in all, each listed once, by decreasing index below `bound`. */
function forests(trees: readonly RootedTree[], vertices: number, bound: number): RootedTree[][] {
  if (vertices === 0) return [[]];
  const found: RootedTree[][] = [];
  for (const tree of trees.slice(0, bound)) {
    if (tree.order > vertices) break;
    for (const rest of forests(trees, vertices - tree.order, tree.index + 1)) found.push([tree, ...rest]);
  }
  return found;
}

/**
 * The order condition of a tree as a formula, to be summed over all indices that occur:
 * `sum of b_i c_i^2 = 1/3`, `sum of b_i a_ij c_j = 1/6`.
 */
export function conditionText(tree: RootedTree, weights = 'b', expected = 1 / tree.density): string {
  const letters = 'ijklmnopqrstuvwxyz';
  let used = 1;
  const factors = (node: RootedTree, letter: string): string => {
    const leaves = node.children.filter((child) => child.children.length === 0).length;
    let text = leaves === 0 ? '' : ` c_${letter}${leaves === 1 ? '' : `^${leaves}`}`;
    for (const child of node.children) {
      if (child.children.length === 0) continue;
      const next = letters[used++ % letters.length]!;
      text += ` a_${letter}${next}${factors(child, next)}`;
    }
    return text;
  };
  const side = expected === 0 ? '0' : tree.density === 1 ? '1' : `1/${tree.density}`;
  return `sum of ${weights}_i${factors(tree, 'i')} = ${side}`;
}
