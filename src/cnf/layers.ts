import { linear } from '../nn/index.ts';
import { ops } from '../program/index.ts';
import type { Scope, Value } from '../program/index.ts';

/** A layer that depends on time: t [1, 1] and x [1, n] to [1, outputs]. */
export type TimeLayer = (scope: Scope, t: Value, x: Value, outputs: number) => Value;

/** Linear layers that see the time, by the names of the published FFJORD code (Grathwohl et al. 2019, B.1). */
export const layers = {
  /** W [t; x] + b */
  concat: (scope, t, x, outputs) => linear(scope.at('_layer'), ops.concat([t, x]), outputs),
  /** (W x + b) sigmoid(w_g t + b_g) + w_b t */
  concatsquash: (scope, t, x, outputs) => {
    const gate = ops.sigmoid(linear(scope.at('_hyper_gate'), t, outputs));
    const shift = linear(scope.at('_hyper_bias'), t, outputs, { bias: false });
    return ops.add(ops.mul(linear(scope.at('_layer'), x, outputs), gate), shift);
  },
} as const satisfies Readonly<Record<string, TimeLayer>>;

export type Layer = keyof typeof layers;
