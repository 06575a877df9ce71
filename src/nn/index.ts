/** The small networks that fields and conditioners are made of. */
export { activations } from './activations.ts';
export type { Activation } from './activations.ts';
export { filled, ones, uniformWithin, zeros } from './initialisers.ts';
export { linear } from './linear.ts';
export type { LinearOptions } from './linear.ts';
export { mlp } from './mlp.ts';
export type { MlpOptions } from './mlp.ts';
