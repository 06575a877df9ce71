/** Continuous flows: fields, trace estimators, FFJORD. */
export { continuous } from './continuous.ts';
export type { ContinuousOptions } from './continuous.ts';
export { ffjord } from './ffjord.ts';
export type { FfjordOptions } from './ffjord.ts';
export { importFfjord } from './import-ffjord.ts';
export { networkField } from './field.ts';
export type { Field, NetworkFieldOptions } from './field.ts';
export { layers } from './layers.ts';
export type { Layer, TimeLayer } from './layers.ts';
export { jacobianTrace, probeShape } from './trace.ts';
