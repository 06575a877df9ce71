import { LiouvilleError } from '../errors.ts';
import type { Trace } from '../flow/index.ts';
import { constant, ops, pushforward, scalar } from '../program/index.ts';
import type { Shape, Value } from '../program/index.ts';
import { orthonormalRows, rowsOf } from './orthonormal.ts';

/** A square matrix that is known by its products: what trace estimators work on. */
export interface LinearOperator {
  readonly dim: number;
  /** The images of vectors, [k, dim] -> [k, dim], row by row. */
  apply(vectors: Value): Value;
  /** A number that belongs to the trace beside that of the operator; default 0. */
  readonly shift?: number;
  /** The trace of the operator in closed form, where there is one. */
  trace?(): Value;
}

/** df/dx of a field f [1, D] traced from x [1, D]. */
export function jacobian(f: Value, x: Value): LinearOperator {
  return { dim: x.n, apply: (vectors) => pushforward([f], [x], [vectors])[0]! };
}

/** The trace of df/dx as a traced value, and the independent estimates that it is the mean of. */
export interface TraceEstimate {
  /** [1, 1] */
  readonly value: Value;
  /** One estimate for each independent probe, [P, 1], whose mean is `value`; null where nothing is random. */
  readonly samples: Value | null;
}

/** The exact trace takes this many tangents at a time: a value of k tangents is k times as large as the row's. */
const tangentsAtOnce = 64;

/**
 * The trace of an operator A of D dimensions, which is df/dx for a field f.
 *
 * - exact: sum_i (A e_i)_i, D products, or the closed form where there is one.
 * - hutchinson: the mean over the probes e, the rows of `probes` [P, D], of e . A e, whose expectation is the
 *   trace when E[e e^T] = I (Hutchinson 1990; Grathwohl et al. 2019, equation 8).
 * - hutch++: a third of the probes, S, are a sketch: Q is an orthonormal basis of the span of A S, whose part
 *   tr(Q^T A Q) of the trace is exact; the others estimate what is left, by g = (I - Q Q^T) e (Meyer, Musco, Musco,
 *   Woodruff: Hutch++, SOSA 2021, algorithm 1). P probes cost P products and those of Q.
 * - none: 0, for callers that need no density.
 */
export function traceEstimate(A: LinearOperator, probes: Value | null, trace: Trace): TraceEstimate {
  const { dim, shift = 0 } = A;
  const shifted = (x: Value): Value => (shift === 0 ? x : ops.add(x, shift));
  switch (trace.method) {
    case 'none':
      return { value: scalar(0), samples: null };
    case 'exact':
      return { value: shifted(A.trace?.() ?? exactTrace(A)), samples: null };
    case 'hutchinson': {
      const samples = shifted(quadraticForms(A, probesOf(probes, trace)));
      return { value: mean(samples), samples };
    }
    case 'hutch++': {
      const given = probesOf(probes, trace);
      const count = sketchSize(trace.probes, dim);
      const basis = orthonormalRows(A.apply(rowsOf(given, 0, count)));
      const others = rowsOf(given, count, trace.probes - count);
      const rest = ops.sub(others, ops.matmul(ops.matmul(others, basis, 'nt'), basis, 'nn'));
      const known = ops.sum(quadraticForms(A, basis), 'k');
      const samples = shifted(ops.add(quadraticForms(A, rest), known));
      return { value: mean(samples), samples };
    }
  }
}

/**
 * tr(df/dx), [1, 1], by the exact trace or an estimate of it: the value of `traceEstimate` for the Jacobian of f [1, D] by
 * x [1, D]. `probes` [P, D] are the random rows of an estimate; null for 'exact' and 'none'.
 *
 * @throws LiouvilleError 'invalid-argument' where an estimate has no probes.
 */
export function jacobianTrace(f: Value, x: Value, probes: Value | null, trace: Trace): Value {
  return traceEstimate(jacobian(f, x), probes, trace).value;
}

/** The probes that each row brings for an estimate in D dimensions. */
export function probeShape(trace: Trace, dim: number): Shape | null {
  return trace.method === 'hutchinson' || trace.method === 'hutch++' ? { k: trace.probes, n: dim } : null;
}

/** How many independent estimates the samples of an estimate hold. */
export function sampleCount(trace: Trace, dim: number): number {
  if (trace.method === 'hutch++') return trace.probes - sketchSize(trace.probes, dim);
  return trace.method === 'hutchinson' ? trace.probes : 0;
}

/** The sketch gets a third of the probes: the other two products of the third are those of Q and of the rest. */
function sketchSize(probes: number, dim: number): number {
  return Math.min(dim, Math.max(1, Math.floor(probes / 3)));
}

function exactTrace(A: LinearOperator): Value {
  let sum: Value | null = null;
  for (let start = 0; start < A.dim; start += tangentsAtOnce) {
    const basis = unitVectors(A.dim, start, Math.min(tangentsAtOnce, A.dim - start));
    const part = ops.sum(quadraticForms(A, basis), 'k');
    sum = sum === null ? part : ops.add(sum, part);
  }
  return sum ?? scalar(0);
}

/** v . A v for each row v, [k, 1]. */
function quadraticForms(A: LinearOperator, vectors: Value): Value {
  return ops.sum(ops.mul(A.apply(vectors), vectors), 'n');
}

/** e_start, e_start+1, ..., as rows. */
function unitVectors(dim: number, start: number, count: number): Value {
  const data = new Float64Array(count * dim);
  for (let i = 0; i < count; i++) data[i * dim + start + i] = 1;
  return constant(data, { k: count, n: dim });
}

function mean(samples: Value): Value {
  return ops.mul(1 / samples.k, ops.sum(samples, 'k'));
}

function probesOf(probes: Value | null, { method, probes: count }: Trace): Value {
  if (probes?.k === count) return probes;
  const came = probes === null ? 'none' : String(probes.k);
  throw new LiouvilleError(
    'invalid-argument',
    `${method}: the field needs ${count} probes; it was traced with ${came}.`,
  );
}
