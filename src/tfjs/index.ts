/** Together with TensorFlow.js: tensors as rows and back, its models as fields and conditioners, our flows as layers. */
export { useTfjs } from '../engine/tfjs/index.ts';
export { rowsOf, tensorOf } from './convert.ts';
export { tensorCnf } from './cnf.ts';
export type { TensorCnf, TensorCnfOptions, TensorField } from './cnf.ts';
export { tensorCoupling } from './coupling.ts';
export type { TensorCouplingOptions } from './coupling.ts';
export type { TensorLayers, TensorModel } from './model.ts';
export { tensorFlow } from './flow.ts';
export type { TensorFlow, TensorTransform } from './flow.ts';
export { flowLayer } from './layer.ts';
export type { FlowLayer, LayerCotangents, LayerOutput } from './layer.ts';
