import { LiouvilleError } from '../errors.ts';
import { batchOf } from '../flow/batch.ts';
import type { Flow } from '../flow/index.ts';
import type { BatchLike } from '../matrix.ts';
import { lowerPlaces } from './gaussian.ts';

/**
 * Gives a `gaussian` flow the parameters of greatest likelihood: the mean of the rows and the Cholesky factor of their
 * covariance, (1/n) sum (x - mean)(x - mean)^T.
 *
 * @throws LiouvilleError 'invalid-argument' for another flow or one with context, 'shape-mismatch' or 'invalid-data' for
 * the rows, and 'invalid-data' naming the first column that is a combination of earlier ones: then the likelihood has no
 * maximum.
 */
export function fitGaussian(flow: Flow, x: BatchLike): void {
  if (flow.configuration.model !== 'gaussian' || flow.contextDim > 0) {
    throw new LiouvilleError(
      'invalid-argument',
      `flow: expected a gaussian without context; got '${flow.name}' with contextDim ${flow.contextDim}.`,
    );
  }
  const { dim } = flow;
  const { data, rows } = batchOf(x, 'x', { cols: dim });
  const mean = new Float64Array(dim);
  for (let k = 0; k < data.length; k++) mean[k % dim]! += data[k]! / rows;
  const factor = cholesky(covariance(data, rows, mean), dim);
  const scale = Float64Array.from({ length: dim }, (_, i) => factor[i * dim + i]!);
  flow.parameters.set('mean', mean);
  flow.parameters.set('logScale', scale.map(Math.log));
  // Cov = C C^T with C = S L, so that S is the diagonal of C and row i of L that of C over its scale.
  if (dim > 1) {
    const lower = lowerPlaces(dim).map((place) => factor[place]! / scale[Math.floor(place / dim)]!);
    flow.parameters.set('lower', lower);
  }
}

function covariance(data: ArrayLike<number>, rows: number, mean: Float64Array): Float64Array {
  const dim = mean.length;
  const sums = new Float64Array(dim * dim);
  const centred = new Float64Array(dim);
  for (let row = 0; row < rows; row++) {
    for (let j = 0; j < dim; j++) centred[j] = data[row * dim + j]! - mean[j]!;
    for (let i = 0; i < dim; i++) {
      for (let j = 0; j <= i; j++) sums[i * dim + j]! += (centred[i]! * centred[j]!) / rows;
    }
  }
  return sums;
}

/** Below this share of a column's variance, what earlier columns leave of it is rounding. */
const LEAST_SHARE = 1e-12;

/** C with C C^T = A, from the lower triangle of A. */
function cholesky(A: Float64Array, dim: number): Float64Array {
  const C = new Float64Array(dim * dim);
  for (let i = 0; i < dim; i++) {
    for (let j = 0; j <= i; j++) {
      let rest = A[i * dim + j]!;
      for (let k = 0; k < j; k++) rest -= C[i * dim + k]! * C[j * dim + k]!;
      if (i !== j) C[i * dim + j] = rest / C[j * dim + j]!;
      else if (rest > LEAST_SHARE * A[i * dim + i]!) C[i * dim + i] = Math.sqrt(rest);
      else {
        throw new LiouvilleError(
          'invalid-data',
          `x: column ${i} is constant, or a combination of the columns before it: the covariance has no inverse.`,
        );
      }
    }
  }
  return C;
}
