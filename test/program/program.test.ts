import { describe, expect, test } from 'vitest';
import {
  Program,
  constant,
  input,
  jvp,
  modelTables,
  ops,
  trace,
  vjp,
  vjpWithoutTime,
  within,
} from '../../src/program/index.ts';
import { oracleRun } from '../support/oracle.ts';
import { expectRefused } from '../support/refused.ts';

const nothing = { trained: new Float64Array(0), state: new Float64Array(0) };

describe('text', () => {
  test('a program prints itself section by section', () => {
    const weight = modelTables().trained.declare('layer.weight', { k: 2, n: 3 }, () => []);
    const mask = constant([1, 0, 1, 0, 1, 0], { k: 2, n: 3 });
    const program = trace('layer', { x: 3, context: { k: 2, n: 2 } }, ({ x, context }) => {
      const y = ops.tanh(ops.matmul(x, ops.mul(mask, weight), 'nt'));
      const rows = ops.take(ops.sum(ops.mul(context, 0.5), 'k'), [1, 0, 1]);
      return { y, z: ops.slice(rows, 0, 2), long: ops.take(rows, [0, 1, 2, 0, 1, 2, 0, 1, 2]), same: x };
    });
    expect(program.toString()).toBe(
      [
        'program layer',
        '  input x [1, 3]',
        '  input context [2, 2]',
        '  prologue, once per call',
        '    %0 [2, 3] = mul constant[2, 3] layer.weight',
        '  body, once per row',
        '    %1 [1, 2] = matmul x %0 form=nt',
        '    %2 [1, 2] = tanh %1',
        '    %3 [2, 2] = mul context 0.5',
        '    %4 [1, 2] = sum %3 axis=k',
        '    %5 [1, 3] = take %4 indices=[1,0,1]',
        '    %6 [1, 2] = slice %5 start=0 count=2',
        '    %7 [1, 9] = take %5 indices=(9 numbers)',
        '  output y = %2',
        '  output z = %6',
        '  output long = %7',
        '  output same = x',
      ].join('\n'),
    );
  });

  test('its transpose shows the sums over rows', () => {
    const table = modelTables().trained;
    const weight = table.declare('weight', { k: 2, n: 3 }, () => []);
    const bias = table.declare('bias', { k: 1, n: 2 }, () => []);
    const program = trace('affine', { x: 3 }, ({ x }) => ({
      y: ops.add(ops.matmul(x, ops.mul(weight, 2), 'nt'), bias),
    }));
    expect(vjp(program).toString()).toBe(
      [
        'program vjp of affine',
        '  input x [1, 3]',
        '  input cotangent/y [1, 2]',
        '  prologue, once per call',
        '    %0 [2, 3] = mul weight 2',
        '  body, once per row',
        '    %2 [1, 3] = matmul cotangent/y %0 form=nn',
        '  epilogue, once per call',
        '    %1 [1, 2] = total cotangent/y',
        '    %3 [2, 3] = outerTotal cotangent/y x',
        '    %4 [2, 3] = mul %3 2',
        '  output cotangent/x = %2',
        '  gradient weight = %4',
        '  gradient bias = %1',
      ].join('\n'),
    );
  });
});

describe('names', () => {
  const program = trace('model', { x: 2, context: 1 }, ({ x, context }) => ({
    y: ops.mul(ops.sin(x), context),
    norm: ops.sum(ops.square(x), 'n'),
  }));

  test('jvp adds tangents of the inputs that were named', () => {
    const derived = jvp(program, ['x']);
    expect(derived.name).toBe('jvp of model');
    expect(derived.inputs.map(({ name }) => name)).toEqual(['x', 'context', 'tangent/x']);
    expect(Object.keys(derived.outputs)).toEqual(['y', 'norm', 'tangent/y', 'tangent/norm']);
  });

  test('vjp takes cotangents of outputs to those of inputs', () => {
    const derived = vjp(program);
    expect(derived.name).toBe('vjp of model');
    expect(derived.inputs.map(({ name }) => name)).toEqual(['x', 'context', 'cotangent/y', 'cotangent/norm']);
    expect(Object.keys(derived.outputs)).toEqual(['cotangent/x', 'cotangent/context']);
    expect(derived.gradients).toEqual([]);
  });

  test('tangents of tangents are told apart', () => {
    const cube = trace('cube', { x: 1 }, ({ x }) => ({ y: ops.mul(x, ops.square(x)) }));
    const second = jvp(jvp(cube, ['x']), ['x']);
    expect(second.inputs.map(({ name }) => name)).toEqual(['x', 'tangent/x', 'tangent2/x']);
    const one = Float64Array.of(1);
    const inputs = { x: Float64Array.of(5), 'tangent/x': one, 'tangent2/x': one };
    const rows = oracleRun(second, { parameters: nothing, rows: 1, inputs });
    const numbers = Object.fromEntries(Object.entries(rows).map(([name, x]) => [name, x[0]]));
    expect(numbers).toEqual({ y: 125, 'tangent/y': 75, 'tangent2/y': 75, 'tangent2/tangent/y': 30 });
    // Along the first tangent, in which the first derivative is linear.
    const along = jvp(jvp(cube, ['x']), ['tangent/x']);
    const { 'tangent2/tangent/x': _, ...outputs } = along.outputs;
    expect(Object.keys(outputs)).toEqual(['y', 'tangent/y', 'tangent2/y', 'tangent2/tangent/y']);
  });

  test('jvp and vjp mix in any order', () => {
    const cube = trace('cube', { x: 1 }, ({ x }) => ({ y: ops.mul(x, ops.square(x)) }));
    const one = Float64Array.of(1);
    const at = { parameters: nothing, rows: 1 };
    const x = Float64Array.of(5);
    const mixed = vjp(jvp(cube, ['x']));
    const inputs = { x, 'tangent/x': one, 'cotangent/y': Float64Array.of(0), 'cotangent/tangent/y': one };
    expect(oracleRun(mixed, { ...at, inputs })['cotangent/x']).toEqual(Float64Array.of(30));
    const other = jvp(vjp(cube), ['x']);
    const more = { x, 'cotangent/y': one, 'tangent/x': one };
    expect(oracleRun(other, { ...at, inputs: more })['tangent/cotangent/x']).toEqual(Float64Array.of(30));
    const third = vjp(vjp(jvp(cube, ['x'])));
    expect(third.inputs.map(({ name }) => name)).toContain('cotangent/cotangent/tangent/x');
  });

  test('names that are no inputs', () => {
    expectRefused(
      () => jvp(program, ['contxt']),
      'unknown-name',
      /model has no input 'contxt'\. Inputs: x \[1, 2\], context \[1, 1\]/,
    );
    expectRefused(() => jvp(program, ['x', 'x']), 'invalid-argument', /two inputs have the same name/);
  });
});

