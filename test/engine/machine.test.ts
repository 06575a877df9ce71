import { describe, expect, test } from 'vitest';
import { Machine } from '../../src/engine/reference/machine.ts';
import { Program, input, modelTables, ops, trace } from '../../src/program/index.ts';
import type { Value } from '../../src/program/index.ts';
import { expectClose } from '../support/close.ts';
import { draws, numbers } from '../support/numbers.ts';
import { oracleGradient } from '../support/oracle.ts';
import type { Data } from '../support/oracle.ts';
import { samples } from '../support/vocabulary.ts';
import type { Sample } from '../support/vocabulary.ts';

const rows = 3;

/** Every op in the epilogue, where transposed programs bring but some: a gradient that is the op of sums over rows. */
describe('once per call, after all rows', () => {
  test.each(samples)('$name', (sample) => {
    const { program, data } = epilogueOf(sample);
    const machine = new Machine(program, data.parameters);
    for (let row = 0; row < rows; row++) {
      for (const { name, k, n } of program.inputs) machine.load(name, data.inputs[name]!, row * k * n);
      machine.body();
    }
    const expected = oracleGradient(program, data);
    expectClose(machine.gradient(), expected, { relative: 1e-13, precision: 'float64' }, 'gradient');
    expect(expected.some((x) => x !== 0) || sample.op === 'less' || sample.op === 'step').toBe(true);
  });
});

/** The sums over rows are a third of an operand each, so that they lie where its draws do. */
function epilogueOf({ name, op, operands, make }: Sample): { program: Program; data: Data } {
  const leaves = operands.map(({ shape: { k, n } }, i) => input(`x${i}`, n, k));
  const sums = op === 'total' || op === 'outerTotal';
  const value = make(leaves.map((x): Value => (sums ? x : ops.total(ops.div(x, rows)))));
  const table = modelTables().trained;
  const parameter = table.declare('parameter', value, () => new Float64Array(value.k * value.n));
  const random = numbers(11);
  const columns = operands.map(({ shape, draw }, i) => {
    const one = draws(shape.k * shape.n, draw, random);
    // Every row is the same but for a little.
    const all = Float64Array.from(
      { length: rows * one.length },
      (_, j) => one[j % one.length]! * (1 + 0.01 * Math.floor(j / one.length)),
    );
    return [`x${i}`, all] as const;
  });
  const parameters = { trained: table.initial(0), state: new Float64Array(0) };
  return {
    program: new Program(name, leaves, {}, [{ parameter, value }]),
    data: { parameters, rows, inputs: Object.fromEntries(columns) },
  };
}

test('sums go on growing from row to row, and from machine to machine begin anew', () => {
  const table = modelTables().trained;
  const weight = table.declare('w', { k: 1, n: 1 }, () => [0]);
  const program = trace('sum', { x: 1 }, ({ x }) => ({ y: x }));
  const summed = new Program('sum', program.inputs, {}, [
    { parameter: weight, value: ops.total(program.inputs[0]!) },
  ]);
  const parameters = { trained: Float64Array.of(0), state: new Float64Array(0) };
  for (let time = 0; time < 2; time++) {
    const machine = new Machine(summed, parameters);
    for (const x of [1, 2, 4]) {
      machine.setScalar('x', x);
      machine.body();
    }
    expect(machine.gradient()).toEqual(Float64Array.of(7));
  }
});
