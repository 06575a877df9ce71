import type { BatchRule } from '../flow/index.ts';
import { uniformWithin } from '../nn/index.ts';
import { affine, ops } from '../program/index.ts';
import type { Initialiser, Scope, Value } from '../program/index.ts';

/** A network whose layers, and so itself, change no distance by more than a factor. */
export interface LipschitzNetwork {
  readonly hidden: readonly number[];
  readonly outputs: number;
  /** The product of the factors of all layers. */
  readonly coefficient: number;
}

/** Steps of the power iteration in a call, from the vector that the state keeps. */
const iterations = 12;

/**
 * A multilayer perceptron with spectral normalisation (Miyato et al., ICLR 2018; Behrmann et al.: Invertible Residual
 * Networks, ICML 2019, section 2.1): weights W min(1, c / sigma(W)), c = coefficient^(1 / layers), sigma by power iteration,
 * and LipSwish x sigmoid(x) / 1.1 between (Chen et al., NeurIPS 2019, section 3.3), whose slope is at most 1.
 *
 * sigma is found from below: it is exact once the vectors that the state keeps have settled, which a step of training moves on
 * by `settleVectors`. The derivative goes through the iteration.
 */
export function lipschitzNetwork(scope: Scope, x: Value, network: LipschitzNetwork): Value {
  const widths = [...network.hidden, network.outputs];
  const factor = network.coefficient ** (1 / widths.length);
  let h = x;
  widths.forEach((outputs, i) => {
    const at = scope.at(`layers.${i}`);
    const initialise = uniformWithin(1 / Math.sqrt(h.n));
    const weight = at.parameter('weight', { k: outputs, n: h.n }, initialise);
    const bias = at.parameter('bias', { k: 1, n: outputs }, initialise);
    const start = at.state('left', { k: 1, n: outputs }, unitVector);
    const scale = ops.max(ops.div(spectralNorm(weight, start), factor), 1);
    const sum = affine(h, ops.div(weight, scale), bias);
    h = i === widths.length - 1 ? sum : ops.mul(sum, ops.div(ops.sigmoid(sum), 1.1));
  });
  return h;
}

/** The largest singular value: |W^T u| for the left singular vector u that the iteration tends to. */
export function spectralNorm(weight: Value, start: Value): Value {
  let u = start;
  let v = normalised(ops.matmul(u, weight, 'nn'));
  for (let i = 0; i < iterations; i++) {
    u = normalised(ops.matmul(v, weight, 'nt'));
    v = normalised(ops.matmul(u, weight, 'nn'));
  }
  return ops.sum(ops.mul(ops.matmul(v, weight, 'nt'), u), 'n');
}

/** Weights of zero have no direction: their vectors stay zero. */
function normalised(x: Value): Value {
  return ops.div(x, ops.sqrt(ops.add(ops.sum(ops.square(x), 'n'), 1e-30)));
}

const unitVector: Initialiser = (draws, { n }) => {
  const x = Float64Array.from({ length: n }, () => draws.normal());
  const size = Math.hypot(...x);
  return x.map((value) => value / size);
};

/** Moves the kept vectors on by one step of the power iteration, for the network at `path` within a step. */
export function settleVectors(path: string, layers: number): BatchRule['update'] {
  return (_statistics, values) => {
    for (let layer = 0; layer < layers; layer++) {
      const weight = values.parameter(`${path}.layers.${layer}.weight`);
      const left = values.state(`${path}.layers.${layer}.left`);
      const inputs = weight.length / left.length;
      const right = new Float64Array(inputs);
      weight.forEach((w, i) => (right[i % inputs] = right[i % inputs]! + w * left[Math.floor(i / inputs)]!));
      const found = left.map((_, j) =>
        right.reduce((sum, value, i) => sum + value * weight[j * inputs + i]!, 0),
      );
      const size = Math.hypot(...found);
      if (size > 0 && Number.isFinite(size)) left.set(found.map((value) => value / size));
    }
  };
}
