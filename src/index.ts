/** Liouville: normalizing flows, continuous and discrete, behind one change-of-variables API. */
export { LiouvilleError } from './errors.ts';
export type { ErrorCode } from './errors.ts';
export type { BatchLike, Matrix } from './matrix.ts';
export * from './cnf/index.ts';
export * from './data/index.ts';
export * from './discrete/index.ts';
export * from './flow/index.ts';
export * from './models/index.ts';
export type { Activation } from './nn/index.ts';
export * from './system/index.ts';
export * from './train/index.ts';
export * from './vae/index.ts';
export { chooseEngine, diagnose, engineNames, inspectEngines } from './engine/index.ts';
export type { Diagnosis, EngineName, Precision } from './engine/index.ts';
export {
  controllers,
  eventCotangent,
  solve,
  solverNames,
  solveSteps,
  solveWithPullback,
} from './ode/index.ts';
export type {
  DenseSolution,
  DifferentiableField,
  DifferentiableSolution,
  EventFound,
  EventSolution,
  EventSpec,
  Jacobian,
  OdeField,
  RowStatus,
  Solution,
  SolveCotangents,
  SolveOptions,
  SolveWithPullbackOptions,
  StepControl,
} from './ode/index.ts';
export {
  ParameterTable,
  Scope,
  affine,
  constant,
  filled,
  formula,
  ones,
  ops,
  uniformWithin,
} from './program/index.ts';
export type { Formula, Operations, Value } from './program/index.ts';
