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

  test('elementwise ops become a chain, which stores what more than the next op reads', () => {
    const [a, b, c] = [row(6, 1, 2), row(8, 1, 2), row(10, 1, 2)];
    const text = body({
      ...twoInputs([
        ['exp', a, [x]],
        ['neg', b, [a]],
        ['sin', c, [b]],
        ['mul', c, [b, c]],
      ]),
      outputs: [c],
    });
    expect(text).toBe(
      '  chain\n' +
        '    it = exp of row 0 [1, 2]\n' +
        '    row 8 [1, 2] = neg of it\n' +
        '    it = sin of it\n' +
        '    row 10 [1, 2] = mul of row 8 [1, 2], it\n',
    );
  });

  test('what comes after a chain, or the caller, finds what it reads', () => {
    const [a, b] = [row(6, 1, 2), row(8, 1, 2)];
    const lines: Line[] = [
      ['exp', a, [x]],
      ['neg', b, [a]],
    ];
    const stored = 'row 6 [1, 2] = exp';
    expect(body({ ...twoInputs(lines), outputs: [b] })).not.toContain(stored);
    expect(body({ ...twoInputs(lines), outputs: [b, row(7, 1, 1)] })).toContain(stored);
    expect(body({ ...twoInputs([...lines, ['concat', row(10, 1, 4), [a, b]]]), outputs: [b] })).toContain(
      stored,
    );
    const product: Line = ['matmul', row(10, 1, 3), [a, weight], nt];
    expect(body({ ...twoInputs([...lines, product]), outputs: [b] })).toContain(stored);
    const written: Line = ['slice', a, [b], [0, 2]];
    expect(body({ ...twoInputs([...lines, written, product]), outputs: [b] })).not.toContain(stored);
    // Written anew in parts: what is left of it may still be read, until nothing is.
    const half = (at: number): Line => ['slice', row(at, 1, 1), [b], [0, 1]];
    const readsOneHalf: Line = ['concat', row(10, 1, 2), [row(6, 1, 1), row(6, 1, 1)]];
    expect(body({ ...twoInputs([...lines, half(6), product]), outputs: [b] })).toContain(stored);
    expect(body({ ...twoInputs([...lines, half(7), readsOneHalf]), outputs: [b] })).toContain(stored);
    expect(body({ ...twoInputs([...lines, half(6), readsOneHalf]), outputs: [b] })).not.toContain(stored);
    expect(body({ ...twoInputs([...lines, half(6), half(7), product]), outputs: [b] })).not.toContain(stored);
  });

  test('a chain ends where a register is used again at other features', () => {
    const a = row(6, 1, 2);
    const chains = (line: Line): number => {
      const text = body(twoInputs([['exp', a, [x]], ['neg', row(20, 2, 2), [tangents]], line]));
      return text.split('\n').filter((found) => /^ {2}\S/.test(found)).length;
    };
    expect(chains(['neg', row(10, 1, 2), [a]])).toBe(1);
    expect(chains(['neg', row(10, 1, 2), [row(20, 1, 2)]])).toBe(1);
    // Reads a feature further on, writes one, writes what was read, has another width, repeats a feature.
    expect(chains(['neg', row(10, 1, 2), [row(21, 1, 2)]])).toBe(2);
    expect(chains(['neg', row(7, 1, 2), [x]])).toBe(2);
    expect(chains(['add', row(21, 2, 2), [tangents, x]])).toBe(2);
    expect(chains(['neg', row(10, 1, 3), [row(0, 1, 3)]])).toBe(2);
    expect(chains(['add', row(10, 1, 2), [x, row(6, 1, 1)]])).toBe(2);
  });

  test('of several values side by side none writes what another one reads', () => {
    const text = body(
      twoInputs([
        ['exp', row(20, 1, 2), [x]],
        ['mul', row(10, 2, 2), [tangents, row(20, 1, 2)]],
        ['neg', row(20, 2, 2), [tangents]],
      ]),
    );
    expect(text.match(/^ {2}chain/gm)).toHaveLength(1);
    expect(text).toContain('\n  row 20 [2, 2] = neg of row 2 [2, 2]\n');
  });

  test('ops that read each other follow each other, and so do those with the same k', () => {
    const [gate, a, wide] = [row(6, 1, 2), row(8, 1, 2), row(10, 2, 2)];
    const text = body({
      ...twoInputs([
        ['sigmoid', gate, [x]],
        ['mul', wide, [tangents, gate]],
        ['sin', a, [x]],
        ['tanh', row(14, 1, 2), [gate]],
        ['mul', wide, [wide, a]],
      ]),
      outputs: [wide, row(14, 1, 2)],
    });
    expect(text).toBe(
      '  chain\n' +
        '    row 6 [1, 2] = sigmoid of row 0 [1, 2]\n' +
        '    row 14 [1, 2] = tanh of it\n' +
        '    row 8 [1, 2] = sin of row 0 [1, 2]\n' +
        '    it = mul of row 2 [2, 2], row 6 [1, 2]\n' +
        '    row 10 [2, 2] = mul of it, row 8 [1, 2]\n',
    );
  });

  test('products that are summed over k are not stored, unless somebody reads them', () => {
    const [products, sum] = [row(10, 2, 2), row(6, 1, 2)];
    const lines: Line[] = [
      ['mul', products, [tangents, tangents]],
      ['sum', sum, [products], [0]],
    ];
    expect(body({ ...twoInputs(lines), outputs: [sum] })).toBe(
      '  row 6 [1, 2] = sumOfProducts of row 2 [2, 2], row 2 [2, 2]\n',
    );
    expect(body({ ...twoInputs(lines), outputs: [sum, products] })).toContain(
      'row 6 [1, 2] = sum of row 10 [2, 2]',
    );
  });

  test('a product with one feature is a multiplication, which starts from what is added to it', () => {
    const column: Place = ['trained', 0, 3, 1];
    const [t, y, z] = [row(0, 1, 1), row(6, 1, 3), row(10, 1, 3)];
    const scaled: Line = ['matmul', y, [t, column], nt];
    expect(body(twoInputs([scaled, ['add', y, [y, bias]]]))).toBe(
      '  row 6 [1, 3] = scale of row 0 [1, 1], trained 0 [1, 3], trained 6 [1, 3]\n',
    );
    const both = body({
      ...twoInputs([['exp', z, [row(0, 1, 3)]], scaled, ['add', z, [z, y]]]),
      outputs: [z],
    });
    expect(both).toContain('= scale of row 0 [1, 1], trained 0 [1, 3], it\n');
    const time = row(20, 1, 1);
    const over = body({
      ...twoInputs([
        ['neg', time, [t]],
        ['matmul', y, [time, column], nt],
        ['add', row(20, 1, 3), [row(0, 1, 3), y]],
      ]),
      outputs: [row(20, 1, 3)],
    });
    expect(over).toContain('row 20 [1, 3] = add of row 0 [1, 3], row 6 [1, 3]');
    const kept = body({ ...twoInputs([scaled, ['add', z, [y, row(0, 1, 3)]]]), outputs: [y, z] });
    expect(kept).toContain('row 10 [1, 3] = add of it, row 0 [1, 3]');
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
