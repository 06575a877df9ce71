/** Initial value problems of ordinary differential equations. */
export type { DifferentiableField } from './adjoint.ts';
export { controllers, piControl } from './control.ts';
export type { StepControl } from './control.ts';
export { DenseSolution } from './dense.ts';
export { eventCotangent } from './events.ts';
export type { EventFound, EventSlope, EventSpec } from './events.ts';
export { describeFailure } from './failure.ts';
export type { FailureContext } from './failure.ts';
export type { Interpolant, InterpolantData } from './interpolant.ts';
export { gaussLegendre } from './gauss-legendre.ts';
export { pointsPerStep } from './points-per-step.ts';
export { integrate } from './integrate.ts';
export type { Jacobian } from './linearised.ts';
export { interpolantConditions, orderConditions } from './order-conditions.ts';
export type { OrderCondition } from './order-conditions.ts';
export { endTimeCotangent, integratePullback } from './pullback.ts';
export type { FieldPullback } from './pullback.ts';
export type { RootedTree } from './rooted-trees.ts';
export { solve, solverNames, stiffSolverNames } from './solve.ts';
export type { EventSolution, Solution, SolveOptions } from './solve.ts';
export { solveSteps } from './solve-steps.ts';
export type { Step } from './solve-steps.ts';
export { solveWithPullback } from './solve-with-pullback.ts';
export type {
  DifferentiableSolution,
  SolveWithPullbackOptions,
  SolveCotangents,
} from './solve-with-pullback.ts';
export { tableau } from './tableau.ts';
export type { Tableau, TableauData } from './tableau.ts';
export { findTableau, isExplicit, tableaus } from './tableaus/index.ts';
export type { Tape } from './tape.ts';
export type { ErrorNorm } from './tolerance.ts';
export type { Failure, IntegrateOptions, OdeField, Outcome, RowStatus } from './types.ts';
