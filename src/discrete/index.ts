/** Discrete flows: closed forms both ways. */
export { affineCoupling } from './coupling.ts';
export type { AffineCouplingOptions } from './coupling.ts';
export { fitGaussian } from './fit-gaussian.ts';
export { gaussian } from './gaussian.ts';
export { alternating } from './masks.ts';
export { realNVP } from './realnvp.ts';
export type { RealNvpOptions } from './realnvp.ts';
