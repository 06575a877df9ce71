import type { ParameterTable } from '../program/index.ts';

/**
 * Whether weight decay shrinks a parameter: the weights of linear layers, whose names end in "weight". Biases,
 * scales, shifts, times and the matrices of linear flows do not decay, since zero is no simpler for them.
 */
export function decays(name: string): boolean {
  return name.endsWith('weight');
}

/** Views of the parameters that decay, in the flat array itself. */
export function decaying(parameters: ParameterTable): Float64Array[] {
  return parameters
    .names()
    .filter(decays)
    .map((name) => parameters.viewIn(parameters.flat, name));
}

/**
 * Decoupled weight decay, theta = (1 - rate decay) theta before the optimiser's own step: Loshchilov and Hutter,
 * "Decoupled weight decay regularization", ICLR 2019, algorithm 2, with the decay scaled by the learning rate.
 */
export function decay(arrays: readonly Float64Array[], amount: number): void {
  const factor = 1 - amount;
  for (const array of arrays) for (let i = 0; i < array.length; i++) array[i]! *= factor;
}
