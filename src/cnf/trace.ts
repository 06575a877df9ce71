import { LiouvilleError } from '../errors.ts';
import type { Trace } from '../flow/index.ts';
import { identity, ops, pushforward, scalar } from '../program/index.ts';
import type { Shape, Value } from '../program/index.ts';

/**
 * tr(df/dx) of a field f [1, D] traced from x [1, D], as a value [1, 1].
 *
 * exact: D tangents, sum_i (df/dx e_i)_i.
 * hutchinson: the mean over the probes e, the rows of `probes` [P, D], of e . (df/dx e), whose expectation
 * is the trace when E[e e^T] = I (Hutchinson 1990; Grathwohl et al. 2019, equation 8).
 * none: 0, for callers that need no density.
 */
export function jacobianTrace(f: Value, x: Value, probes: Value | null, trace: Trace): Value {
  switch (trace.method) {
    case 'none':
      return scalar(0);
    case 'exact': {
      const basis = identity(x.n);
      const [jacobian] = pushforward([f], [x], [basis]) as [Value];
      return sumAll(ops.mul(jacobian, basis));
    }
    case 'hutchinson': {
      if (probes === null)
        throw new LiouvilleError('invalid-argument', 'hutchinson: the field was traced without probes.');
      const [image] = pushforward([f], [x], [probes]) as [Value];
      return ops.mul(1 / trace.probes, sumAll(ops.mul(image, probes)));
    }
  }
}

/** The probes that each row brings for an estimate in D dimensions. */
export function probeShape(trace: Trace, dim: number): Shape | null {
  return trace.method === 'hutchinson' ? { k: trace.probes, n: dim } : null;
}

function sumAll(x: Value): Value {
  return ops.sum(ops.sum(x, 'n'), 'k');
}
