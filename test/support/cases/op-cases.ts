import { binaryOps, unaryOps } from '../../../src/program/ops/table.ts';
import { ops, trace } from '../../../src/program/index.ts';
import type { InputShape, Op, Outputs, Program, Scope, Value } from '../../../src/program/index.ts';
import { inTurn } from '../numbers.ts';
import { samples } from '../vocabulary.ts';
import type { Sample } from '../vocabulary.ts';
import { drawn, withDerivatives } from './case.ts';
import type { ProgramCase } from './case.ts';

/** Ops whose result is a sum over rows: no row can use it, so they occur in transposed programs only. */
const sums: ReadonlySet<Op> = new Set(['total', 'outerTotal']);

/** Each use of each op, with every operand once from the row and once from the parameters. */
export const opCases: readonly ProgramCase[] = samples
  .filter(({ op }) => !sums.has(op))
  .map(opCase)
  .flatMap(withDerivatives);

function opCase(sample: Sample): ProgramCase {
  const { name, smooth, operands } = sample;
  return {
    name,
    smooth,
    rows: 5,
    draws: Object.fromEntries(operands.map(({ draw }, i) => [`x${i}`, draw])),
    trace: (scope) => traceLevels(sample, scope),
  };
}

/** All combinations of row operands and parameter operands, each an output. */
function traceLevels({ name, operands, make }: Sample, scope: Scope): Program {
  const shapes = Object.fromEntries<InputShape>(operands.map(({ shape }, i) => [`x${i}`, shape]));
  return trace(name, shapes, (rows) => {
    const choices = operands.map(({ shape, draw }, i) => ({
      row: rows[`x${i}`]!,
      parameter: scope.parameter(`p${i}`, shape, drawn(draw)),
    }));
    const outputs: Record<string, Value> = {};
    for (let levels = 0; levels < 2 ** operands.length; levels++) {
      const names = choices.map((_, i) => ((levels >> i) & 1 ? 'parameter' : 'row'));
      outputs[names.join(' ')] = make(choices.map((x, i) => x[names[i]!]));
    }
    return outputs satisfies Outputs;
  });
}

const extremes = [0, -0, 1e-30, -1e-30, 1e-7, -1e-7, 0.5, -0.5, 1, -1, 3, -3, 20, -20, 40, -40, 100, -100];
const beyond = [1e4, -1e4, 1e30, -1e30, Infinity, -Infinity, NaN];

/** The numbers at which functions of one number are tried; huge angles are left to no one. */
const specialNumbers = { default: [...extremes, ...beyond], angle: [...extremes, Infinity, -Infinity, NaN] };

/** Zeros, tiny and huge numbers, infinities and NaN. */
export const specialCases: readonly ProgramCase[] = [
  ...unaryOps.map((op): ProgramCase => {
    const list = specialNumbers[op === 'sin' || op === 'cos' ? 'angle' : 'default'];
    return {
      name: `${op} of special numbers`,
      trace: () => trace(op, { x: list.length }, ({ x }) => ({ y: ops[op](x) })),
      rows: 1,
      draws: { x: inTurn(list) },
      smooth: false,
      entrywise: true,
    };
  }),
  ...binaryOps.map((op): ProgramCase => {
    const list = [0, -0, 1e-30, -1e-30, 1, -1, 2.5, 1e30, -1e30, Infinity, -Infinity, NaN];
    const count = list.length;
    return {
      name: `${op} of special numbers`,
      trace: () => trace(op, { a: { k: count, n: 1 }, b: count }, ({ a, b }) => ({ y: ops[op](a, b) })),
      rows: 1,
      draws: { a: inTurn(list), b: inTurn(list) },
      smooth: false,
      entrywise: true,
    };
  }),
  {
    name: 'where of special numbers',
    trace: () =>
      trace('where', { c: 6, a: 6, b: 6 }, ({ c, a, b }) => ({
        y: ops.where(c, a, b),
        z: ops.where(ops.less(c, a), b, 0),
      })),
    rows: 6,
    draws: {
      c: inTurn([0, -0, NaN, Infinity, 1e-30, -1]),
      a: inTurn([NaN, 1, Infinity, 2, -Infinity]),
      b: inTurn([NaN, 3, -Infinity, 4, 5, 6, 7]),
    },
    smooth: false,
    entrywise: true,
  },
];
