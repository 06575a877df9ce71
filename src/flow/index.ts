/** The change-of-variables API that continuous and discrete flows share. */
export { standardNormal } from './base.ts';
export type { Base } from './base.ts';
export {
  gaussianMixture,
  laplace,
  logistic,
  studentT,
  trainedNormal,
  truncatedNormal,
  uniformBase,
} from './base-distributions.ts';
export type { MixtureOptions } from './base-distributions.ts';
export { createFlow } from './flow.ts';
export type { FlowDefinition } from './flow.ts';
export type { StartCotangents } from './gradient.ts';
export type { Objective, ObjectiveValue } from './objective.ts';
export { evaluateOptions, seedOf } from './options.ts';
export type { Trace } from './options.ts';
export { actNorm, movingBatchNorm } from './normalisation.ts';
export type { MovingBatchNormOptions } from './normalisation.ts';
export { fewestTerms, reaches } from './roulette.ts';
export { distillation, estimateReverseKL, reverseKL } from './reverse-kl.ts';
export type { LogTarget, ReverseKLEstimate, ReverseKLOptions } from './reverse-kl.ts';
export { bijection, chain, invert } from './transform.ts';
export type {
  BatchRule,
  BatchStatistics,
  Bijection,
  Direction,
  Estimate,
  FieldInputs,
  Initialise,
  MapStep,
  Passage,
  SolveStep,
  Step,
  Transform,
} from './transform.ts';
export type { ColumnStatistics, StepValues } from './statistics.ts';
export type {
  EvaluateOptions,
  Flow,
  FlowConfiguration,
  FlowParts,
  GradientOptions,
  LossAndGradient,
  PathOptions,
  PathStop,
  Trainable,
  Transformed,
} from './types.ts';
export { depth, keyOf, refuseUnknown, wholeNumber, widths } from './model-options.ts';
export type { ModelOptions } from './model-options.ts';
