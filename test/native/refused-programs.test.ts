import { describe, expect, test } from 'vitest';
import { addon, missing } from './addon.ts';
import { assemble } from './assembler.ts';
import type { Assembly, Line, Place } from './assembler.ts';
import type { Code } from '../../src/engine/native/addon.ts';

const row = (offset: number, n: number, k = 1): Place => ['row', offset, k, n];
const x = row(0, 2);

/** A program over an input of two numbers, with room for ten numbers everywhere. */
function over(parts: Assembly['body'], more: Partial<Assembly> = {}): Code {
  const sizes = { trained: 10, prologue: 10, row: 10, total: 10, epilogue: 10 };
  return assemble({ sizes, inputs: [x], body: parts ?? [], ...more });
}

const y = row(4, 2);
const good = over([['exp', y, [x]]], { outputs: [y] });

/** Bytecode with some words of one of its arrays replaced. */
function changed(part: Exclude<keyof Code, 'constants'>, words: Readonly<Record<number, number>>): Code {
  const copy = good[part].slice();
  for (const [at, word] of Object.entries(words)) copy[Number(at)] = word;
  return { ...good, [part]: copy };
}

const take = (indices: readonly number[]): Code => over([['take', row(4, indices.length), [x], indices]]);

const refused: readonly (readonly [what: string, code: Code, message: RegExp])[] = [
  ['a space too few', { ...good, sizes: new Int32Array(6) }, /sizes: expected one for each of the 7 spaces/],
  ['a negative size', changed('sizes', { 4: -1 }), /sizes\[4\]: expected a number from 0/],
  ['a size beyond all memory', changed('sizes', { 5: 2 ** 30 }), /sizes\[5\]: expected a number from 0/],
  ['constants of another number', { ...good, constants: new Float64Array(1) }, /constants/],
  ['half a value', { ...good, values: good.values.slice(1) }, /values: expected four numbers/],
  ['a value in no space', changed('values', { 0: 7 }), /value 0: expected a space/],
  ['a value before its space', changed('values', { 1: -1 }), /value 0: lies outside/],
  ['a value beyond its space', changed('values', { 1: 9 }), /value 0: lies outside/],
  ['a value of negative size', changed('values', { 2: -1 }), /value 0: expected a shape/],
  ['a value whose size overflows', changed('values', { 2: 2 ** 30, 3: 2 ** 30 }), /value 0: lies outside/],
  [
    'an instruction without length',
    changed('body', { 0: 0 }),
    /body, instruction 0: expected an instruction/,
  ],
  ['an instruction longer than the code', changed('body', { 0: 6 }), /body, instruction 0/],
  ['an op that does not exist', changed('body', { 1: 31 }), /expected the code of an op/],
  ['an op of the plan', changed('body', { 1: 128 }), /expected the code of an op/],
  ['more operands than words', changed('body', { 2: 2 }), /expected a number of operands/],
  ['less than no operands', changed('body', { 2: -1 }), /expected a number of operands/],
  ['a result that does not exist', changed('body', { 3: 9 }), /expected numbers of values/],
  ['an operand that does not exist', changed('body', { 4: -1 }), /expected numbers of values/],
  ['an operand too few', over([['add', y, [x]]]), /instruction 0 \(add\): expected two operands/],
  [
    'a result of another shape',
    over([['exp', row(4, 3), [x]]]),
    /expected a result of shape \[1, 2\]; got \[1, 3\]/,
  ],
  [
    'shapes that do not broadcast',
    over([
      ['exp', y, [x]],
      ['add', row(6, 3), [y, row(4, 3)]],
    ]),
    /written|shapes/,
  ],
  ['an attribute too many', over([['exp', y, [x], [1]]]), /attributes/],
  ['a slice beyond the end', over([['slice', y, [x], [1, 2]]]), /features within/],
  ['a slice whose end overflows', over([['slice', y, [x], [1, 2 ** 31 - 1]]]), /features within/],
  ['an index beyond the end', take([0, 2]), /indices/],
  ['an index before the begin', take([-1]), /indices/],
  ['a scattering beyond the end', over([['scatter', row(4, 3), [x], [3, 0, 3]]]), /indices/],
  ['a scattering with too few indices', over([['scatter', row(4, 3), [x], [3, 0]]]), /an index for each/],
  ['negative padding', over([['pad', row(4, 1), [x], [-1, 0]]]), /zeros/],
  ['an axis that is none', over([['sum', row(4, 1), [x], [2]]]), /0 or 1/],
  ['a product of another form', over([['matmul', row(4, 1), [x, x], [3]]]), /form/],
  ['a product that does not fit', over([['matmul', row(4, 1), [x, ['trained', 0, 1, 3]], [0]]]), /features/],
  [
    'a triangle that is not square',
    over([['triangularSolve', y, [['trained', 0, 1, 2], x], [0, 0, 0]]]),
    /square/,
  ],
  [
    'the inverse of what is not square',
    over([['inverseLogDet', row(4, 3), [['trained', 0, 1, 2]]]]),
    /a square matrix of 1 to 1024 rows/,
  ],
  ['the largest along an axis that is none', over([['largest', row(4, 1), [x], [2]]]), /0 or 1/],
  ['the largest of nothing', over([['largest', row(4, 1), [row(4, 0)], [1]]]), /at least one number/],
  ['an odd number of factors', over([['outerTotal', ['total', 0, 2, 2], [x, x, x]]]), /pairs/],
  ['what was never written', over([['exp', y, [row(6, 2)]]]), /read before it was written/],
  [
    'what was written in part',
    over([
      ['exp', row(4, 1), [row(0, 1)]],
      ['exp', row(6, 2), [y]],
    ]),
    /read before/,
  ],
  ['an output that was never written', over([], { outputs: [y] }), /output: it is never written/],
  ['an output that is a sum', over([], { outputs: [['total', 0, 1, 1]] }), /output/],
  [
    'an input outside of the row',
    over([], { inputs: [['trained', 0, 1, 1]] }),
    /input: expected a value of the row/,
  ],
  ['inputs that overlap', over([], { inputs: [x, row(1, 2)] }), /two of them overlap/],
  ['a change of an input', over([['neg', x, [x]]]), /writes over an input/],
  [
    'a row in the prologue',
    over([], { prologue: [['neg', ['prologue', 0, 1, 2], [x]]] }),
    /prologue.*later section/,
  ],
  ['a sum in the body', over([['neg', y, [['total', 0, 1, 2]]]]), /later section/],
  [
    'a row in the epilogue',
    over([], { epilogue: [['neg', ['epilogue', 0, 1, 2], [x]]] }),
    /epilogue.*later section/,
  ],
  [
    'a row result in the prologue',
    over([], { prologue: [['neg', y, [['trained', 0, 1, 2]]]] }),
    /another section/,
  ],
  ['a parameter as result', over([['neg', ['trained', 0, 1, 2], [x]]]), /another section/],
  [
    'a sum in the prologue',
    over([], { prologue: [['total', ['total', 0, 1, 2], [['trained', 0, 1, 2]]]] }),
    /body/,
  ],
  ['a sum over a row', over([['total', y, [x]]]), /belong to the body/],
  ['two sums in one place', over([sumTo(0), sumTo(1)]), /place to itself/],
  [
    'a result over part of an operand',
    over([
      ['exp', y, [x]],
      ['neg', row(5, 2), [y]],
    ]),
    /overlaps an operand/,
  ],
  [
    'a sum over its operand',
    over([
      ['exp', y, [x]],
      ['cumsum', y, [y], [0]],
    ]),
    /overlaps an operand/,
  ],
  ['a gradient in the row', over([], { gradients: [['row', 0, 1, 0]] }), /gradient: expected a sum/],
  ['a gradient of nothing', over([], { gradients: [['total', 0, 1, 0]] }), /gradient: it is never written/],
  ['a gradient of no parameter', over([], { gradients: [['trained', 0, 1, -1]] }), /gradient.*parameter/],
];

function sumTo(offset: number): Line {
  return ['total', ['total', offset, 1, 2], [x]];
}

describe.skipIf(missing !== undefined)('bytecode', () => {
  test('that is sound makes a program', () => {
    expect(addon.describe(addon.createProgram(good))).toContain('row 4 [1, 2] = exp of row 0 [1, 2]');
  });

  test.each(refused)('is refused for %s', (_what, code, message) => {
    let thrown: unknown = null;
    try {
      addon.createProgram(code);
    } catch (error) {
      thrown = error;
    }
    expect(thrown).toMatchObject({
      code: 'invalid-argument',
      message: expect.stringMatching(message) as string,
    });
  });
});
