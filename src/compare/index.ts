/** The comparison of models: what is run, how it is measured, and how it is told. */
export { compare } from './compare.ts';
export type { CompareOptions, Comparison } from './compare.ts';
export type { ComparisonData, DataSource } from './data.ts';
export { figureSections } from './figures/index.ts';
export { finite } from './json.ts';
export type {
  ComparisonResults,
  ComparisonSettings,
  DataDescription,
  Difference,
  Measured,
  ModelResult,
  QuadratureSettings,
  ReverseKl,
  SeedSpread,
  TwoSample,
  TwoSampleSettings,
} from './results.ts';
export type { Contestant, ModelProgress } from './contestant.ts';
export type { ModelRun } from './run-model.ts';
export { defaultsFor } from './settings.ts';
export type { SettingOptions } from './settings.ts';
export { summaryTable } from './summary.ts';
