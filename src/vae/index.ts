/** Variational autoencoders whose posterior is any flow. */
export { binarise } from './binarise.ts';
export { vae } from './vae.ts';
export type { BoundOptions, Encoding, Vae, VaeOptions } from './vae.ts';
