/** Systems of differential equations given as text, solved one by one or by the thousands. */
export { solveEnsemble } from './ensemble.ts';
export type { EnsembleOptions, EnsembleSolution } from './ensemble.ts';
export { solveEnsembleWithPullback } from './ensemble-pullback.ts';
export type {
  DifferentiableEnsemble,
  EnsembleCotangents,
  EnsemblePullbackOptions,
} from './ensemble-pullback.ts';
export { textField } from './text-field.ts';
export type { TextField } from './text-field.ts';
