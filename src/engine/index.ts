/** What runs row programs, and an ODE per row. */
export { chooseEngine, diagnose, engineNames } from './choose.ts';
export { reference } from './reference/index.ts';
export type { Diagnosis, EngineReport } from './choose.ts';
export type {
  AdamArrays,
  AdamStep,
  CallOptions,
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
