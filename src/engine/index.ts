/** What runs row programs, and an ODE per row. */
export { chooseEngine, diagnose, engineNames, inspectEngines } from './choose.ts';
export { checkClouds, cloudDistanceNames } from './check-clouds.ts';
export { reference } from './reference/index.ts';
export type { Diagnosis, EngineReport } from './choose.ts';
export { solveRows } from './solve-rows.ts';
export type { SolveRowsOptions } from './solve-rows.ts';
export type { EngineDetails } from './found.ts';
export type {
  AdamArrays,
  AdamStep,
  CallOptions,
  CloudData,
  CloudDistance,
  CloudOptions,
  Columns,
  DrawKind,
  Engine,
  EngineName,
  ParameterData,
  Precision,
  PullbackOptions,
  PullbackResult,
  Solution,
  SolveOptions,
  SolvePullbackOptions,
  SolvePullbackResult,
  Tape,
} from './types.ts';
