import { bijection, fewestTerms, reaches, wholeNumber, widths } from '../flow/index.ts';
import type { BatchRule, Estimate, Passage, Trace, Transform } from '../flow/index.ts';
import {
  identity,
  logAbsDet,
  inverse as inverseOfMatrix,
  ops,
  pullback,
  pushforward,
  scalar,
  within,
} from '../program/index.ts';
import type { Scope, Shape, Value } from '../program/index.ts';
import { LiouvilleError } from '../errors.ts';
import { numberAbove } from './check.ts';
import { lipschitzNetwork, settleVectors } from './lipschitz.ts';

/** Options of `residual`. */
export interface ResidualOptions {
  /** Number of features of a row. */
  readonly dim: number;
  /** Width of the conditioning rows, which the network sees beside x; default 0. */
  readonly contextDim?: number;
  /** Widths of the network's hidden layers; default [64, 64]. */
  readonly hidden?: readonly number[];
  /** What g changes distances by at most, below 1; default 0.9. */
  readonly coefficient?: number;
}

/** The fixed point is taken to this share of |g(z)|, by the bound coefficient^n / (1 - coefficient). */
const inverseTolerance = 1e-6;

/** Above this dim the inverse ends with the fixed point, and no Newton step follows. */
const mostForNewton = 64;

/**
 * An invertible residual block z = x + g(x), |g(x) - g(y)| <= coefficient |x - y| (Behrmann et al.: Invertible Residual Networks,
 * ICML 2019; Chen, Behrmann, Duvenaud, Jacobsen: Residual Flows for Invertible Generative Modeling, NeurIPS 2019).
 *
 * logDet = log|det(I + J)|, J = dg/dx. With `trace: 'exact'` it is that determinant (dim tangents and an elimination for each row).
 * With 'hutchinson' it is estimated without bias by sum_k (-1)^(k + 1) / (k P(N >= k)) v^T J^k v over N terms, N drawn by Russian
 * roulette from the seed of the call, v a probe (equation 6 of the second paper); its gradient is the Neumann estimate
 * sum_k (-1)^k / P(N >= k) v^T J^k (dJ) v (equation 8), which differentiates one product and not the whole series.
 *
 * The inverse iterates x <- z - g(x) until the bound coefficient^n / (1 - coefficient) |g(z)| is 1e-6 |g(z)| (153 times for 0.9); for
 * dim <= 64 a Newton step then takes it to rounding, and carries the derivatives.
 *
 * @throws LiouvilleError 'invalid-argument' for a coefficient that is not in (0, 1).
 */
export function residual(options: ResidualOptions): Transform {
  const dim = wholeNumber('dim', options.dim, 1);
  const contextDim = wholeNumber('contextDim', options.contextDim ?? 0, 0);
  const hidden = widths('hidden', options.hidden ?? [64, 64]);
  const coefficient = numberAbove('coefficient', options.coefficient ?? 0.9, 0);
  if (coefficient >= 1) {
    throw new LiouvilleError(
      'invalid-argument',
      `coefficient: expected a number below 1; got ${coefficient}.`,
    );
  }
  const iterations = Math.ceil(Math.log(inverseTolerance * (1 - coefficient)) / Math.log(coefficient));
  const g = (scope: Scope, x: Value, context: Value | null): Value => {
    const seen = context === null ? x : ops.concat([x, context]);
    return lipschitzNetwork(scope.at('network'), seen, { hidden, outputs: dim, coefficient });
  };
  const forward = (scope: Scope, x: Value, context: Value | null, estimate?: Estimate): Passage =>
    within(scope.path, () => {
      const moved = g(scope, x, context);
      return { x: ops.add(x, moved), logDet: logDetOf(moved, x, estimate) };
    });
  const batch: BatchRule = {
    apply: (scope, x, context, _statistics, estimate) => forward(scope, x, context, estimate),
    update: settleVectors('network', hidden.length + 1),
  };
  return bijection({
    dim,
    contextDim,
    noiseShape: ({ method, probes }: Trace): Shape | null =>
      method === 'hutchinson' ? { k: probes, n: dim } : null,
    forward,
    inverse: (scope, z, context, estimate) =>
      within(scope.path, () => {
        let x: Value = z;
        for (let i = 0; i < iterations; i++) x = ops.sub(z, g(scope, x, context));
        if (dim <= mostForNewton) x = newtonStep(ops.stopGradient(x), z, (at) => g(scope, at, context));
        const moved = g(scope, x, context);
        return { x, logDet: ops.neg(logDetOf(moved, x, estimate)) };
      }),
    batch,
  });
}

/** dz/dx of z = x + g(x), [dim, dim], row i the derivatives of z_i. */
function jacobianOf(moved: Value, x: Value): Value {
  const [columns] = pushforward([moved], [x], [identity(x.n)]);
  return ops.add(ops.transpose(columns!), identity(x.n));
}

/** One step towards x + g(x) = z; at its fixed point it has the derivatives of the solution by z and by g. */
function newtonStep(start: Value, z: Value, g: (x: Value) => Value): Value {
  const moved = g(start);
  const back = ops.stopGradient(inverseOfMatrix(jacobianOf(moved, start)));
  return ops.sub(start, ops.matmul(ops.sub(ops.add(start, moved), z), back, 'nt'));
}

function logDetOf(moved: Value, x: Value, estimate: Estimate | undefined): Value {
  const method = estimate?.trace.method ?? 'exact';
  if (method === 'none') return scalar(0);
  if (method === 'exact') return logAbsDet(jacobianOf(moved, x));
  const { k, n } = estimate!.noise!;
  const probes = ops.reshape(estimate!.noise!, { k: 1, n: k * n });
  let sum: Value = scalar(0);
  for (let i = 0; i < k; i++) {
    const probe = ops.slice(probes, i * n, n);
    sum = ops.add(sum, estimated(moved, x, probe, estimate!.trace.terms ?? fewestTerms));
  }
  return ops.div(sum, k);
}

/** The value of the power series, with the gradient of the Neumann series. */
function estimated(moved: Value, x: Value, probe: Value, terms: number): Value {
  let power: Value = probe;
  let series: Value = scalar(0);
  let neumann: Value = probe;
  for (let k = 1; k <= terms; k++) {
    [power] = pullback([moved], [x], [power]) as [Value];
    const sign = k % 2 === 1 ? 1 : -1;
    series = ops.add(series, ops.mul(sign / (k * reaches(k)), ops.sum(ops.mul(power, probe), 'n')));
    if (k < terms) neumann = ops.sub(neumann, ops.mul(sign / reaches(k + 1), power));
  }
  const [along] = pushforward([moved], [x], [probe]) as [Value];
  const slope = ops.sum(ops.mul(ops.stopGradient(neumann), along), 'n');
  return ops.add(ops.stopGradient(ops.sub(series, slope)), slope);
}
