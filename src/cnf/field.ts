import { activations } from '../nn/index.ts';
import type { Activation } from '../nn/index.ts';
import { ops, within } from '../program/index.ts';
import type { Scope, Value } from '../program/index.ts';
import { layers } from './layers.ts';
import type { Layer } from './layers.ts';

/** dx/dt = f(t, x): what a continuous flow integrates. x and the result are [1, dim]. */
export type Field = (scope: Scope, t: Value, x: Value, context: Value | null) => Value;

export interface NetworkFieldOptions {
  readonly hidden: readonly number[];
  readonly layer: Layer;
  readonly activation: Activation;
}

/** A network of time-dependent layers. Context is joined to what the first layer sees. */
export function networkField(options: NetworkFieldOptions): Field {
  const layer = layers[options.layer];
  const activate = activations[options.activation];
  return (scope, t, x, context) => {
    let h = context === null ? x : ops.concat([x, context]);
    [...options.hidden, x.n].forEach((width, i) => {
      const name = `layers.${i}`;
      h = within(`${scope.path}.${name}`, () => {
        const linear = layer(scope.at(name), t, h, width);
        return i < options.hidden.length ? activate(linear) : linear;
      });
    });
    return h;
  };
}
