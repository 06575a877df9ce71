import { describe, expect, test } from 'vitest';
import {
  constant,
  identity,
  input,
  modelTables,
  ops,
  pullback,
  pushforward,
  scalar,
  within,
  zeros,
} from '../../src/program/index.ts';
import type { Value } from '../../src/program/index.ts';
import { Oracle } from '../support/oracle.ts';
import type { Data } from '../support/oracle.ts';
import { expectRefused } from '../support/refused.ts';

const x = input('x', 3);

describe('where derivatives are chosen', () => {
  const at = (values: readonly number[]): Data => ({
    parameters: { trained: new Float64Array(0), state: new Float64Array(0) },
    rows: 1,
    inputs: { x: Float64Array.from(values) },
  });
  const slopeAt = (y: Value, values: readonly number[]): number[] => {
    const [found] = pullback([y], [x], [constant([1, 1, 1], x)]) as [Value];
    // Both zeros are 0.
    return [...new Oracle(at(values)).rows(found)].map((slope) => slope + 0);
  };

  test('no derivative passes stopGradient', () => {
    expect(slopeAt(ops.mul(x, ops.stopGradient(ops.exp(x))), [0, 1, 2])).toEqual([1, Math.E, Math.exp(2)]);
    const [tangent] = pushforward([ops.stopGradient(x)], [x], [x]) as [Value];
    expect(tangent).toMatchObject({ kind: 'constant', data: new Float64Array(3) });
  });

  test('at kinks the derivative is that of one side', () => {
    expect(slopeAt(ops.relu(x), [-1, 0, 1])).toEqual([0, 0, 1]);
    expect(slopeAt(ops.abs(x), [-1, 0, 1])).toEqual([-1, 0, 1]);
    // Of equal numbers the first is chosen.
    expect(slopeAt(ops.max(x, 1), [0, 1, 2])).toEqual([0, 1, 1]);
    expect(slopeAt(ops.max(1, x), [0, 1, 2])).toEqual([0, 0, 1]);
    expect(slopeAt(ops.min(x, 1), [0, 1, 2])).toEqual([1, 1, 0]);
    expect(slopeAt(ops.min(1, x), [0, 1, 2])).toEqual([1, 0, 0]);
  });

  test('the branch that where does not choose gives no NaN', () => {
    const safe = ops.where(ops.less(0, x), ops.log(x), 0);
    expect(slopeAt(safe, [-1, 2, -3])).toEqual([0, 0.5, 0]);
  });

  test('what does not depend on the inputs has zero derivatives of its shape', () => {
    const y = ops.add(input('other', 3, 2), 1);
    const [tangent] = pushforward([y], [x], [x]) as [Value];
    const [cotangent] = pullback([y], [x], [zeros(y)]) as [Value];
    expect(tangent).toMatchObject({ k: 2, n: 3, data: new Float64Array(6) });
    expect(cotangent).toMatchObject({ k: 1, n: 3, data: new Float64Array(3) });
  });

  test('an identity as tangent gives the transposed Jacobian', () => {
    const y = ops.matmul(x, constant([1, 2, 3, 4, 5, 6], { k: 2, n: 3 }), 'nt');
    const [jacobian] = pushforward([y], [x], [identity(3)]) as [Value];
    expect(new Oracle(at([1, 1, 1])).at(jacobian, 0)).toEqual([
      [1, 4],
      [2, 5],
      [3, 6],
    ]);
  });

  test('of a sum over rows the parameters get their share once, and through every row', () => {
    const table = modelTables().trained;
    const p = table.declare('p', { k: 1, n: 1 }, () => [0]);
    const one = input('x', 1);
    const y = ops.mul(ops.total(ops.mul(one, p)), p);
    const [ofX, ofP] = pullback([y], [one, p], [scalar(1)]) as [Value, Value];
    const parameters = { trained: Float64Array.of(3), state: new Float64Array(0) };
    const oracle = new Oracle({ parameters, rows: 2, inputs: { x: Float64Array.of(1, 2) } });
    // y = (1 + 2) p^2 at p = 3.
    expect(oracle.at(y, 0)).toEqual([[27]]);
    expect(oracle.at(ofP, 0)).toEqual([[18]]);
    expect([...oracle.rows(ofX)]).toEqual([9, 9]);
  });

  test('a value of parameters alone stands in every row', () => {
    const p = modelTables().trained.declare('p', { k: 1, n: 1 }, () => [0]);
    const [ofP] = pullback([ops.square(p)], [p], [scalar(1)]) as [Value];
    const parameters = { trained: Float64Array.of(3), state: new Float64Array(0) };
    expect(new Oracle({ parameters, rows: 4, inputs: {} }).at(ofP, 0)).toEqual([[24]]);
  });

  test('derivatives stop at the values they are asked for', () => {
    const h = ops.exp(x);
    const y = ops.mul(h, x);
    const [ofH, ofX] = pullback([y], [h, x], [constant([1, 1, 1], x)]) as [Value, Value];
    const oracle = new Oracle(at([0, 1, 2]));
    expect(oracle.at(ofH, 0)).toEqual([[0, 1, 2]]);
    expect(oracle.at(ofX, 0)).toEqual(oracle.at(h, 0));
  });
});

