import { LiouvilleError } from '../errors.ts';
import { bijection, keyOf, wholeNumber } from '../flow/index.ts';
import type { Passage, Transform } from '../flow/index.ts';
import { uniformWithin, zeros } from '../nn/index.ts';
import { affine, constant, identity, ops, within } from '../program/index.ts';
import type { Scope, Value } from '../program/index.ts';
import { lowerPlaces } from './gaussian.ts';
import { byContext } from './by-context.ts';
import type { Given } from './by-context.ts';
import { tanhRoot } from './monotone-root.ts';
import { householder, orthogonalForms } from './orthogonal.ts';

/** Where the orthogonal columns come from (section 3.2 of the paper). */
export type SylvesterForm = 'orthogonal' | 'householder' | 'triangular';

/** Options of `sylvester`. */
export interface SylvesterOptions {
  /** Number of features of a row. */
  readonly dim: number;
  /** Width of the conditioning rows, in which R, S and b are linear (their diagonals before the tanh); default 0. */
  readonly contextDim?: number;
  /** Hidden units M; default dim. 'householder' and 'triangular' have dim of them. */
  readonly units?: number;
  /** Default 'householder'. */
  readonly form?: SylvesterForm;
  /** 'householder': how many reflections; default dim. */
  readonly reflections?: number;
  /** 'triangular': whether the order of the features is reversed; give layers in turn true and false. Default false. */
  readonly reversed?: boolean;
}

/**
 * The Sylvester flow (van den Berg, Hasenclever, Tomczak, Welling: Sylvester Normalizing Flows for Variational
 * Inference, UAI 2018, equations 8 to 13): with Q [dim, M] of orthonormal columns, R and S upper triangular,
 *
 *   z = x + Q R tanh(S Q^T x + b),   log|det dz/dx| = sum_i log(1 + r_ii s_ii (1 - tanh^2(...)_i)).
 *
 * r_ii and s_ii are tanh of parameters, so that r_ii s_ii > -1 and the map can be inverted. The inverse finds the
 * components of Q^T x from the last to the first, each by `tanhRoot`.
 *
 * Q: 'orthogonal' has M <= dim columns of a rotation by Cayley's transform (the paper iterates instead), 'householder' is
 * a product of reflections, 'triangular' the identity or the reversal of the features.
 *
 * @throws LiouvilleError 'invalid-argument' or 'unknown-name', naming the option.
 */
export function sylvester(options: SylvesterOptions): Transform {
  const dim = wholeNumber('dim', options.dim, 1);
  const contextDim = wholeNumber('contextDim', options.contextDim ?? 0, 0);
  const form = keyOf('form', options.form ?? 'householder', columns);
  const units = wholeNumber('units', options.units ?? dim, 1, dim);
  if (form !== 'orthogonal' && units !== dim) {
    throw new LiouvilleError(
      'invalid-argument',
      `units: expected ${dim}, the dim, for the form '${form}'; got ${units}.`,
    );
  }
  const parts = (scope: Scope, context: Value | null): Parts => {
    const shape = { k: 1, n: units };
    const given = byContext(scope, context);
    const diagonal = (name: string): Value => ops.tanh(given(name, shape, uniformWithin(0.5)));
    const [r, s] = [diagonal('r_diagonal'), diagonal('s_diagonal')];
    return {
      Q: columns[form](scope, dim, units, options),
      R: upper(given, 'r', units, r),
      S: upper(given, 's', units, s),
      r,
      s,
      b: given('b', shape, zeros),
    };
  };
  const logDetAt = (bent: Value, { r, s }: Parts): Value =>
    ops.sum(ops.log1p(ops.mul(ops.mul(r, s), ops.sub(1, ops.square(bent)))), 'n');
  return bijection({
    dim,
    contextDim,
    forward: (scope, x, context) =>
      within(scope.path, (): Passage => {
        const all = parts(scope, context);
        const { Q, R, S, b } = all;
        const bent = ops.tanh(affine(ops.matmul(x, Q, 'nn'), S, b));
        const moved = ops.matmul(ops.matmul(bent, R, 'nt'), Q, 'nt');
        return { x: ops.add(x, moved), logDet: logDetAt(bent, all) };
      }),
    inverse: (scope, z, context) =>
      within(scope.path, (): Passage => {
        const all = parts(scope, context);
        const { Q, R } = all;
        const bent = bentOf(ops.matmul(z, Q, 'nn'), all);
        const moved = ops.matmul(ops.matmul(bent, R, 'nt'), Q, 'nt');
        return { x: ops.sub(z, moved), logDet: ops.neg(logDetAt(bent, all)) };
      }),
  });
}

interface Parts {
  readonly Q: Value;
  readonly R: Value;
  readonly S: Value;
  /** The diagonals of R and S. */
  readonly r: Value;
  readonly s: Value;
  readonly b: Value;
}

/** tanh(S v + b) for the v with v + R tanh(S v + b) = y, from the last component to the first. */
function bentOf(y: Value, { R, S, r, s, b }: Parts): Value {
  const M = y.n;
  const rowOf = (matrix: Value, i: number): Value => {
    const flat = ops.reshape(matrix, { k: 1, n: M * M });
    return ops.slice(flat, i * M + i + 1, M - i - 1);
  };
  // Components i + 1, ... , M - 1 of v and of tanh(S v + b).
  let v: Value | null = null;
  let bent: Value | null = null;
  for (let i = M - 1; i >= 0; i--) {
    const at = (x: Value): Value => ops.slice(x, i, 1);
    const target = bent === null ? at(y) : ops.sub(at(y), ops.matmul(bent, rowOf(R, i), 'nt'));
    const offset = v === null ? at(b) : ops.add(ops.matmul(v, rowOf(S, i), 'nt'), at(b));
    const vi = tanhRoot(target, at(r), at(s), offset);
    const ti = ops.tanh(ops.add(ops.mul(at(s), vi), offset));
    v = v === null ? vi : ops.concat([vi, v]);
    bent = bent === null ? ti : ops.concat([ti, bent]);
  }
  return bent!;
}

const columns: Readonly<
  Record<SylvesterForm, (scope: Scope, dim: number, units: number, options: SylvesterOptions) => Value>
> = {
  orthogonal: (scope, dim, units) => ops.slice(orthogonalForms.cayley(scope, dim), 0, units),
  householder: (scope, dim, _units, { reflections }) =>
    householder(scope, dim, wholeNumber('reflections', reflections ?? dim, 1)),
  triangular(_scope, dim, _units, { reversed }) {
    if (reversed !== true) return identity(dim);
    const places = Float64Array.from({ length: dim * dim }, (_, i) =>
      Number((i % dim) + Math.floor(i / dim) === dim - 1),
    );
    return constant(places, { k: dim, n: dim });
  },
};

/** An upper triangular matrix with this diagonal; the other entries are a parameter. */
function upper(given: Given, name: string, n: number, diagonal: Value): Value {
  const onDiagonal = ops.mul(identity(n), diagonal);
  const places = lowerPlaces(n);
  if (places.length === 0) return onDiagonal;
  const entries = given(name, { k: 1, n: places.length }, uniformWithin(0.5 / Math.sqrt(n)));
  const lower = ops.reshape(ops.scatter(entries, places, n * n), { k: n, n });
  return ops.add(ops.transpose(lower), onDiagonal);
}
