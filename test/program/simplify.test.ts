import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  Program,
  constant,
  identity,
  input,
  ops,
  pushforward,
  scalar,
  trace,
  vjp,
} from '../../src/program/index.ts';
import type { InputShape, Value } from '../../src/program/index.ts';
import { simplify } from '../../src/program/simplify.ts';
import { expectSameRows } from '../support/close.ts';
import { prepare } from '../support/cases/case.ts';
import { dense, exactTrace } from '../support/cases/models.ts';
import { oracleRows } from '../support/oracle.ts';
import { cook, recipes } from '../support/random-programs.ts';

/** The lines of a program after its first, without indentation. */
function lines(program: Program): string[] {
  return program
    .toString()
    .split('\n')
    .slice(1)
    .map((line) => line.trim());
}

/** The op of each line that computes. */
function opsOf(program: Program): string[] {
  return lines(program).flatMap((line) => (/^%\d+ \[\d+, \d+\] = (\w+)/.exec(line) ?? []).slice(1));
}

function count(program: Program, op: string): number {
  return opsOf(program).filter((name) => name === op).length;
}

const inputs = { x: 3, z: 3, s: 1, m: { k: 2, n: 3 } } as const satisfies Record<string, InputShape>;
type Leaves = Readonly<Record<keyof typeof inputs, Value>>;

/** What `build` is simplified to, as the last operation and the name of the output. */
function simplified(build: (leaves: Leaves) => Value): string {
  const program = trace('one', inputs, (leaves) => ({ y: build(leaves) }));
  const computed = lines(program).filter((line) => !line.startsWith('input ') && !line.startsWith('body'));
  return computed.map((line) => line.replace(/^output y = /, '')).join('; ');
}

const ones = constant([1, 1, 1], { k: 1, n: 3 });
const zero = constant([0, 0, 0], { k: 1, n: 3 });

