import { zeros } from '../nn/index.ts';
import { affine, ops } from '../program/index.ts';
import type { Initialiser, Scope, Shape, Value } from '../program/index.ts';

/** A parameter by its name, shape and first values. */
export type Given = (name: string, shape: Shape, initialise: Initialiser) => Value;

/**
 * A parameter that the context moves: p + W context, [k, n], with W zero at first; p alone without a context. In
 * variational inference the numbers of a layer come from the encoder that way (Rezende and Mohamed, ICML 2015, figure 2).
 */
export function byContext(scope: Scope, context: Value | null): Given {
  return (name, shape, initialise) => {
    const parameter = scope.parameter(name, shape, initialise);
    if (context === null) return parameter;
    const size = shape.k * shape.n;
    const weight = scope.parameter(`${name}_by_context`, { k: size, n: context.n }, zeros);
    return ops.add(parameter, ops.reshape(affine(context, weight), shape));
  };
}
