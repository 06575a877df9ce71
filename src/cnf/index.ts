/** Continuous flows: fields, trace estimators, FFJORD. */
export { continuous } from './continuous.ts';
export type { ContinuousOptions } from './continuous.ts';
export { ffjord } from './ffjord.ts';
export type { FfjordOptions } from './ffjord.ts';
export { encodeFfjord, exportFfjord } from './export-ffjord.ts';
export { importFfjord } from './import-ffjord.ts';
export { autoencoderField, fourierTime, networkField, residualField } from './field.ts';
export type { Dynamics, Field, FieldPoint, NetworkFieldOptions } from './field.ts';
export { layers } from './layers.ts';
export type { Layer, TimeLayer } from './layers.ts';
export { jacobianTrace, probeShape, traceEstimate } from './trace.ts';
export type { LinearOperator, TraceEstimate } from './trace.ts';
