import { LiouvilleError } from '../errors.ts';
import { bijection, keyOf, wholeNumber } from '../flow/index.ts';
import type { Transform } from '../flow/index.ts';
import { zeros } from '../nn/index.ts';
import { affine, constant, identity, inverse, logAbsDet, ops, scalar, within } from '../program/index.ts';
import type { Draws, Scope, Shape, Value } from '../program/index.ts';
import { lowerPlaces } from './gaussian.ts';
import { householder, orthogonalForms } from './orthogonal.ts';
import type { OrthogonalForm } from './orthogonal.ts';
import { randomPermutation } from './permutation.ts';

/** Options of the linear maps. */
export interface LinearFlowOptions {
  /** Number of features of a row. */
  readonly dim: number;
  /**
   * Rows that are images: one matrix mixes the channels of every pixel (Kingma and Dhariwal: Glow, NeurIPS 2018,
   * section 3.2), feature i being channel i mod channels. Default: dim, one matrix for all features.
   */
  readonly channels?: number;
  /** Default true. */
  readonly bias?: boolean;
}

/** A matrix, its inverse and log|det|, all of parameters: computed once per call. */
interface Factors {
  readonly matrix: Value;
  readonly inverse: () => Value;
  readonly logDet: Value;
}

/** z = W x + b with W any matrix, which begins near the identity. */
export function linearMap(options: LinearFlowOptions): Transform {
  return linearOf('linearMap', options, (scope, n) => {
    const matrix = scope.parameter('weight', { k: n, n }, nearIdentity);
    return { matrix, inverse: () => inverse(matrix), logDet: logAbsDet(matrix) };
  });
}

/** z = T x + b with T triangular; its diagonal is exp of a parameter. It begins as the identity. */
export function triangularMap(options: LinearFlowOptions & { readonly upper?: boolean }): Transform {
  const { upper = false } = options;
  return linearOf('triangularMap', options, (scope, n) => {
    const logDiagonal = scope.parameter('log_diagonal', { k: 1, n }, zeros);
    const matrix = triangle(scope, 'off_diagonal', n, upper, ops.exp(logDiagonal));
    return {
      matrix,
      inverse: () => solved(matrix, upper),
      logDet: ops.sum(logDiagonal, 'n'),
    };
  });
}

/**
 * z = P L U x + b, P a fixed permutation drawn with `seed`, L lower triangular with ones, U upper triangular with the
 * diagonal s exp(d), s fixed signs (Glow, equation 10). log|det| = sum d.
 *
 * @throws LiouvilleError 'invalid-argument', naming the argument.
 */
export function luMap(options: LinearFlowOptions & { readonly seed?: number }): Transform {
  const seed = wholeNumber('seed', options.seed ?? 0, 0, Number.MAX_SAFE_INTEGER);
  return linearOf('luMap', options, (scope, n) => {
    const order = randomPermutation(n, seed);
    const logDiagonal = scope.parameter('log_diagonal', { k: 1, n }, zeros);
    const lower = triangle(scope, 'lower', n, false, constant(new Float64Array(n).fill(1), { k: 1, n }));
    const upper = triangle(scope, 'upper', n, true, ops.exp(logDiagonal));
    // Row i of P y is y[order[i]].
    const permuted = (y: Value): Value => ops.transpose(ops.take(ops.transpose(y), order));
    const P = permuted(identity(n));
    return {
      matrix: permuted(ops.matmul(lower, upper, 'nn')),
      inverse: () => ops.matmul(ops.matmul(solved(upper, true), solved(lower, false, true), 'nn'), P, 'nt'),
      logDet: ops.sum(logDiagonal, 'n'),
    };
  });
}

/**
 * z = Q R x + b, Q a product of reflections (default dim of them), R upper triangular with the diagonal exp(d).
 *
 * @throws LiouvilleError 'invalid-argument', naming the argument.
 */
