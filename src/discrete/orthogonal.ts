import { identity, inverse, ops, zeros } from '../program/index.ts';
import type { Draws, Initialiser, Scope, Value } from '../program/index.ts';
import { lowerPlaces } from './gaussian.ts';

/**
 * Ways to make an orthogonal matrix of free parameters, so that training cannot leave the orthogonal matrices:
 *
 * - 'householder': a product of reflections I - 2 v v^T / |v|^2 (Tomczak and Welling, 2016);
 * - 'cayley': (I + A)^-1 (I - A) for a skew-symmetric A; rotations without the eigenvalue -1;
 * - 'exponential': exp(A) for a skew-symmetric A; all rotations.
 */
export type OrthogonalForm = 'householder' | 'cayley' | 'exponential';

export const orthogonalForms: Readonly<Record<OrthogonalForm, (scope: Scope, n: number) => Value>> = {
  householder: (scope, n) => householder(scope, n, n),
  cayley(scope, n) {
    const skew = skewSymmetric(scope, n);
    const one = identity(n);
    return ops.matmul(inverse(ops.add(one, skew)), ops.sub(one, skew), 'nn');
  },
  exponential: (scope, n) => exponential(skewSymmetric(scope, n)),
};

/** A product of `count` reflections, [n, n]; `vectors` are the normals of their mirrors. */
export function householder(scope: Scope, n: number, count: number): Value {
  const vectors = scope.parameter('vectors', { k: count, n }, standardNormals);
  const flat = ops.reshape(vectors, { k: 1, n: count * n });
  let product: Value = identity(n);
  for (let i = 0; i < count; i++) {
    const v = ops.slice(flat, i * n, n);
    const along = ops.div(ops.matmul(product, v, 'nt'), ops.sum(ops.square(v), 'n'));
    product = ops.sub(product, ops.mul(2, ops.matmul(along, v, 'nn')));
  }
  return product;
}

const standardNormals: Initialiser = (draws, { k, n }) =>
  Float64Array.from({ length: k * n }, () => draws.normal());

/** A = -A^T with its n (n - 1) / 2 free entries as the parameter `skew`. */
function skewSymmetric(scope: Scope, n: number): Value {
  const places = lowerPlaces(n);
  if (places.length === 0) return zeros({ k: 1, n: 1 });
  const entries = scope.parameter('skew', { k: 1, n: places.length }, smallNormals);
  const lower = ops.reshape(ops.scatter(entries, places, n * n), { k: n, n });
  return ops.sub(lower, ops.transpose(lower));
}

function smallNormals(draws: Draws, { k, n }: { k: number; n: number }): Float64Array {
  return Float64Array.from({ length: k * n }, () => 0.1 * draws.normal());
}

/** 2^halvings times the norm up to which the series below is exact to rounding. */
const halvings = 8;
const terms = 12;

/**
 * The matrix exponential by its series at A / 2^8, squared eight times; exact to about 1e-13 for norms of A up to
 * 100 (Moler and Van Loan, 2003, method 3).
 */
export function exponential(A: Value): Value {
  const small = ops.mul(A, 2 ** -halvings);
  const one = identity(A.n);
  // Horner's scheme: I + S (I + S/2 (I + S/3 (...))).
  let result: Value = one;
  for (let i = terms; i >= 1; i--) result = ops.add(one, ops.div(ops.matmul(small, result, 'nn'), i));
  for (let i = 0; i < halvings; i++) result = ops.matmul(result, result, 'nn');
  return result;
}
