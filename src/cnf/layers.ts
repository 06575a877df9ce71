import { linear, normalOf, zeros } from '../nn/index.ts';
import { ops } from '../program/index.ts';
import type { Scope, Value } from '../program/index.ts';

/**
 * A layer that depends on time: t [1, m] and x [k, n] to [k, outputs]. The first feature of t is the time itself;
 * the others are functions of it (see `fourierTime`) or the context, where it is given to all layers.
 */
export type TimeLayer = (scope: Scope, t: Value, x: Value, outputs: number) => Value;

/** Width of the hidden layer of `hyper`. */
const hyperWidth = 8;

const concat: TimeLayer = (scope, t, x, outputs) =>
  linear(scope.at('_layer'), ops.concat([ops.broadcast(t, { k: x.k, n: t.n }), x]), outputs);

/**
 * Linear layers that see the time, by the names of the published FFJORD code (Grathwohl et al. 2019, B.1). W and b
 * are those of `_layer`; the other letters are small layers of t alone.
 */
export const layers = {
  /** W x + b */
  ignore: (scope, _t, x, outputs) => linear(scope.at('_layer'), x, outputs),
  /** W [t; x] + b */
  concat,
  /** W x + b + w_b t */
  concat_v2: (scope, t, x, outputs) =>
    ops.add(linear(scope.at('_layer'), x, outputs), shift(scope, t, outputs)),
  /** (W x + b) sigmoid(w_g t + b_g) */
  squash: (scope, t, x, outputs) =>
    ops.mul(linear(scope.at('_layer'), x, outputs), ops.sigmoid(linear(scope.at('_hyper'), t, outputs))),
  /** (W x + b) sigmoid(w_g t + b_g) + w_b t */
  concatsquash: (scope, t, x, outputs) => {
    const gate = ops.sigmoid(linear(scope.at('_hyper_gate'), t, outputs));
    const moved = shift(scope, t, outputs);
    return ops.add(ops.mul(linear(scope.at('_layer'), x, outputs), gate), moved);
  },
  /** As `concat`: without an image there are no coordinates to see. */
  concatcoord: concat,
  /** (1 - t) (W_0 x + b_0) + t (W_1 x + b_1) */
  blend: (scope, t, x, outputs) => {
    const [before, after] = [
      linear(scope.at('_layer0'), x, outputs),
      linear(scope.at('_layer1'), x, outputs),
    ];
    return ops.add(before, ops.mul(ops.sub(after, before), ops.slice(t, 0, 1)));
  },
  /** W(t) x + b(t): a tanh network of t gives b, then W row by row. */
  hyper: (scope, t, x, outputs) => {
    const initial = { initialise: zeros, initialiseBias: normalOf(0.01) };
    const hypernet = scope.at('_hypernet');
    const hidden = ops.tanh(linear(hypernet.at('0'), t, hyperWidth, initial));
    const made = linear(hypernet.at('2'), hidden, outputs * (x.n + 1), initial);
    const weight = ops.reshape(ops.slice(made, outputs, outputs * x.n), { k: outputs, n: x.n });
    return ops.add(ops.matmul(x, weight, 'nt'), ops.slice(made, 0, outputs));
  },
} as const satisfies Readonly<Record<string, TimeLayer>>;

/** The names of the time-dependent layers, see `layers`. */
export type Layer = keyof typeof layers;

function shift(scope: Scope, t: Value, outputs: number): Value {
  return linear(scope.at('_hyper_bias'), t, outputs, { bias: false });
}
