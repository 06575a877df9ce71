import { bijection, wholeNumber } from '../flow/index.ts';
import type { Passage, Transform } from '../flow/index.ts';
import { uniformWithin, zeros } from '../nn/index.ts';
import { ops, scalar, within } from '../program/index.ts';
import type { Scope, Value } from '../program/index.ts';
import { byContext } from './by-context.ts';
import { tanhRoot } from './monotone-root.ts';

/**
 * The planar flow (Rezende and Mohamed: Variational Inference with Normalizing Flows, ICML 2015, equations 10 to 12):
 *
 *   z = x + u tanh(w x + b),   log|det dz/dx| = log(1 + w u (1 - tanh^2(w x + b))),
 *
 * where u is such that w u = softplus(w u') - 1 > -1 (appendix A.1), so that it can be inverted. The inverse
 * finds w x by `tanhRoot`: its accuracy is stated there. With a context, w, u' and b are linear in it.
 *
 * @throws LiouvilleError 'invalid-argument', naming the argument.
 */
export function planar(options: { readonly dim: number; readonly contextDim?: number }): Transform {
  const dim = wholeNumber('dim', options.dim, 1);
  const contextDim = wholeNumber('contextDim', options.contextDim ?? 0, 0);
  const parts = (scope: Scope, context: Value | null): { w: Value; u: Value; b: Value; slope: Value } => {
    const shape = { k: 1, n: dim };
    const given = byContext(scope, context);
    const w = given('w', shape, uniformWithin(1 / Math.sqrt(dim)));
    const free = given('u', shape, uniformWithin(1 / Math.sqrt(dim)));
    const along = ops.sum(ops.mul(w, free), 'n');
    const slope = ops.sub(ops.softplus(along), 1);
    const u = ops.add(free, ops.mul(ops.div(ops.sub(slope, along), ops.sum(ops.square(w), 'n')), w));
    return { w, u, b: given('b', { k: 1, n: 1 }, zeros), slope };
  };
  const logDetAt = (bent: Value, slope: Value): Value =>
    ops.log(ops.add(1, ops.mul(slope, ops.sub(1, ops.square(bent)))));
  return bijection({
    dim,
    contextDim,
    forward: (scope, x, context) =>
      within(scope.path, (): Passage => {
        const { w, u, b, slope } = parts(scope, context);
        const bent = ops.tanh(ops.add(ops.matmul(x, w, 'nt'), b));
        return { x: ops.add(x, ops.mul(bent, u)), logDet: logDetAt(bent, slope) };
      }),
    inverse: (scope, z, context) =>
      within(scope.path, (): Passage => {
        const { w, u, b, slope } = parts(scope, context);
        const a = tanhRoot(ops.matmul(z, w, 'nt'), slope, scalar(1), b);
        const bent = ops.tanh(ops.add(a, b));
        return { x: ops.sub(z, ops.mul(bent, u)), logDet: ops.neg(logDetAt(bent, slope)) };
      }),
  });
}

/**
 * The radial flow (Rezende and Mohamed, equations 13 and 14), with r = |x - c| and h = 1 / (alpha + r):
 *
 *   z = x + beta h (x - c),   log|det dz/dx| = (dim - 1) log(1 + beta h) + log(1 + alpha beta h^2),
 *
 * alpha = exp(.) > 0 and beta = softplus(.) - alpha > -alpha (appendix A.2). The inverse is in closed form: r is the
 * positive root of r^2 + (alpha + beta - R) r - alpha R = 0 with R = |z - c|.
 *
 * @throws LiouvilleError 'invalid-argument', naming the argument.
 */
export function radial(options: { readonly dim: number }): Transform {
  const dim = wholeNumber('dim', options.dim, 1);
  const parts = (scope: Scope): { centre: Value; alpha: Value; sum: Value } => {
    const one = { k: 1, n: 1 };
    return {
      centre: scope.parameter('centre', { k: 1, n: dim }, uniformWithin(1)),
      alpha: ops.exp(scope.parameter('log_alpha', one, zeros)),
      // alpha + beta
      sum: ops.softplus(scope.parameter('raw_beta', one, uniformWithin(1))),
    };
  };
  const logDetAt = (r: Value, alpha: Value, beta: Value): Value => {
    const h = ops.reciprocal(ops.add(alpha, r));
    const around = ops.mul(dim - 1, ops.log1p(ops.mul(beta, h)));
    return ops.add(around, ops.log1p(ops.mul(ops.mul(alpha, beta), ops.square(h))));
  };
  return bijection({
    dim,
    forward: (scope, x) =>
      within(scope.path, (): Passage => {
        const { centre, alpha, sum } = parts(scope);
        const beta = ops.sub(sum, alpha);
        const away = ops.sub(x, centre);
        const r = length(away);
        const moved = ops.mul(ops.div(beta, ops.add(alpha, r)), away);
        return { x: ops.add(x, moved), logDet: logDetAt(r, alpha, beta) };
      }),
    inverse: (scope, z) =>
      within(scope.path, (): Passage => {
        const { centre, alpha, sum } = parts(scope);
        const beta = ops.sub(sum, alpha);
        const away = ops.sub(z, centre);
        const R = length(away);
        const p = ops.sub(sum, R);
        const root = ops.sqrt(ops.add(ops.square(p), ops.mul(ops.mul(4, alpha), R)));
        // Of two forms of the positive root the one that does not cancel.
        const falling = ops.less(p, 0);
        const r = ops.where(
          falling,
          ops.mul(0.5, ops.sub(root, p)),
          ops.div(ops.mul(ops.mul(2, alpha), R), ops.add(root, ops.max(p, 0))),
        );
        // x - c = (z - c) / (1 + beta h)
        const shrunk = ops.div(ops.add(alpha, r), ops.add(sum, r));
        return {
          x: ops.add(centre, ops.mul(shrunk, away)),
          logDet: ops.neg(logDetAt(r, alpha, beta)),
        };
      }),
  });
}

/** |x|, with the derivative zero at the origin. */
function length(x: Value): Value {
  return ops.sqrt(ops.max(ops.sum(ops.square(x), 'n'), 1e-30));
}