describe('what a program may be made of', () => {
  const x = input('x', 2);

  test('inputs have different names', () => {
    expectRefused(
      () => new Program('twins', [x, input('x', 3)], { y: x }),
      'invalid-argument',
      /^twins: two inputs have the same name\.$/,
    );
  });

  test('what is used must be an input', () => {
    const stray = input('z', 2);
    expectRefused(
      () => new Program('stray', [x], { y: ops.add(x, stray) }),
      'invalid-argument',
      /^stray: 'z' is used but is not an input\.$/,
    );
  });

  test('an input of the same name is not that input', () => {
    const impostor = input('x', 2);
    for (const value of [ops.neg(impostor), ops.add(x, impostor)]) {
      expectRefused(
        () => new Program('p', [x], { y: value }),
        'invalid-argument',
        /'x' is used but is not an input\. Another one has that name/,
      );
    }
  });

  test('a program reads the parameters of one model', () => {
    const [one, other] = [modelTables(), modelTables()].map(({ trained }) =>
      trained.declare('w', { k: 1, n: 2 }, () => [0, 0]),
    );
    expectRefused(
      () => new Program('p', [x], { y: ops.mul(one!, other!) }),
      'invalid-argument',
      /two parameters are named 'w'/,
    );
    const state = modelTables().state.declare('w', { k: 1, n: 2 }, () => [0, 0]);
    expect(new Program('p', [x], { y: ops.mul(one!, state) }).trainedParameters()).toEqual([one]);
  });

  test('no output is a sum over rows', () => {
    expectRefused(
      () => trace('sums', { x: 2 }, ({ x }) => ({ mean: ops.total(x) })),
      'invalid-argument',
      /^sums: output 'mean' is a sum over rows, not a row\.$/,
    );
  });

  test('shapes are whole numbers', () => {
    expectRefused(
      () => trace('p', { x: 2.5 }, ({ x }) => ({ x })),
      'shape-mismatch',
      /The input 'x' .*\[1, 2\.5\]/,
    );
    expectRefused(() => input('x', 2, -1), 'shape-mismatch', /\[-1, 2\]/);
    expectRefused(() => constant([1], { k: 1, n: NaN }), 'shape-mismatch', /A constant .*\[1, NaN\]/);
    expectRefused(
      () => modelTables().trained.declare('w', { k: 1, n: 0.5 }, () => []),
      'shape-mismatch',
      /The parameter 'w' /,
    );
  });

  test('a constant has the numbers of its shape', () => {
    expectRefused(
      () => constant([1, 2, 3], { k: 2, n: 2 }),
      'shape-mismatch',
      /A constant of shape \[2, 2\] holds 4 numbers; got 3\./,
    );
  });

  test('a constant is a copy', () => {
    const data = [1, 2];
    const value = constant(data, { k: 1, n: 2 });
    data[0] = 7;
    expect(value.data).toEqual(Float64Array.of(1, 2));
  });

  test('an error inside a model tells its whole place, and the next does not', () => {
    const broken = (): Program =>
      within('flow', () =>
        trace('p', { x: 2 }, ({ x }) => ({ y: within('block.1', () => ops.matmul(x, x, 'nn')) })),
      );
    expectRefused(
      broken,
      'shape-mismatch',
      /^matmul in flow \/ block\.1: expected 2 rows on the right; got \[1, 2\] and \[1, 2\]\.$/,
    );
    expect(ops.neg(x).place).toBe('');
  });
});

test('the transposed field without the cotangent of t has all others, and computes less', () => {
  const field = trace('field', { t: 1, y: 2 }, ({ t, y }) => ({ dy: ops.mul(ops.sin(t), ops.square(y)) }));
  const [whole, short] = [vjp(field), vjpWithoutTime(field)];
  const inputs = {
    t: Float64Array.of(0.3),
    y: Float64Array.of(0.5, -2),
    'cotangent/dy': Float64Array.of(1, 3),
  };
  const data = { parameters: nothing, rows: 1, inputs };
  const of = oracleRun(whole, data);
  expect(of['cotangent/t']).not.toEqual(Float64Array.of(0));
  expect(oracleRun(short, data)).toEqual({ ...of, 'cotangent/t': Float64Array.of(0) });
  expect(short.values.length).toBeLessThan(whole.values.length);
  expect(vjpWithoutTime(field)).toBe(short);
});