const rewrites: readonly (readonly [string, (leaves: Leaves) => Value, string])[] = [
  ['x + 0', ({ x }) => ops.add(x, 0), 'x'],
  ['0 + x', ({ x }) => ops.add(zero, x), 'x'],
  ['x - 0', ({ x }) => ops.sub(x, 0), 'x'],
  ['0 - x', ({ x }) => ops.sub(0, x), '%0 [1, 3] = neg x; %0'],
  ['x * 1', ({ x }) => ops.mul(x, ones), 'x'],
  ['1 * x', ({ x }) => ops.mul(1, x), 'x'],
  ['x * 0', ({ x }) => ops.mul(x, 0), 'constant[1, 3]'],
  ['0 * x', ({ x }) => ops.mul(zero, x), 'constant[1, 3]'],
  [
    'pads next to each other, first to last',
    ({ x, s }) => ops.add(ops.pad(x, 1, 2), ops.pad(s, 4, 1)),
    '%0 [1, 4] = concat x s; %1 [1, 6] = pad %0 before=1 after=1; %1',
  ],
  [
    'three pads that fill a row, last to first',
    ({ x, z, s }) => ops.add(ops.add(ops.pad(s, 6, 0), ops.pad(z, 3, 1)), ops.pad(x, 0, 4)),
    '%0 [1, 7] = concat x z s; %0',
  ],
  [
    'pads with a gap',
    ({ x, s }) => ops.add(ops.pad(x, 0, 3), ops.pad(s, 4, 1)),
    '%0 [1, 6] = pad x before=0 after=3; %1 [1, 6] = pad s before=4 after=1; %2 [1, 6] = add %0 %1; %2',
  ],
  [
    'pads that overlap',
    ({ x, z }) => ops.add(ops.pad(x, 0, 2), ops.pad(z, 2, 0)),
    '%0 [1, 5] = pad x before=0 after=2; %1 [1, 5] = pad z before=2 after=0; %2 [1, 5] = add %0 %1; %2',
  ],
  ['-1 * x', ({ x }) => ops.mul(-1, x), '%0 [1, 3] = neg x; %0'],
  ['x * -1', ({ x }) => ops.mul(x, -1), '%0 [1, 3] = neg x; %0'],
  ['x / 1', ({ x }) => ops.div(x, 1), 'x'],
  ['0 / x', ({ x }) => ops.div(0, x), 'constant[1, 3]'],
  ['-(-x)', ({ x }) => ops.neg(ops.neg(x)), 'x'],
  ['where(1, x, z)', ({ x, z }) => ops.where(ones, x, z), 'x'],
  ['where(0, x, z)', ({ x, z }) => ops.where(0, x, z), 'z'],
  ['s * 1, widened', ({ s }) => ops.mul(s, ones), '%0 [1, 3] = broadcast s k=1 n=3; %0'],
  [
    'x + 0, widened',
    ({ x }) => ops.add(x, constant(new Float64Array(6), { k: 2, n: 3 })),
    '%0 [2, 3] = broadcast x k=2 n=3; %0',
  ],
  [
    'x - 0, widened',
    ({ x }) => ops.sub(x, constant(new Float64Array(6), { k: 2, n: 3 })),
    '%0 [2, 3] = broadcast x k=2 n=3; %0',
  ],
  ['0 - s, widened', ({ s }) => ops.sub(zero, s), '%0 [1, 3] = broadcast s k=1 n=3; %1 [1, 3] = neg %0; %1'],
  [
    's * -1, widened',
    ({ s }) => ops.mul(s, ops.neg(ones)),
    '%0 [1, 3] = broadcast s k=1 n=3; %1 [1, 3] = neg %0; %1',
  ],
  ['s / 1, widened', ({ s }) => ops.div(s, ones), '%0 [1, 3] = broadcast s k=1 n=3; %0'],
  ['0 / x, widened', ({ m }) => ops.div(0, m), 'constant[2, 3]'],
  ['s * 0, widened', ({ s }) => ops.mul(s, zero), 'constant[1, 3]'],
  ['where(1, s, x)', ({ s, x }) => ops.where(1, s, x), '%0 [1, 3] = broadcast s k=1 n=3; %0'],
  ['s, widened, + x', ({ s, x }) => ops.add(ops.broadcast(s, x), x), '%0 [1, 3] = add s x; %0'],
  ['x < s, widened', ({ s, x }) => ops.less(x, ops.broadcast(s, x)), '%0 [1, 3] = less x s; %0'],
  [
    'where(x, z, s), s widened',
    ({ x, z, s }) => ops.where(x, z, ops.broadcast(s, x)),
    '%0 [1, 3] = where x z s; %0',
  ],
  [
    's * s, both widened: one of them has to be',
    ({ s }) => ops.mul(ops.broadcast(s, { k: 1, n: 3 }), ops.broadcast(s, { k: 1, n: 3 })),
    '%0 [1, 3] = broadcast s k=1 n=3; %1 [1, 3] = mul s %0; %1',
  ],
  ['a slice of everything', ({ x }) => ops.slice(x, 0, 3), 'x'],
  ['no padding', ({ x }) => ops.pad(x, 0, 0), 'x'],
  ['no broadcast', ({ x }) => ops.broadcast(x, { k: 1, n: 3 }), 'x'],
  [
    'reshapes in a row',
    ({ m }) => ops.reshape(ops.reshape(m, { k: 3, n: 2 }), { k: 1, n: 6 }),
    '%0 [1, 6] = reshape m k=1 n=6; %0',
  ],
  ['there and back', ({ m }) => ops.reshape(ops.reshape(m, { k: 3, n: 2 }), { k: 2, n: 3 }), 'm'],
  ['a slice of zeros', ({ x }) => ops.slice(ops.mul(x, 0), 0, 2), 'constant[1, 2]'],
  ['a sum of one number', ({ s }) => ops.sum(ops.sum(s, 'n'), 'k'), 's'],
  ['transposed twice', ({ m }) => ops.transpose(ops.transpose(m)), 'm'],
  ['a transposed row', ({ x }) => ops.transpose(x), '%0 [3, 1] = reshape x k=3 n=1; %0'],
  ['x I', ({ x }) => ops.matmul(x, identity(3), 'nn'), 'x'],
  ['x I^T', ({ x }) => ops.matmul(x, identity(3), 'nt'), 'x'],
  ['m^T I', ({ m }) => ops.matmul(m, identity(2), 'tn'), '%0 [3, 2] = transpose m; %0'],
  ['I m', ({ m }) => ops.matmul(identity(2), m, 'nn'), 'm'],
  ['I^T m', ({ m }) => ops.matmul(identity(2), m, 'tn'), 'm'],
  ['I m^T', ({ m }) => ops.matmul(identity(3), m, 'nt'), '%0 [3, 2] = transpose m; %0'],
  ['0 m', ({ m }) => ops.matmul(constant(new Float64Array(8), { k: 4, n: 2 }), m, 'nn'), 'constant[4, 3]'],
  ['constants', () => ops.mul(ops.exp(scalar(0)), ops.add(2, 3)), '5'],
  ['constants among others', ({ x }) => ops.mul(ops.add(2, 3), x), '%0 [1, 3] = mul 5 x; %0'],
  // These are not what they seem for NaN and infinities.
  ['x - x', ({ x }) => ops.sub(x, x), '%0 [1, 3] = sub x x; %0'],
  ['x / x', ({ x }) => ops.div(x, x), '%0 [1, 3] = div x x; %0'],
  // Nearly an identity is none.
  [
    'x P',
    ({ x }) => ops.matmul(x, constant([0, 1, 0, 1, 0, 0, 0, 0, 1], { k: 3, n: 3 }), 'nn'),
    '%0 [1, 3] = matmul x constant[3, 3] form=nn; %0',
  ],
  [
    'where(c, x, z)',
    ({ x, z }) => ops.where(constant([1, 0, 1], { k: 1, n: 3 }), x, z),
    '%0 [1, 3] = where constant[1, 3] x z; %0',
  ],
];

