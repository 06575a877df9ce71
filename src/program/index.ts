/** Row programs: tracing, differentiation by source transformation, compilation to bytecode. */
export { compile, spaces } from './compile.ts';
export type { CompiledProgram, GradientPort, Location, Port, Space } from './compile.ts';
export { pullback, pushforward } from './derivatives.ts';
export { formula, parseFormula } from './formula.ts';
export type { Formula } from './formula.ts';
export { affine, inverse, logAbsDet, logSumExp, ops, softmax } from './functions.ts';
export { filled, normalOf, ones, uniformWithin, zeros as zerosOf } from './initialisers.ts';
export type { Operand, Operations, TriangularOptions } from './ops/operations.ts';
export { opNames, opOfCode, opTable, ruleOf } from './ops/table.ts';
export type { Attributes, Op } from './ops/table.ts';
export type { Rule, Slot } from './ops/rule.ts';
export { ParameterTable, Scope, modelTables, partOf } from './parameters.ts';
export type { Draws, Initialiser, ModelTables } from './parameters.ts';
export { Program, jvp, trace, vjp, vjpWithOutputs, vjpWithoutTime } from './program.ts';
export type { Gradient, InputShape, Outputs } from './program.ts';
export { constant, identity, input, scalar, within, zeros } from './value.ts';
export type {
  ConstantValue,
  InputValue,
  Level,
  OperationValue,
  ParameterValue,
  Shape,
  Value,
} from './value.ts';
