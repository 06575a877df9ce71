import type { Op } from '../../../program/index.ts';
import type { FunctionName } from './functions.ts';

/** How ops of single numbers are written: the expression, and the functions that it calls. */
interface Expression {
  readonly of: (operands: readonly string[]) => string;
  readonly calls?: FunctionName;
}

const call = (name: string, calls: FunctionName): Expression => ({ of: ([x]) => `${name}(${x})`, calls });

/** All ops that compute each number from numbers at its place. */
export const elementwise: Readonly<Partial<Record<Op, Expression>>> = {
  neg: { of: ([x]) => `-(${x})` },
  exp: call('rowExp', 'exp'),
  expm1: call('rowExpm1', 'expm1'),
  log: call('rowLog', 'log'),
  log1p: call('rowLog1p', 'log1p'),
  tanh: call('rowTanh', 'tanh'),
  sigmoid: call('rowSigmoid', 'sigmoid'),
  softplus: call('rowSoftplus', 'softplus'),
  relu: { of: ([x]) => `larger(${x}, 0.0)` },
  step: call('rowStep', 'step'),
  sqrt: call('rowSqrt', 'sqrt'),
  square: { of: ([x]) => `${x} * ${x}` },
  reciprocal: { of: ([x]) => `1.0 / ${x}` },
  sin: call('rowSin', 'sin'),
  cos: call('rowCos', 'cos'),
  abs: { of: ([x]) => `abs(${x})` },
  sign: call('rowSign', 'sign'),
  erf: call('rowErf', 'erf'),
  add: { of: ([a, b]) => `${a} + ${b}` },
  sub: { of: ([a, b]) => `${a} - ${b}` },
  mul: { of: ([a, b]) => `${a} * ${b}` },
  div: { of: ([a, b]) => `${a} / ${b}` },
  max: { of: ([a, b]) => `larger(${a}, ${b})` },
  min: { of: ([a, b]) => `smaller(${a}, ${b})` },
  less: { of: ([a, b]) => `select(0.0, 1.0, ${a} < ${b})` },
  where: { of: ([c, a, b]) => `select(${b}, ${a}, isTrue(${c}))` },
  stopGradient: { of: ([x]) => x! },
  reshape: { of: ([x]) => x! },
};
