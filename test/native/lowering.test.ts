import { describe, expect, test } from 'vitest';
import { addon, missing } from './addon.ts';
import { assemble } from './assembler.ts';
import type { Assembly, Line, Place } from './assembler.ts';

/** The body as the kernels run it. */
function body(assembly: Assembly): string {
  const text = addon.describe(addon.createProgram(assemble(assembly)));
  return text.slice(text.indexOf('body\n') + 5, text.indexOf('epilogue'));
}

const row = (offset: number, k: number, n: number): Place => ['row', offset, k, n];
const weight: Place = ['trained', 0, 3, 2];
const bias: Place = ['trained', 6, 1, 3];
const otherBias: Place = ['trained', 9, 1, 3];
const x: Place = row(0, 1, 2);
const tangents: Place = row(2, 2, 2);
const nt = [0];
const nn = [1];

/** Inputs x and tangents, and room for results. */
function twoInputs(lines: readonly Line[]): Assembly {
  return { sizes: { trained: 12, row: 40 }, inputs: [x, tangents], body: lines };
}

describe.skipIf(missing !== undefined)('the body of a program', () => {
  test('neighbours with the same matrix become one product, their biases its start', () => {
    const y = row(6, 1, 3);
    const text = body(
      twoInputs([
        ['matmul', y, [x, weight], nt],
        ['add', y, [y, bias]],
        ['matmul', row(10, 2, 3), [tangents, weight], nt],
      ]),
    );
    expect(text).toBe(
      '  product with trained 0 [3, 2], bias trained 6 [1, 3]\n' +
        '    row 6 [1, 3] = row 0 [1, 2] from the bias\n' +
        '    row 10 [2, 3] = row 2 [2, 2]\n',
    );
  });

  test('a bias on either side, and of one operand only', () => {
    const [y, z] = [row(6, 1, 3), row(10, 2, 3)];
    const text = body(
      twoInputs([
        ['matmul', y, [x, weight], nt],
        ['matmul', z, [tangents, weight], nt],
        ['add', z, [bias, z]],
      ]),
    );
    expect(text).toContain('row 6 [1, 3] = row 0 [1, 2]\n');
    expect(text).toContain('row 10 [2, 3] = row 2 [2, 2] from the bias\n');
    expect(text).not.toContain('add');
  });

  test('a second bias for the same matrix stays an addition', () => {
    const [y, z] = [row(6, 1, 3), row(10, 1, 3)];
    const text = body(
      twoInputs([
        ['matmul', y, [x, weight], nt],
        ['add', y, [y, bias]],
        ['add', y, [y, bias]],
        ['matmul', z, [x, weight], nt],
        ['add', z, [z, otherBias]],
      ]),
    );
    expect(text.match(/product/g)).toHaveLength(2);
    expect(text).toContain('row 6 [1, 3] = add of row 6 [1, 3], trained 6 [1, 3]');
    expect(text).toContain('row 10 [1, 3] = row 0 [1, 2]\n');
    expect(text).toContain('row 10 [1, 3] = add of row 10 [1, 3], trained 9 [1, 3]');
  });

  test('an addition elsewhere, or of something else, is none of a bias', () => {
    const y = row(6, 1, 3);
    const scalarBias: Place = ['trained', 6, 1, 1];
    const cases: Line[] = [
      ['add', row(10, 1, 3), [y, bias]],
      ['add', y, [y, scalarBias]],
      ['add', y, [y, y]],
      ['mul', y, [y, bias]],
    ];
    for (const line of cases) {
      const text = body(twoInputs([['matmul', y, [x, weight], nt], line]));
      expect(text).not.toContain('bias');
      expect(text).toContain(`= ${line[0]} of`);
    }
  });

  test('operands that share a register are multiplied one after the other', () => {
    const square: Place = ['trained', 0, 2, 2];
    const chain = body(
      twoInputs([
        ['matmul', row(6, 1, 2), [x, square], nt],
        ['matmul', row(8, 1, 2), [row(6, 1, 2), square], nt],
      ]),
    );
    expect(chain.match(/product/g)).toHaveLength(2);

    const [a, b] = [row(6, 1, 2), row(8, 1, 2)];
    const reused = body(
      twoInputs([
        ['neg', a, [x]],
        ['matmul', b, [a, square], nt],
        ['matmul', row(5 + 1, 2, 2), [tangents, square], nt],
      ]),
    );
    expect(reused.match(/product/g)).toHaveLength(2);
  });

  test('the transposed product has the matrix packed the other way', () => {
    const wide: Place = ['trained', 0, 2, 3];
    const text = body(twoInputs([['matmul', row(6, 1, 3), [x, wide], nn]]));
    expect(text).toContain('product with trained 0 [2, 3] transposed\n');
  });

  test('what all rows share is spread for ops that work on rows only', () => {
    const constant: Place = ['constant', 0, 1, 2];
    const text = body({
      ...twoInputs([
        ['concat', row(6, 1, 4), [x, constant]],
        ['mul', row(10, 1, 2), [constant, x]],
      ]),
      constants: [1, 2],
    });
    expect(text).toBe(
      '  row 40 [1, 2] = spread of constant 0 [1, 2]\n' +
        '  row 6 [1, 4] = concat of row 0 [1, 2], row 40 [1, 2]\n' +
        '  row 10 [1, 2] = mul of constant 0 [1, 2], row 0 [1, 2]\n',
    );
  });

  test('values without numbers disappear', () => {
    const none = row(6, 1, 0);
    const text = body(
      twoInputs([
        ['slice', none, [x], [2, 0]],
        ['exp', none, [none]],
        ['concat', row(6, 1, 2), [none, x]],
        ['pad', row(8, 1, 2), [none], [1, 1]],
        ['matmul', row(10, 1, 3), [none, ['trained', 0, 3, 0]], nt],
      ]),
    );
    expect(text).toBe(
      '  row 6 [1, 2] = concat of row 0 [1, 2]\n' +
        '  row 8 [1, 2] = spread of constant 0 [1, 2]\n' +
        '  row 10 [1, 3] = spread of constant 2 [1, 3]\n',
    );
  });
});
