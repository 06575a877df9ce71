import { LiouvilleError } from '../errors.ts';
import { bijection, createFlow, refuseUnknown, standardNormal, wholeNumber } from '../flow/index.ts';
import type { Flow, ModelOptions, Transform } from '../flow/index.ts';
import { linear, zeros } from '../nn/index.ts';
import { ops, within } from '../program/index.ts';
import type { Scope, Value } from '../program/index.ts';

/**
 * The Gaussian with a full covariance matrix, as a flow: the baseline that every other model has to beat. With
 * Cov = S L L^T S, S = diag(exp(logScale)), L lower triangular with a diagonal of ones,
 *
 *   L z = (x - mean) / exp(logScale),   log|det dz/dx| = -sum logScale.
 *
 * Parameters: `mean` and `logScale`, [1, dim]; `lower`, the entries of L below its diagonal, row by row; and with a
 * context c the mean moves along with it, mean + c W^T, `context.weight` W [dim, contextDim].
 *
 * `fitGaussian` finds them in closed form.
 *
 * @throws LiouvilleError 'invalid-argument' or 'unknown-name', naming the option.
 * @example
 * const flow = gaussian({ dim: 2 });
 * fitGaussian(flow, rows);
 */
export function gaussian(options: ModelOptions): Flow {
  refuseUnknown('option of gaussian', options, ['dim', 'contextDim', 'seed']);
  const dim = wholeNumber('dim', options.dim, 1);
  const contextDim = wholeNumber('contextDim', options.contextDim ?? 0, 0);
  return createFlow({
    name: 'gaussian',
    transform: whitening(dim, contextDim),
    base: standardNormal(dim),
    configuration: { model: 'gaussian', options: { ...options } },
    seed: options.seed,
  });
}

function whitening(dim: number, contextDim: number): Transform {
  return bijection({
    dim,
    contextDim,
    forward: (scope, x, context) =>
      within(scope.path, () => {
        const logScale = scope.parameter('logScale', { k: 1, n: dim }, zeros);
        const centred = ops.mul(ops.sub(x, meanOf(scope, dim, context)), ops.exp(ops.neg(logScale)));
        const lower = lowerTriangle(scope, dim);
        const z =
          lower === null ? centred : ops.triangularSolve(lower, centred, { upper: false, unit: true });
        return { x: z, logDet: ops.neg(ops.sum(logScale, 'n')) };
      }),
    inverse: (scope, z, context) =>
      within(scope.path, () => {
        const logScale = scope.parameter('logScale', { k: 1, n: dim }, zeros);
        const lower = lowerTriangle(scope, dim);
        const mixed = lower === null ? z : ops.add(z, ops.matmul(z, lower, 'nt'));
        const x = ops.add(ops.mul(mixed, ops.exp(logScale)), meanOf(scope, dim, context));
        return { x, logDet: ops.sum(logScale, 'n') };
      }),
  });
}

function meanOf(scope: Scope, dim: number, context: Value | null): Value {
  const mean = scope.parameter('mean', { k: 1, n: dim }, zeros);
  if (context === null) return mean;
  return ops.add(mean, linear(scope.at('context'), context, dim, { bias: false, initialise: zeros }));
}

/** L without its ones, as a square matrix; null in one dimension, where there is nothing below the diagonal. */
function lowerTriangle(scope: Scope, dim: number): Value | null {
  const places = lowerPlaces(dim);
  if (places.length === 0) return null;
  const entries = scope.parameter('lower', { k: 1, n: places.length }, zeros);
  return ops.reshape(ops.scatter(entries, places, dim * dim), { k: dim, n: dim });
}

/** The largest square matrix that is traced entry by entry: its places alone take a quarter of a gigabyte. */
const widestMatrix = 8192;

/** Where the entries below the diagonal stand in a row-major square matrix, row by row. */
export function lowerPlaces(dim: number): number[] {
  if (dim > widestMatrix) {
    throw new LiouvilleError(
      'invalid-argument',
      `dim: a matrix of ${dim} x ${dim} parameters is too large; expected at most ${widestMatrix}.`,
    );
  }
  return Array.from({ length: dim }, (_, i) => Array.from({ length: i }, (_, j) => i * dim + j)).flat();
}
