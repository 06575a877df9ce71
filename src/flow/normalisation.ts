import { LiouvilleError } from '../errors.ts';
import { filled, ops } from '../program/index.ts';
import type { Scope, Value } from '../program/index.ts';
import { wholeNumber } from './model-options.ts';
import { bijection } from './transform.ts';
import type { Passage, Transform } from './transform.ts';

/** Options of `movingBatchNorm`. */
export interface MovingBatchNormOptions {
  /** Number of features of a row. */
  readonly dim: number;
  /**
   * The share of the batch in what training normalises by; the rest is that of the running statistics. 1 is batch
   * normalisation as RealNVP and MAF use it; default 0, the moving one of FFJORD, whose training sees no batch.
   */
  readonly batchShare?: number;
  /** The share of a new batch in the running statistics; default 0.1. */
  readonly decay?: number;
  /** Keeps the division away from zero; default 1e-4. */
  readonly epsilon?: number;
}

/**
 * Batch normalisation with running statistics (the layers between blocks of the published FFJORD code; Dinh,
 * Sohl-Dickstein, Bengio, RealNVP, ICLR 2017, appendix E):
 *
 *   z = (x - mean) / sqrt(var + epsilon) * exp(weight) + bias,   log|det| = sum(weight - log(var + epsilon) / 2)
 *
 * `weight` and `bias` are trained and begin at 0; `running_mean`, `running_var` and `step` are state. The running
 * variance is the unbiased one, as in PyTorch.
 *
 * @throws LiouvilleError 'invalid-argument' for a share or decay outside [0, 1], or an epsilon that is not positive.
 */
export function movingBatchNorm(options: MovingBatchNormOptions): Transform {
  const { dim, batchShare = 0, decay = 0.1, epsilon = 1e-4 } = options;
  checkShare('batchShare', batchShare);
  checkShare('decay', decay);
  if (!(epsilon > 0 && epsilon < Infinity)) {
    throw new LiouvilleError('invalid-argument', `epsilon: expected a positive number; got ${epsilon}.`);
  }
  const shape = { k: 1, n: dim };
  const partsOf = (scope: Scope): BatchNormParts => {
    scope.state('step', { k: 1, n: 1 }, filled(0));
    return {
      weight: scope.parameter('weight', shape, filled(0)),
      bias: scope.parameter('bias', shape, filled(0)),
      mean: scope.state('running_mean', shape, filled(0)),
      variance: scope.state('running_var', shape, filled(1)),
    };
  };
  const logScaleOf = ({ weight, variance }: BatchNormParts): Value =>
    ops.sub(weight, ops.mul(0.5, ops.log(ops.add(variance, epsilon))));
  const normalised = (x: Value, parts: BatchNormParts): Passage => {
    const logScale = logScaleOf(parts);
    const z = ops.add(ops.mul(ops.sub(x, parts.mean), ops.exp(logScale)), parts.bias);
    return { x: z, logDet: ops.sum(logScale, 'n') };
  };
  const mixed = (kept: Value, ofBatch: Value): Value =>
    ops.add(ops.mul(1 - batchShare, kept), ops.mul(batchShare, ofBatch));
  return bijection({
    dim,
    forward: (scope, x) => normalised(x, partsOf(scope)),
    inverse(scope, z) {
      const parts = partsOf(scope);
      const logScale = logScaleOf(parts);
      const x = ops.add(ops.mul(ops.sub(z, parts.bias), ops.exp(ops.neg(logScale))), parts.mean);
      return { x, logDet: ops.neg(ops.sum(logScale, 'n')) };
    },
    batch: {
      apply(scope, x, _context, { mean, variance }) {
        const parts = partsOf(scope);
        return normalised(x, {
          ...parts,
          mean: mixed(parts.mean, mean),
          variance: mixed(parts.variance, variance),
        });
      },
      update({ rows, mean, variance }, values) {
        const unbiased = variance.map((value) => (value * rows) / Math.max(1, rows - 1));
        moveTowards(values.state('running_mean'), mean, decay);
        moveTowards(values.state('running_var'), unbiased, decay);
        const step = values.state('step');
        step[0] = step[0]! + 1;
      },
    },
  });
}

interface BatchNormParts {
  readonly weight: Value;
  readonly bias: Value;
  readonly mean: Value;
  readonly variance: Value;
}

/**
 * Activation normalisation: z = x exp(s) + b with trained s and b (Glow, section 3.1), which `flow.initialise`, as `fit` calls it, sets so that
 * the first batch leaves with mean 0 and deviation 1. The state `initialised` remembers that: a flow that was saved
 * and loaded does not do it again. A feature that is constant in the batch is moved only.
 *
 * @throws LiouvilleError 'invalid-argument', naming the argument.
 */
export function actNorm(options: { readonly dim: number }): Transform {
  const dim = wholeNumber('dim', options.dim, 1);
  const shape = { k: 1, n: dim };
  const parts = (scope: Scope): { logScale: Value; shift: Value } => {
    scope.state('initialised', { k: 1, n: 1 }, filled(0));
    return {
      logScale: scope.parameter('log_scale', shape, filled(0)),
      shift: scope.parameter('shift', shape, filled(0)),
    };
  };
  return bijection({
    dim,
    forward(scope, x) {
      const { logScale, shift } = parts(scope);
      return { x: ops.add(ops.mul(x, ops.exp(logScale)), shift), logDet: ops.sum(logScale, 'n') };
    },
    inverse(scope, z) {
      const { logScale, shift } = parts(scope);
      const back = ops.neg(logScale);
      return { x: ops.mul(ops.sub(z, shift), ops.exp(back)), logDet: ops.sum(back, 'n') };
    },
    initialise({ data, rows }, values) {
      const initialised = values.state('initialised');
      if (initialised[0] === 1) return;
      initialised[0] = 1;
      const [logScale, shift] = [values.parameter('log_scale'), values.parameter('shift')];
      for (let j = 0; j < dim; j++) {
        let [mean, variance] = [0, 0];
        for (let row = 0; row < rows; row++) mean += data[row * dim + j]! / rows;
        for (let row = 0; row < rows; row++) variance += (data[row * dim + j]! - mean) ** 2 / rows;
        // What a constant feature seems to vary by is rounding.
        const scale = variance > 1e-20 * mean * mean ? 1 / Math.sqrt(variance) : 1;
        logScale[j] = Math.log(scale);
        shift[j] = -mean * scale;
      }
    },
  });
}

function moveTowards(kept: Float64Array, found: Float64Array, share: number): void {
  kept.forEach((value, j) => (kept[j] = value + share * (found[j]! - value)));
}

function checkShare(name: string, value: number): void {
  if (value >= 0 && value <= 1) return;
  throw new LiouvilleError('invalid-argument', `${name}: expected a number from 0 to 1; got ${value}.`);
}
