import { createFlow, refuseUnknown, standardNormal, wholeNumber } from '../flow/index.ts';
import type { Flow, ModelOptions } from '../flow/index.ts';
import { affine, ops, uniformWithin, within, zerosOf } from '../program/index.ts';
import type { Scope, Value } from '../program/index.ts';
import { continuous } from './continuous.ts';
import { endTimeOf } from './end-time.ts';
import type { EndTimeOptions } from './end-time.ts';
import type { Dynamics, FieldPoint } from './field.ts';
import { jacobian } from './trace.ts';

/** Options of `otflow`. */
export interface OtFlowOptions extends ModelOptions, EndTimeOptions {
  /** Width m of the network; default 64. */
  readonly width?: number;
  /** Layers of the network, the first one included; default 2. */
  readonly layers?: number;
  /** Largest rank of the quadratic part; default 10, at most dim + 1. */
  readonly rank?: number;
}

const optionNames: { readonly [P in keyof Required<OtFlowOptions>]: true } = {
  dim: true,
  contextDim: true,
  seed: true,
  width: true,
  layers: true,
  rank: true,
  endTime: true,
  trainEndTime: true,
};

/**
 * OT-Flow (Onken, Wu Fung, Li, Ruthotto: OT-Flow: Fast and Accurate Continuous Normalizing Flows via Optimal Transport,
 * AAAI 2021): the field is -grad Phi of a potential, with T = 1 by default. Train it with
 * `regularised({ kinetic, hjb })`, which prefer straight ways.
 *
 * @throws LiouvilleError 'invalid-argument' or 'unknown-name', naming the option.
 */
export function otflow(options: OtFlowOptions): Flow {
  refuseUnknown('option of otflow', options, Object.keys(optionNames));
  const dim = wholeNumber('dim', options.dim, 1);
  const contextDim = wholeNumber('contextDim', options.contextDim ?? 0, 0);
  const field = potentialField({
    width: wholeNumber('width', options.width ?? 64, 1),
    layers: wholeNumber('layers', options.layers ?? 2, 1, 100),
    rank: wholeNumber('rank', options.rank ?? 10, 1),
  });
  return createFlow({
    name: 'otflow',
    transform: continuous({ dim, contextDim, field, fieldPath: 'potential', endTime: endTimeOf(options, 1) }),
    base: standardNormal(dim),
    configuration: { model: 'otflow', options: { ...options } },
    seed: options.seed,
  });
}

/** Options of `potentialField`. */
export interface PotentialFieldOptions {
  /** Units of each layer u_i. */
  readonly width: number;
  /** How many layers there are: M + 1. */
  readonly layers: number;
  /** Rows of A; dim + 1 where that is less. */
  readonly rank: number;
}

/**
 * f = -grad_x Phi with, for s = (x, t, context),
 *
 *   Phi(s) = w . u_M(s) + |A s|^2 / 2 + b . s,   u_0 = a(K_0 s + b_0),   u_i = u_{i-1} + h a(K_i u_{i-1} + b_i),
 *
 * a(x) = log(e^x + e^-x), whose derivative is tanh, and h = 1 / (layers - 1) (equations 10 and 11). The trace of the
 * Hessian is in closed form (equation 14): no tangent passes through the gradient.
 */
export function potentialField(options: PotentialFieldOptions): Dynamics {
  return {
    velocity: (scope, t, x, context) => ops.neg(gradient(parts(options, scope, { t, x, context }))),
    potential: (scope, t, x, context) => potential(parts(options, scope, { t, x, context })),
    operator(scope, point) {
      const all = parts(options, scope, point);
      return { ...jacobian(ops.neg(gradient(all)), point.x), trace: () => ops.neg(hessianTrace(all)) };
    },
  };
}