describe('what is simplified', () => {
  test.each(rewrites)('%s', (_name, build, expected) => {
    expect(simplified(build)).toBe(expected);
  });

  test('equal expressions are computed once', () => {
    const program = trace('shared', { x: 2 }, ({ x }) => {
      const once = ops.exp(ops.add(x, 1));
      const again = ops.exp(ops.add(x, 1));
      return { y: ops.mul(once, again), z: ops.exp(ops.add(x, 2)), w: ops.add(1, x) };
    });
    // Addition is not reordered, so that x + 1 and 1 + x stay two.
    expect(opsOf(program).toSorted()).toEqual(['add', 'add', 'add', 'exp', 'exp', 'mul']);
  });

  test('attributes tell expressions apart', () => {
    const program = trace('apart', { x: 4 }, ({ x }) => ({
      a: ops.slice(x, 0, 2),
      b: ops.slice(x, 1, 2),
      c: ops.take(x, [0, 1]),
      d: ops.take(x, [1, 0]),
      e: ops.sum(ops.broadcast(x, { k: 2, n: 4 }), 'k'),
      f: ops.sum(ops.broadcast(x, { k: 2, n: 4 }), 'n'),
    }));
    expect(opsOf(program)).toEqual(['slice', 'slice', 'take', 'take', 'broadcast', 'sum', 'sum']);
  });

  test('zeros of both signs are told apart', () => {
    const program = trace('signs', { x: 1 }, ({ x }) => ({
      y: ops.div(x, constant([0, 1], { k: 1, n: 2 })),
      z: ops.div(x, constant([-0, 1], { k: 1, n: 2 })),
    }));
    expect(count(program, 'div')).toBe(2);
  });

  test('what no output needs is dropped; inputs stay', () => {
    const program = trace('dead', { x: 2, unused: 3 }, ({ x, unused }) => {
      ops.sin(ops.exp(unused));
      return { y: ops.neg(x), z: ops.mul(ops.cos(x), 0) };
    });
    expect(opsOf(program)).toEqual(['neg']);
    expect(program.inputs.map(({ name }) => name)).toEqual(['x', 'unused']);
  });

  test('a number times zero is zero whatever the number is', () => {
    const program = trace('zero', { x: 1 }, ({ x }) => ({ y: ops.mul(ops.log(x), 0) }));
    expect(program.outputs['y']).toMatchObject({ kind: 'constant', data: Float64Array.of(0) });
  });
});

