import { ops } from '../program/index.ts';
import type { Value } from '../program/index.ts';

/** The activations by name. */
export const activations = {
  tanh: (x: Value): Value => ops.tanh(x),
  softplus: (x: Value): Value => ops.softplus(x),
  relu: (x: Value): Value => ops.relu(x),
} as const;

export type Activation = keyof typeof activations;
