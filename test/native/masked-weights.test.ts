import { describe, expect, test } from 'vitest';
import { addon, missing } from './addon.ts';
import { assemble } from './assembler.ts';
import type { Assembly, Place } from './assembler.ts';

const row = (offset: number, k: number, n: number): Place => ['row', offset, k, n];
const weight: Place = ['trained', 0, 3, 2];
const x: Place = row(0, 1, 2);
const nt = [0];

/** A program with a masked weight, and the gradient of it. */
const masked: Place = ['prologue', 0, 3, 2];
const maskOf: Place = ['constant', 0, 3, 2];
const total: Place = ['total', 0, 3, 2];
const y: Place = row(6, 1, 3);
const lower: Assembly = {
  sizes: { trained: 12, prologue: 6, row: 40, total: 6, epilogue: 6 },
  constants: [1, 0, 1, 1, 0, 0],
  prologue: [['mul', masked, [weight, maskOf]]],
  body: [
    ['matmul', y, [x, masked], nt],
    ['outerTotal', total, [y, x]],
  ],
  epilogue: [['mul', ['epilogue', 0, 3, 2], [maskOf, total]]],
  gradients: [['epilogue', 0, 6, 0]],
  inputs: [x],
  outputs: [y],
};
const whole = (assembly: Assembly): string => addon.describe(addon.createProgram(assemble(assembly)));

describe.skipIf(missing !== undefined)('masked weights', () => {
  test('a product takes the weight itself and the mask; a sum its mask; nothing is left before and after', () => {
    expect(whole(lower)).toBe(
      'prologue\n' +
        'body\n' +
        '  product with trained 0 [3, 2], masked by constant 0\n' +
        '    row 6 [1, 3] = row 0 [1, 2]\n' +
        '  total 0 [3, 2] = outerTotal of row 6 [1, 3], row 0 [1, 2], masked by constant 0\n' +
        'epilogue\n' +
        'planes 40\n',
    );
  });

  test.each<[string, Partial<Assembly>]>([
    ['numbers other than zero and one', { constants: [1, 0, 0.5, 1, 0, 0] }],
    ['no product', { prologue: [['add', masked, [weight, maskOf]]] }],
    ['a mask of one row', { prologue: [['mul', masked, [weight, ['constant', 0, 1, 2]]]] }],
    [
      'a weight that the prologue writes',
      {
        sizes: { ...lower.sizes, prologue: 12 },
        prologue: [
          ['neg', ['prologue', 6, 3, 2], [weight]],
          ['mul', masked, [['prologue', 6, 3, 2], maskOf]],
        ],
      },
    ],
    [
      'a result that is written twice',
      {
        prologue: [
          ['mul', masked, [weight, maskOf]],
          ['neg', ['prologue', 1, 1, 1], [['trained', 0, 1, 1]]],
        ],
      },
    ],
  ])('%s: the product reads what the prologue made', (_, change) => {
    const text = whole({ ...lower, ...change });
    expect(text).toContain('product with prologue 0 [3, 2]\n');
  });

  test('a masked weight that something else reads is made all the same', () => {
    const text = whole({ ...lower, outputs: [y, masked] });
    expect(text).toContain('product with trained 0 [3, 2], masked');
    expect(text).toContain('prologue\n  prologue 0 [3, 2] = mul of');
  });

  test.each<[string, Partial<Assembly>]>([
    ['a sum that is a gradient as it is', { gradients: [['total', 0, 6, 0]] }],
    [
      'a sum that has two readers',
      {
        epilogue: [
          ['mul', ['epilogue', 0, 3, 2], [maskOf, total]],
          ['neg', ['epilogue', 6, 3, 2], [total]],
        ],
        sizes: { ...lower.sizes, epilogue: 12 },
      },
    ],
    [
      'a part of a sum',
      {
        epilogue: [
          [
            'mul',
            ['epilogue', 0, 1, 2],
            [
              ['constant', 0, 1, 2],
              ['total', 2, 1, 2],
            ],
          ],
        ],
        gradients: [],
      },
    ],
  ])('%s is computed in full', (_, change) => {
    expect(whole({ ...lower, ...change })).not.toContain('[1, 2], masked');
  });

  test.each<[string, Partial<Assembly>]>([
    [
      'something else reads',
      {
        epilogue: [...lower.epilogue!, ['neg', ['epilogue', 6, 3, 2], [['epilogue', 0, 3, 2]]]],
        sizes: { ...lower.sizes, epilogue: 12 },
      },
    ],
    ['only in part is a gradient', { gradients: [['epilogue', 2, 4, 2]] }],
  ])('a masked sum that %s is multiplied all the same', (_, change) => {
    const text = whole({ ...lower, ...change });
    expect(text).toContain('[1, 2], masked by constant 0');
    expect(text).toContain('epilogue 0 [3, 2] = mul of constant 0 [3, 2], total 0 [3, 2]');
  });

  test('masks that begin at the same number keep their shapes', () => {
    const [wide, narrow]: Place[] = [row(6, 1, 3), row(10, 1, 2)];
    const text = whole({
      ...lower,
      sizes: { trained: 12, prologue: 12, row: 40 },
      prologue: [
        ['mul', masked, [weight, maskOf]],
        [
          'mul',
          ['prologue', 6, 2, 3],
          [
            ['trained', 6, 2, 3],
            ['constant', 0, 2, 3],
          ],
        ],
      ],
      body: [
        ['matmul', wide!, [x, masked], nt],
        ['matmul', narrow!, [wide!, ['prologue', 6, 2, 3]], nt],
      ],
      epilogue: [],
      gradients: [],
    });
    expect(text.match(/masked by constant 0/g)).toHaveLength(2);
  });
});
