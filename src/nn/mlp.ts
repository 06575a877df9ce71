import type { Scope, Value } from '../program/index.ts';
import { activationAt } from './activations.ts';
import type { Activation } from './activations.ts';
import { linear } from './linear.ts';
import type { LinearOptions } from './linear.ts';

export interface MlpOptions {
  /** Widths of the hidden layers. */
  readonly hidden: readonly number[];
  readonly outputs: number;
  readonly activation: Activation;
  /** Of the last layer, which has no activation. */
  readonly last?: LinearOptions;
}

/** A multilayer perceptron; its layers are `layers.0`, `layers.1`, ..., what its activation learns is `activation`. */
export function mlp(scope: Scope, x: Value, options: MlpOptions): Value {
  const activate = activationAt(options.activation, scope.at('activation'));
  let h = x;
  options.hidden.forEach((width, i) => {
    h = activate(linear(scope.at(`layers.${i}`), h, width));
  });
  return linear(scope.at(`layers.${options.hidden.length}`), h, options.outputs, options.last);
}
