import { Matrix, inverse } from 'ml-matrix';
import { describe, expect, test } from 'vitest';
import { rodas5pCoefficients } from '../../src/ode/rodas5p.ts';
import type { RodasCoefficients } from '../../src/ode/rodas5p.ts';
import { rootedTrees } from '../../src/ode/rooted-trees.ts';

/** The coefficients as the theory has them: stages k_i instead of u = Gamma k. */
interface Rosenbrock {
  readonly alpha: Matrix;
  readonly gamma: Matrix;
  /** By what it is: the weights of the solution, the embedded one, and of the powers of theta. */
  readonly weights: Readonly<Record<string, number[]>>;
}

const stages = 8;

function lower(rows: readonly (readonly number[])[]): Matrix {
  return Matrix.from1DArray(
    stages,
    stages,
    Array.from({ length: stages * stages }, (_, at) => rows[Math.floor(at / stages)]?.[at % stages] ?? 0),
  );
}

/** Gamma^-1 = I/gamma - C, alpha = a Gamma, b = m Gamma: Hairer, Wanner II, IV.7, (7.25). */
function untransformed({ gamma, a, C, interpolant }: RodasCoefficients): Rosenbrock {
  const Gamma = inverse(Matrix.eye(stages, stages, 1 / gamma).sub(lower(C)));
  const row = (of: readonly number[]) => lower([of]).mmul(Gamma).getRow(0);
  const embedded = a[stages - 1]!;
  const solution = [...embedded, 1];
  const [p, q, r] = interpolant as [number[], number[], number[]];
  const powers = [
    solution.map((value, j) => value + p[j]!),
    p.map((value, j) => q[j]! - value),
    q.map((value, j) => r[j]! - value),
    r.map((value) => -value),
  ];
  const ofPowers = powers.map((weights, power) => [`theta^${power + 1}`, row(weights)] as const);
  return {
    alpha: lower(a).mmul(Gamma),
    gamma: Gamma,
    weights: { solution: row(solution), embedded: row(embedded), ...Object.fromEntries(ofPowers) },
  };
}

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);

/**
 * The worst residual of sum_i b_i Phi_i(tree) = expected over the trees, relative to the sum of the absolute terms: a vertex with
 * one subtree goes through alpha + gamma, with more through alpha alone (Hairer, Wanner II, IV.7, theorem 7.4).
 */
function worst(
  { alpha, gamma }: Rosenbrock,
  weights: readonly number[],
  order: number,
  expected: (tree: { order: number; density: number }) => number,
): number {
  const beta = Matrix.add(alpha, gamma);
  const [products, sizes] = [new Map<number, number[]>(), new Map<number, number[]>()];
  const residuals = rootedTrees(order).map((tree) => {
    const through = tree.children.length === 1 ? beta : alpha;
    const of = (matrix: Matrix, known: Map<number, number[]>): number[] =>
      Array.from({ length: stages }, (_, i) =>
        tree.children.reduce(
          (product, child) =>
            product * sum(known.get(child.index)!.map((value, j) => matrix.get(i, j) * value)),
          1,
        ),
      );
    products.set(tree.index, of(through, products));
    sizes.set(tree.index, of(Matrix.abs(through), sizes));
    const found = sum(products.get(tree.index)!.map((value, i) => weights[i]! * value));
    const size = sum(sizes.get(tree.index)!.map((value, i) => Math.abs(weights[i]!) * value));
    return Math.abs(found - expected(tree)) / size;
  });
  return Math.max(...residuals);
}

/** Everything that the coefficients have to fulfil: relative residuals by name. */
function residualsOf(coefficients: RodasCoefficients): Record<string, number> {
  const method = untransformed(coefficients);
  const { alpha, gamma, weights } = method;
  const sums = (of: Matrix, expected: readonly number[]): number =>
    Math.max(
      ...expected.map((value, i) => {
        const row = of.getRow(i);
        return Math.abs(sum(row) - value) / Math.max(sum(row.map(Math.abs)), Number.MIN_VALUE);
      }),
    );
  const full = (tree: { density: number }) => 1 / tree.density;
  return {
    nodes: sums(alpha, coefficients.c),
    'derivatives by t': sums(gamma, coefficients.d),
    solution: worst(method, weights['solution']!, 5, full),
    embedded: worst(method, weights['embedded']!, 4, full),
    ...Object.fromEntries(
      [1, 2, 3, 4].map((power) => [
        `theta^${power}`,
        worst(method, weights[`theta^${power}`]!, 4, (tree) => (tree.order === power ? 1 / tree.density : 0)),
      ]),
    ),
  };
}

describe('rodas5p', () => {
  test('fulfils the conditions of order 5, those of order 4 of its embedded solution and its interpolant', () => {
    const found = Object.entries(residualsOf(rodas5pCoefficients));
    expect(found).toHaveLength(8);
    expect(found.filter(([, residual]) => !(residual < 2e-14))).toEqual([]);
  });

  test('of a higher order are neither', () => {
    const method = untransformed(rodas5pCoefficients);
    const full = (tree: { density: number }) => 1 / tree.density;
    expect(worst(method, method.weights['solution']!, 6, full)).toBeGreaterThan(1e-5);
    expect(worst(method, method.weights['embedded']!, 5, full)).toBeGreaterThan(1e-5);
  });

  const places = (['a', 'C', 'interpolant'] as const).flatMap((name) =>
    rodas5pCoefficients[name].flatMap((row, i) => row.map((_, j) => [name, i, j] as const)),
  );
  test('a change of one coefficient by 1e-9 is caught, whichever it is', () => {
    const { a, C, interpolant } = rodas5pCoefficients;
    expect(places).toHaveLength(28 + 28 + 24);
    for (const [name, i, j] of places) {
      // u_8, the error estimate, goes with h^5: no multiple of it changes an order of the interpolant up to 4.
      if (name === 'interpolant' && j === stages - 1) continue;
      const rows = { a, C, interpolant }[name].map((row) => [...row]);
      // And u_7 with h^4: only the conditions of order 4 see it, whose terms are large.
      rows[i]![j]! *= 1 + (name === 'interpolant' && j === stages - 2 ? 1e-7 : 1e-9);
      const found = Math.max(...Object.values(residualsOf({ ...rodas5pCoefficients, [name]: rows })));
      expect(found, `${name}[${i}][${j}]`).toBeGreaterThan(2e-13);
    }
    for (const name of ['c', 'd'] as const) {
      rodas5pCoefficients[name].forEach((value, i) => {
        if (value === 0) return;
        const changed = rodas5pCoefficients[name].with(i, value * (1 + 1e-9));
        const found = Math.max(...Object.values(residualsOf({ ...rodas5pCoefficients, [name]: changed })));
        expect(found, `${name}[${i}]`).toBeGreaterThan(2e-13);
      });
    }
    const gamma = rodas5pCoefficients.gamma * (1 + 1e-9);
    expect(residualsOf({ ...rodas5pCoefficients, gamma })['solution']).toBeGreaterThan(2e-13);
  });
});
