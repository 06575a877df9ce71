/** Discrete flows: closed forms both ways, or one way with a numerical inverse of stated accuracy. */
export { autoregressive } from './autoregressive.ts';
export type { AutoregressiveOptions } from './autoregressive.ts';
export { planarFlow, radialFlow, sylvesterFlow } from './contraction-flows.ts';
export type { LayeredOptions, SylvesterFlowOptions } from './contraction-flows.ts';
export { additiveCoupling, affineCoupling, coupling, reversibleBlock } from './coupling.ts';
export type { CouplingOptions } from './coupling.ts';
export { bitsPerDimension, dequantise } from './dequantisation.ts';
/** Maps of each feature by itself. */
export * as elementwise from './elementwise.ts';
export { fitGaussian } from './fit-gaussian.ts';
export { gaussian } from './gaussian.ts';
export { glow } from './glow.ts';
export type { GlowOptions } from './glow.ts';
export { linearMap, luMap, orthogonalMap, qrMap, triangularMap } from './linear.ts';
export type { LinearFlowOptions } from './linear.ts';
export { iaf, maf } from './maf.ts';
export type { MafOptions, OrderCycle } from './maf.ts';
export type { HiddenDegrees } from './made.ts';
/** Which features a coupling keeps. */
export * as masks from './masks.ts';
export { naf } from './naf.ts';
export type { NafOptions } from './naf.ts';
export { nice } from './nice.ts';
export type { NiceOptions } from './nice.ts';
export { batchNorm } from './normalisation.ts';
export type { BatchNormOptions } from './normalisation.ts';
export { nsf, nsfAr } from './nsf.ts';
export type { NsfArOptions, NsfOptions } from './nsf.ts';
export type { OrthogonalForm } from './orthogonal.ts';
export { permutation, randomPermutation, reversal } from './permutation.ts';
export { made } from './order-agnostic.ts';
export type { Made, MadeModelOptions } from './order-agnostic.ts';
export { planar, radial } from './planar.ts';
export { realNVP } from './realnvp.ts';
export type { RealNvpOptions } from './realnvp.ts';
export { residual } from './residual.ts';
export type { ResidualOptions } from './residual.ts';
export { residualFlow } from './residual-flow.ts';
export type { ResidualFlowOptions } from './residual-flow.ts';
export type { SigmoidalOptions } from './sigmoidal.ts';
export type { SplineOptions } from './spline.ts';
export { sylvester } from './sylvester.ts';
export type { SylvesterForm, SylvesterOptions } from './sylvester.ts';
/** Increasing functions of one number with parameters, which couplings and autoregressive layers share. */
export * as univariates from './univariates.ts';
export type { Mapped, Univariate } from './univariate.ts';
