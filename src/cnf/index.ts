/** Continuous flows: fields, trace estimators, FFJORD. */
export { cnf, cnfOfFormulas } from './cnf.ts';
export type { CnfOptions, FormulaCnfOptions } from './cnf.ts';
export { continuous } from './continuous.ts';
export type { ContinuousOptions } from './continuous.ts';
export { cnfFm, ffjord } from './ffjord.ts';
export type { FfjordOptions } from './ffjord.ts';
export { estimateLogProb } from './estimate.ts';
export type { EstimateOptions, LogProbEstimate } from './estimate.ts';
export { continuousParts, fieldAt, journey, rowCosts } from './inspect.ts';
export type { FieldOptions, JourneyOptions, JourneyStop, RowCosts } from './inspect.ts';
export { flowMatching } from './flow-matching.ts';
export type { Coupling, FlowMatchingOptions, ProbabilityPath } from './flow-matching.ts';
export { otflow, potentialField } from './otflow.ts';
export type { OtFlowOptions, PotentialFieldOptions } from './otflow.ts';
export { penalties } from './penalties.ts';
export type { PenaltyName } from './penalties.ts';
export { isPackable, packed } from './packed.ts';
export { regularised } from './regularised.ts';
export type { RegularisedOptions } from './regularised.ts';
export { encodeFfjord, exportFfjord } from './export-ffjord.ts';
export { importFfjord } from './import-ffjord.ts';
export {
  autoencoderField,
  conditionings,
  fourierRow,
  fourierTime,
  networkField,
  residualField,
} from './field.ts';
export type { Conditioning, Dynamics, Field, FieldPoint, NetworkFieldOptions } from './field.ts';
export { layers } from './layers.ts';
export type { Layer, TimeLayer } from './layers.ts';
export { jacobianTrace, probeShape, traceEstimate } from './trace.ts';
export type { LinearOperator, TraceEstimate } from './trace.ts';
