import { LiouvilleError } from '../errors.ts';
import { checkPositive, invalid } from './checks.ts';

/**
 * How the errors of the components make one number: 'rms', sqrt(mean of r_i^2), or 'max', max |r_i|, of the ratios r_i
 * of error to tolerance. With weights, w_i r_i takes the place of r_i and the mean is over the components whose weight is
 * not zero: a weight of zero makes it a seminorm, to which the component does not count.
 *
 * A seminorm is what the parameter integrals of a continuous adjoint want: Kidger, Chen, Lyons, "Hey, that's not an ODE":
 * Faster ODE Adjoints via Seminorms, ICML 2021.
 */
export interface ErrorNorm {
  readonly kind: 'rms' | 'max';
  readonly weights?: ArrayLike<number> | undefined;
}

/** The tolerances of n components, and the norm in which errors are measured against them. */
export class Tolerance {
  readonly rtol: Float64Array;
  readonly atol: Float64Array;
  private readonly weights: Float64Array | null;
  private readonly counted: number;
  private readonly largest: boolean;
  private readonly ratios: Float64Array;

  /** @throws LiouvilleError for tolerances that are not positive, or not one or n of them. */
  constructor(
    n: number,
    rtol: number | ArrayLike<number>,
    atol: number | ArrayLike<number>,
    norm: 'rms' | 'max' | ErrorNorm = 'rms',
  ) {
    const { kind, weights } = typeof norm === 'string' ? { kind: norm } : norm;
    if (kind !== 'rms' && kind !== 'max') throw invalid('norm', "'rms' or 'max'", kind);
    this.rtol = perComponent('rtol', rtol, n);
    this.atol = perComponent('atol', atol, n);
    this.largest = kind === 'max';
    this.weights = weights === undefined ? null : weightsOf(weights, n);
    this.counted = this.weights === null ? n : this.weights.filter((weight) => weight !== 0).length;
    this.ratios = new Float64Array(n);
  }

  /** What an error of component i is measured against, where |y_i| is `size`. */
  scale(i: number, size: number): number {
    return this.atol[i]! + this.rtol[i]! * size;
  }

  /** The norm of v_i / (atol_i + rtol_i |y_i|). Hairer, Norsett, Wanner I, (II.4.11). */
  norm(v: Float64Array, y: Float64Array): number {
    for (let i = 0; i < v.length; i++) this.ratios[i] = v[i]! / this.scale(i, Math.abs(y[i]!));
    return this.normOfRatios(this.ratios);
  }

  /** Of ratios of errors to tolerances; summed by increasing i. NaN when one of them is. */
  normOfRatios(ratios: Float64Array): number {
    const { weights, largest } = this;
    let sum = 0;
    let most = 0;
    for (let i = 0; i < ratios.length; i++) {
      let ratio = ratios[i]!;
      if (weights !== null) {
        // Also where the ratio is not finite, the step is refused.
        if (weights[i] === 0 && ratio - ratio === 0) continue;
        ratio *= weights[i] === 0 ? 1 : weights[i]!;
      }
      sum += ratio * ratio;
      if (!(Math.abs(ratio) <= most)) most = Math.abs(ratio);
      if (Number.isNaN(most)) return NaN;
    }
    return largest ? most : Math.sqrt(sum / this.counted);
  }
}

function perComponent(name: string, given: number | ArrayLike<number>, n: number): Float64Array {
  if (typeof given !== 'object' || given === null) {
    checkPositive(name, given);
    return new Float64Array(n).fill(given);
  }
  checkLength(name, given, n);
  for (let i = 0; i < n; i++) checkPositive(`${name}[${i}]`, given[i]!);
  return Float64Array.from(given);
}

function weightsOf(given: ArrayLike<number>, n: number): Float64Array {
  checkLength('norm.weights', given, n);
  for (let i = 0; i < n; i++) {
    if (!(given[i]! >= 0 && given[i]! < Infinity)) {
      throw invalid(`norm.weights[${i}]`, 'a finite number >= 0', given[i]);
    }
  }
  const weights = Float64Array.from(given);
  if (weights.every((weight) => weight === 0)) throw invalid('norm.weights', 'one that is not zero', 'none');
  return weights;
}

function checkLength(name: string, given: ArrayLike<number>, n: number): void {
  if (given.length === n) return;
  throw new LiouvilleError(
    'shape-mismatch',
    `${name} has ${given.length} entries; expected one number, or one for each of the ${n} components of y0.`,
  );
}