/** What the potential, its gradient and the trace of its Hessian are made of. */
interface Parts {
  readonly dim: number;
  readonly s: Value;
  /** K_i, the states u_i, and tanh(K_i u_{i-1} + b_i), which is a'. */
  readonly layers: readonly { readonly K: Value; readonly state: Value; readonly slope: Value }[];
  readonly h: number;
  readonly w: Value;
  readonly A: Value;
  readonly b: Value;
}

function parts(options: PotentialFieldOptions, scope: Scope, { t, x, context }: FieldPoint): Parts {
  return within(scope.path, () => {
    const { width, layers: count } = options;
    const s = ops.concat(context === null ? [x, t] : [x, t, context]);
    const h = 1 / Math.max(1, count - 1);
    let state: Value | null = null;
    const layers = Array.from({ length: count }, (_, i) => {
      const from: Value = state ?? s;
      const initialise = uniformWithin(1 / Math.sqrt(from.n));
      const at = scope.at(`layers.${i}`);
      const K = at.parameter('weight', { k: width, n: from.n }, initialise);
      const z = affine(from, K, at.parameter('bias', { k: 1, n: width }, initialise));
      const a = ops.sub(ops.softplus(ops.mul(2, z)), z);
      state = state === null ? a : ops.add(state, ops.mul(h, a));
      return { K, state, slope: ops.tanh(z) };
    });
    const rank = Math.min(options.rank, x.n + 1);
    return {
      dim: x.n,
      s,
      layers,
      h,
      w: scope.parameter('w', { k: 1, n: width }, uniformWithin(1 / Math.sqrt(width))),
      A: scope.parameter('A', { k: rank, n: s.n }, uniformWithin(1 / Math.sqrt(s.n))),
      b: scope.parameter('b', { k: 1, n: s.n }, zerosOf),
    };
  });
}

function potential({ s, layers, w, A, b }: Parts): Value {
  const network = ops.matmul(layers.at(-1)!.state, w, 'nt');
  const quadratic = ops.mul(0.5, ops.sum(ops.square(ops.matmul(s, A, 'nt')), 'n'));
  return ops.add(ops.add(network, quadratic), ops.matmul(s, b, 'nt'));
}

/** dPhi/dx, by hand: the way back through the layers. */
function gradient(all: Parts): Value {
  const { dim, s, layers, A, b } = all;
  const { K, slope } = layers[0]!;
  const network = ops.matmul(ops.mul(slope, backThrough(all, 0)), K, 'nn');
  const quadratic = ops.matmul(ops.matmul(s, A, 'nt'), A, 'nn');
  return ops.slice(ops.add(ops.add(network, quadratic), b), 0, dim);
}

/** dPhi/du_i, [1, m]. */
function backThrough({ layers, h, w }: Parts, i: number): Value {
  let z: Value = w;
  for (let j = layers.length - 1; j > i; j--) {
    const { K, slope } = layers[j]!;
    z = ops.add(z, ops.mul(h, ops.matmul(ops.mul(slope, z), K, 'nn')));
  }
  return z;
}

/** tr(d^2 Phi / dx^2): the second derivatives of each layer, weighted by what depends on it. */
function hessianTrace(all: Parts): Value {
  const { dim, layers, h, A } = all;
  let trace = sumOfSquares(ops.slice(A, 0, dim));
  // du_i/dx, transposed: [dim, m].
  let J: Value | null = null;
  layers.forEach(({ K, slope }, i) => {
    const bend = ops.mul(ops.sub(1, ops.square(slope)), backThrough(all, i));
    const moved: Value = J === null ? ops.transpose(ops.slice(K, 0, dim)) : ops.matmul(J, K, 'nt');
    const squares = ops.sum(ops.square(moved), 'k');
    const term = ops.sum(ops.mul(bend, squares), 'n');
    trace = ops.add(trace, i === 0 ? term : ops.mul(h, term));
    const own = ops.mul(moved, slope);
    J = J === null ? own : ops.add(J, ops.mul(h, own));
  });
  return trace;
}

function sumOfSquares(x: Value): Value {
  return ops.sum(ops.sum(ops.square(x), 'n'), 'k');
}
