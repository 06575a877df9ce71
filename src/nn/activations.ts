import { ones, ops, within } from '../program/index.ts';
import type { Scope, Value } from '../program/index.ts';

/** An activation; the scope is where one with a parameter keeps it. */
export type Activate = (x: Value, scope: Scope) => Value;

/** The activations by name. */
export const activations = {
  tanh: (x) => ops.tanh(x),
  /** log(1 + exp x) */
  softplus: (x) => ops.softplus(x),
  /** x above 0, exp(x) - 1 below (Clevert, Unterthiner, Hochreiter, ICLR 2016) */
  elu: (x) => ops.where(ops.less(0, x), x, ops.expm1(ops.min(x, 0))),
  relu: (x) => ops.relu(x),
  /** x sigmoid(beta x) with the parameter `beta`, at first 1 (Ramachandran, Zoph, Le 2017) */
  swish: (x, scope) =>
    within(scope.path, () => {
      const beta = scope.parameter('beta', { k: 1, n: 1 }, ones);
      return ops.mul(x, ops.sigmoid(ops.mul(beta, x)));
    }),
  square: (x) => ops.square(x),
  sin: (x) => ops.sin(x),
  /** x Phi(x), Phi the normal distribution function (Hendrycks, Gimpel 2016) */
  gelu: (x) => ops.mul(ops.mul(0.5, x), ops.add(1, ops.erf(ops.mul(Math.SQRT1_2, x)))),
  identity: (x) => x,
} as const satisfies Readonly<Record<string, Activate>>;

/** The name of an activation. */
export type Activation = keyof typeof activations;

/** The activation of that name, with what it learns kept at a scope. */
export function activationAt(name: Activation, scope: Scope): (x: Value) => Value {
  const activate: Activate = activations[name];
  return (x) => activate(x, scope);
}
