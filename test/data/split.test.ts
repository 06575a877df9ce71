import { describe, expect, it } from 'vitest';
import { splitRows, toyData } from '../../src/data/index.ts';
import type { Table } from '../../src/data/index.ts';

/** Row i holds i and -i, so that rows can be told apart. */
function numbered(rows: number): Table {
  const data = Float64Array.from({ length: 2 * rows }, (_, k) => (k % 2 === 0 ? 1 : -1) * Math.floor(k / 2));
  return { matrix: { data, rows, cols: 2 }, columns: ['i', 'minus i'] };
}

function firstColumn({ matrix }: Table): number[] {
  return Array.from({ length: matrix.rows }, (_, i) => matrix.data[matrix.cols * i]!);
}

describe('splitRows', () => {
  it.each([
    [10, 8, 1, 1],
    [19, 17, 1, 1],
    [100, 80, 10, 10],
    [1009, 809, 100, 100],
  ])('deals %d rows out as %d, %d and %d', (rows, train, validation, test) => {
    const split = splitRows(numbered(rows), 1);
    expect([split.train, split.validation, split.test].map(({ matrix }) => matrix.rows)).toEqual([
      train,
      validation,
      test,
    ]);
    const all = [split.train, split.validation, split.test].flatMap(firstColumn);
    expect(all.toSorted((a, b) => a - b)).toEqual(Array.from({ length: rows }, (_, i) => i));
  });

  it('keeps rows whole and columns named', () => {
    const { train } = splitRows(numbered(50), 2);
    expect(train.columns).toEqual(['i', 'minus i']);
    for (let i = 0; i < train.matrix.rows; i++)
      expect(train.matrix.data[2 * i]! + train.matrix.data[2 * i + 1]!).toBe(0);
  });

  it('shuffles, by the seed, and leaves the table alone', () => {
    const table = numbered(200);
    const first = splitRows(table, 7);
    expect(table).toEqual(numbered(200));
    expect(splitRows(table, 7)).toEqual(first);
    expect(firstColumn(splitRows(table, 8).test)).not.toEqual(firstColumn(first.test));
    expect(firstColumn(first.train)).not.toEqual(firstColumn(first.train).toSorted((a, b) => a - b));
  });

  it('keeps single precision', () => {
    const { data, rows, cols } = numbered(20).matrix;
    const table = { matrix: { data: Float32Array.from(data), rows, cols }, columns: ['a', 'b'] };
    expect(splitRows(table).test.matrix.data).toBeInstanceOf(Float32Array);
  });

  it('refuses fewer rows than it can deal out', () => {
    expect(() => splitRows(numbered(9))).toThrow(/^The data have 9 rows; at least 10 are needed/);
    expect(() => splitRows(numbered(1))).toThrow(/^The data have 1 row;/);
  });

  it('names the row and the column of what is not finite', () => {
    const table = numbered(12);
    table.matrix.data[7] = NaN;
    expect(() => splitRows(table)).toThrow(
      expect.objectContaining({
        code: 'invalid-data',
        message: "The data hold NaN in row 4, column 'minus i'; finite numbers are needed.",
      }) as Error,
    );
    table.matrix.data[4] = -Infinity;
    table.matrix.data[20] = Infinity;
    expect(() => splitRows(table)).toThrow(
      "The data hold -Infinity in row 3, column 'i', and 2 more entries are not finite; finite numbers are needed.",
    );
  });

  it('refuses a table that is not whole', () => {
    const { matrix } = numbered(12);
    expect(() => splitRows({ matrix, columns: ['only one'] })).toThrow(/12 x 2 must hold .* got 24 and 1/);
    expect(() => splitRows({ matrix: { ...matrix, rows: 13 }, columns: ['a', 'b'] })).toThrow(/13 x 2/);
  });
});

describe('toyData', () => {
  const split = toyData('8gaussians', 5);

  it('has 50,000, 5,000 and 10,000 rows', () => {
    expect(
      [split.train, split.validation, split.test].map(({ matrix }) => [matrix.rows, matrix.cols]),
    ).toEqual([
      [50_000, 2],
      [5_000, 2],
      [10_000, 2],
    ]);
    expect(split.test.columns).toEqual(['x', 'y']);
  });

  it('draws its sets independently, all by the seed', () => {
    const firsts = [split.train, split.validation, split.test].map((table) =>
      firstColumn(table).slice(0, 100),
    );
    expect(new Set(firsts.flat()).size).toBe(300);
    expect(toyData('8gaussians', 5).validation).toEqual(split.validation);
    expect(toyData('8gaussians', 6).validation).not.toEqual(split.validation);
  });

  it('refuses names that it does not know, and names the nearest', () => {
    expect(() => toyData('8gausians')).toThrow(
      /Unknown toy '8gausians'\. Did you mean '8gaussians'\? Known: moons/,
    );
    expect(() => toyData('constructor')).toThrow(/Unknown toy 'constructor'/);
  });
});