describe('derivatives of models', () => {
  const network = {
    rows: 1,
    trace: (scope: Parameters<typeof dense>[0]): Program =>
      trace('network', { x: 3 }, ({ x }) => {
        const h = ops.tanh(dense(scope, 'first', x, 4));
        const f = dense(scope, 'last', h, 3);
        return { f, trace: exactTrace(f, x) };
      }),
  };

  test('tangents of an identity become the transposed weight, once per call', () => {
    const { program } = prepare(network);
    const text = program.toString();
    expect(text).toMatch(/prologue, once per call\n {4}%\d+ \[3, 4\] = transpose first\.weight\n {2}body/);
    // x W1^T, tangents through the last layer, and f itself: none multiplies an identity.
    expect(lines(program).filter((line) => line.includes('matmul'))).toEqual([
      expect.stringMatching(/= matmul x first\.weight form=nt/),
      expect.stringMatching(/= matmul %\d+ last\.weight form=nt/),
      expect.stringMatching(/\[3, 3\] = matmul %\d+ last\.weight form=nt/),
    ]);
  });

  test('the gradient of a weight is gathered in one sum over rows', () => {
    const { program } = prepare(network);
    const transposed = vjp(program);
    expect(count(transposed, 'outerTotal')).toBe(2);
    // The last weight is met by the value and by the three tangents together.
    const sums = lines(transposed).filter((line) => line.includes('outerTotal'));
    expect(new Set(sums.map((line) => line.split(/outerTotal /)[1]!.split(' ').length))).toEqual(
      new Set([2, 4]),
    );
    // The weight of the first layer gets its tangents' share by a sum of its own, transposed in the epilogue.
    expect(count(transposed, 'total')).toBe(3);
    for (const line of lines(transposed)) expect(line).not.toMatch(/matmul .* form=tn/);
  });

  test('sums over rows that are added become one', () => {
    const { program } = prepare({
      rows: 1,
      trace: (scope) =>
        trace('bias', { x: 2, z: 2 }, ({ x, z }) => {
          const bias = scope.parameter('bias', { k: 1, n: 2 }, () => [0, 0]);
          return { y: ops.sin(ops.add(x, bias)), w: ops.cos(ops.add(z, bias)) };
        }),
    });
    expect(count(vjp(program), 'total')).toBe(1);
  });
});

describe('any program', () => {
  test('means the same as before', () => {
    fc.assert(
      fc.property(recipes, (recipe) => {
        const { outputs, data } = cook(recipe);
        const names = Object.keys(outputs);
        const results = simplify(Object.values(outputs));
        const after = oracleRows(Object.fromEntries(names.map((name, i) => [name, results[i]!])), data);
        expectSameRows(after, oracleRows(outputs, data), { relative: 1e-14, precision: 'float64' });
      }),
      { numRuns: 100, seed: 40 },
    );
  });

  test('simplifying again changes nothing', () => {
    fc.assert(
      fc.property(recipes, (recipe) => {
        const { program } = cook(recipe);
        const again = new Program(program.name, program.inputs, program.outputs, program.gradients);
        expect(again.toString()).toBe(program.toString());
        const transposed = vjp(program);
        const twice = new Program(
          transposed.name,
          transposed.inputs,
          transposed.outputs,
          transposed.gradients,
        );
        expect(twice.toString()).toBe(transposed.toString());
      }),
      { numRuns: 60, seed: 41 },
    );
  });

  test('what is pushed forward along nothing costs nothing', () => {
    const x = input('x', 3);
    const y = ops.tanh(ops.mul(ops.exp(x), 2));
    const [tangent] = pushforward([y], [x], [zero]) as [Value];
    expect(simplify([tangent])[0]).toMatchObject({ kind: 'constant', data: new Float64Array(3) });
  });
});
