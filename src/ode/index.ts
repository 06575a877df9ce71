/** Initial value problems of ordinary differential equations. */
export { controllers, piControl } from './control.ts';
export type { StepControl } from './control.ts';
export { describeFailure } from './failure.ts';
export type { FailureContext } from './failure.ts';
export type { Interpolant, InterpolantData } from './interpolant.ts';
export { integrate } from './integrate.ts';
export { interpolantConditions, orderConditions } from './order-conditions.ts';
export type { OrderCondition } from './order-conditions.ts';
export { endTimeCotangent, integratePullback } from './pullback.ts';
export type { FieldPullback } from './pullback.ts';
export type { RootedTree } from './rooted-trees.ts';
export { solve, solverNames } from './solve.ts';
export type { Solution, SolveOptions } from './solve.ts';
export { tableau } from './tableau.ts';
export type { Tableau, TableauData } from './tableau.ts';
export { findTableau, tableaus } from './tableaus/index.ts';
export type { Tape } from './tape.ts';
export type { Failure, IntegrateOptions, OdeField, Outcome, RowStatus } from './types.ts';
