/** Measuring how fast the engines are. */
export { measureWorkload } from './suite.ts';
export type { Measurement, SuiteOptions } from './suite.ts';
export { measurementTable } from './table.ts';
export { taskNames, tasksOf } from './tasks.ts';
export type { Task, TaskName } from './tasks.ts';
export { summarise, timed } from './timing.ts';
export type { Budget, Timing } from './timing.ts';
export { rowsFor, workloadsOf } from './workloads.ts';
export type { Workload } from './workloads.ts';