export function qrMap(options: LinearFlowOptions & { readonly reflections?: number }): Transform {
  const width = options.channels ?? options.dim;
  const reflections = wholeNumber('reflections', options.reflections ?? width, 1);
  return linearOf('qrMap', options, (scope, n) => {
    const Q = householder(scope, n, reflections);
    const logDiagonal = scope.parameter('log_diagonal', { k: 1, n }, zeros);
    const R = triangle(scope, 'upper', n, true, ops.exp(logDiagonal));
    return {
      matrix: ops.matmul(Q, R, 'nn'),
      inverse: () => ops.matmul(solved(R, true), Q, 'nt'),
      logDet: ops.sum(logDiagonal, 'n'),
    };
  });
}

/**
 * z = Q x + b with Q orthogonal whatever its parameters are; logDet is 0 and the inverse is Q^T.
 *
 * @throws LiouvilleError 'unknown-name' for the form, 'invalid-argument' naming any other argument.
 */
export function orthogonalMap(options: LinearFlowOptions & { readonly form?: OrthogonalForm }): Transform {
  const form = orthogonalForms[keyOf('form', options.form ?? 'householder', orthogonalForms)];
  return linearOf('orthogonalMap', options, (scope, n) => {
    const Q = form(scope, n);
    return { matrix: Q, inverse: () => ops.transpose(Q), logDet: scalar(0) };
  });
}

function linearOf(
  name: string,
  options: LinearFlowOptions,
  factorsOf: (scope: Scope, n: number) => Factors,
): Transform {
  const dim = wholeNumber('dim', options.dim, 1);
  const channels = wholeNumber('channels', options.channels ?? dim, 1);
  const pixels = dim / channels;
  if (!Number.isInteger(pixels)) {
    throw new LiouvilleError(
      'invalid-argument',
      `channels of ${name}: expected a divisor of dim ${dim}; got ${channels}.`,
    );
  }
  const shape: Shape = { k: pixels, n: channels };
  const flat: Shape = { k: 1, n: dim };
  const biasOf = (scope: Scope): Value | null =>
    options.bias === false ? null : scope.parameter('bias', { k: 1, n: channels }, zeros);
  return bijection({
    dim,
    forward: (scope, x) =>
      within(scope.path, () => {
        const { matrix, logDet } = factorsOf(scope, channels);
        const bias = biasOf(scope);
        const z = affine(ops.reshape(x, shape), matrix, bias ?? undefined);
        return { x: ops.reshape(z, flat), logDet: ops.mul(pixels, logDet) };
      }),
    inverse: (scope, z) =>
      within(scope.path, () => {
        const { inverse: back, logDet } = factorsOf(scope, channels);
        const bias = biasOf(scope);
        const rows = ops.reshape(z, shape);
        const x = affine(bias === null ? rows : ops.sub(rows, bias), back());
        return { x: ops.reshape(x, flat), logDet: ops.mul(-pixels, logDet) };
      }),
  });
}

/** A triangular matrix of a row of diagonal entries and a parameter with the others. */
function triangle(scope: Scope, name: string, n: number, upper: boolean, diagonal: Value): Value {
  const onDiagonal = ops.mul(identity(n), diagonal);
  const places = lowerPlaces(n);
  if (places.length === 0) return onDiagonal;
  const entries = scope.parameter(name, { k: 1, n: places.length }, zeros);
  const lower = ops.reshape(ops.scatter(entries, places, n * n), { k: n, n });
  return ops.add(upper ? ops.transpose(lower) : lower, onDiagonal);
}

/** The inverse of a triangular matrix. */
function solved(T: Value, upper: boolean, unit = false): Value {
  // Rows solve T z = e_i: they are the columns of the inverse.
  return ops.transpose(ops.triangularSolve(T, identity(T.n), { upper, unit }));
}

function nearIdentity(draws: Draws, { n }: Shape): Float64Array {
  const spread = 0.1 / Math.sqrt(n);
  return Float64Array.from({ length: n * n }, (_, i) => Number(i % (n + 1) === 0) + spread * draws.normal());
}
