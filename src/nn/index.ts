/** The small networks that fields and conditioners are made of. */
export { activationAt, activations } from './activations.ts';
export type { Activate, Activation } from './activations.ts';
export { filled, normalOf, ones, uniformWithin, zerosOf as zeros } from '../program/index.ts';
export { linear } from './linear.ts';
export type { LinearOptions } from './linear.ts';
export { mlp } from './mlp.ts';
export type { MlpOptions } from './mlp.ts';