describe('misuse', () => {
  const y = within('head', () => ops.tanh(x));

  test('tangents and cotangents of other shapes', () => {
    expectRefused(
      () => pushforward([y], [x], [input('t', 2)]),
      'shape-mismatch',
      /^A tangent of shape \[1, 2\] was given for a value of shape \[1, 3\]\.$/,
    );
    const wide = input('wide', 3, 2);
    expectRefused(
      () => pushforward([wide], [wide], [input('t', 3, 4)]),
      'shape-mismatch',
      /tangent of shape \[4, 3\] .* shape \[2, 3\]/,
    );
    expectRefused(
      () => pushforward([wide], [wide], [input('t', 3, 3)]),
      'shape-mismatch',
      /tangent of shape \[3, 3\]/,
    );
    expectRefused(
      () => pullback([y], [x], [input('t', 3, 2)]),
      'shape-mismatch',
      /^A cotangent of shape \[2, 3\] was given for a value of shape \[1, 3\] in head\.$/,
    );
  });

  test('different numbers of tangents', () => {
    const z = input('z', 3);
    const sum = ops.add(x, z);
    expectRefused(
      () => pushforward([sum], [x, z], [input('a', 3, 2), input('b', 3, 4)]),
      'shape-mismatch',
      /tangent of shape \[4, 3\]/,
    );
    expectRefused(
      () => pushforward([sum], [x, z], [input('a', 3, 2), input('b', 3)]),
      'shape-mismatch',
      /tangent of shape \[1, 3\]/,
    );
  });

  const weight = input('w', 3, 3);
  const passages: readonly (readonly [string, () => Value])[] = [
    ['transpose', () => ops.transpose(x)],
    ['reshape', () => ops.reshape(ops.concat([x, x]), { k: 2, n: 3 })],
    ['broadcast', () => ops.broadcast(x, { k: 2, n: 3 })],
    ['matmul', () => ops.matmul(x, x, 'tn')],
    ['matmul', () => ops.matmul(x, ops.sin(x), 'nt')],
    ['triangularSolve', () => ops.triangularSolve(ops.matmul(x, x, 'tn'), x, { upper: true })],
    ['mul', () => ops.mul(x, weight)],
  ];
  test.each(passages)('several tangents through %s', (op, make) => {
    const value = within('layer.3', () => ops.sin(make()));
    const several = () => pushforward([value], [x], [identity(3)]);
    const first = op === 'triangularSolve' ? 'matmul' : op;
    expectRefused(
      several,
      'shape-mismatch',
      new RegExp(`^${first} in layer\\.3: several tangents cannot pass side by side`),
    );
    expect(pushforward([value], [x], [x])).toHaveLength(1);
  });

  test('a row cannot use a sum over rows', () => {
    const total = within('norm', () => ops.total(x));
    expectRefused(
      () => within('layer.1', () => ops.div(x, total)),
      'invalid-argument',
      /^div in layer\.1: a row cannot use a sum over all rows/,
    );
    expectRefused(() => ops.div(x, total), 'invalid-argument', /^div in the program: a row cannot use/);
    expect(ops.mul(total, scalar(2)).level).toBe('total');
  });
});
