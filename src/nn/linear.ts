import { affine, uniformWithin, within } from '../program/index.ts';
import type { Initialiser, Scope, Value } from '../program/index.ts';

export interface LinearOptions {
  /** Default true. */
  readonly bias?: boolean;
  /** For weight and bias; default uniform within 1 / sqrt(inputs), PyTorch's default. */
  readonly initialise?: Initialiser;
  /** For the bias alone; default `initialise`. */
  readonly initialiseBias?: Initialiser;
}

/** x W^T + b with parameters `weight` [outputs, inputs] and `bias` [1, outputs]. */
export function linear(scope: Scope, x: Value, outputs: number, options: LinearOptions = {}): Value {
  return within(scope.path, () => {
    const initialise = options.initialise ?? uniformWithin(1 / Math.sqrt(Math.max(1, x.n)));
    const weight = scope.parameter('weight', { k: outputs, n: x.n }, initialise);
    if (options.bias === false) return affine(x, weight);
    return affine(
      x,
      weight,
      scope.parameter('bias', { k: 1, n: outputs }, options.initialiseBias ?? initialise),
    );
  });
}
