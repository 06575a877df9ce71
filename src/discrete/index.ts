/** Discrete flows: closed forms both ways, or one way with a numerical inverse of stated accuracy. */
export { autoregressive } from './autoregressive.ts';
export type { AutoregressiveOptions } from './autoregressive.ts';
export { additiveCoupling, affineCoupling, coupling } from './coupling.ts';
export type { CouplingOptions } from './coupling.ts';
export * as elementwise from './elementwise.ts';
export { fitGaussian } from './fit-gaussian.ts';
export { gaussian } from './gaussian.ts';
export * as masks from './masks.ts';
export { permutation, randomPermutation, reversal } from './permutation.ts';
export { realNVP } from './realnvp.ts';
export type { RealNvpOptions } from './realnvp.ts';
export type { SplineOptions } from './spline.ts';
export * as univariates from './univariates.ts';
export type { Mapped, Univariate } from './univariate.ts';
