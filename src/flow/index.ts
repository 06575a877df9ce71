/** The change-of-variables API that continuous and discrete flows share. */
export { standardNormal } from './base.ts';
export type { Base } from './base.ts';
export { createFlow } from './flow.ts';
export type { FlowParts } from './flow.ts';
export { evaluateOptions, seedOf } from './options.ts';
export type { Trace } from './options.ts';
export { bijection, chain, invert } from './transform.ts';
export type {
  Bijection,
  Direction,
  FieldInputs,
  MapStep,
  Passage,
  SolveStep,
  Step,
  Transform,
} from './transform.ts';
export type {
  EvaluateOptions,
  Flow,
  FlowConfiguration,
  LossAndGradient,
  PathOptions,
  PathStop,
  Transformed,
} from './types.ts';
export { depth, keyOf, refuseUnknown, wholeNumber, widths } from './model-options.ts';
export type { ModelOptions } from './model-options.ts';
