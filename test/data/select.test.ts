import { describe, expect, it } from 'vitest';
import { selectColumns } from '../../src/data/index.ts';
import type { Table } from '../../src/data/index.ts';

const table = (columns: string[], single = false): Table => {
  const numbers = Array.from({ length: 2 * columns.length }, (_, k) => k);
  return {
    matrix: {
      data: single ? Float32Array.from(numbers) : Float64Array.from(numbers),
      rows: 2,
      cols: columns.length,
    },
    columns,
  };
};

describe('selectColumns', () => {
  it('leaves a table that has just the columns as it is', () => {
    const same = table(['a', 'b']);
    expect(selectColumns(same, ['a', 'b'], 'rows')).toBe(same);
  });

  it('finds columns by name, in any order and among others, of the same precision', () => {
    expect(selectColumns(table(['c', 'a', 'b']), ['a', 'c'], 'rows')).toEqual({
      matrix: { data: Float64Array.of(1, 0, 4, 3), rows: 2, cols: 2 },
      columns: ['a', 'c'],
    });
    expect(selectColumns(table(['b', 'a'], true), ['a', 'b'], 'rows').matrix.data).toEqual(
      Float32Array.of(1, 0, 3, 2),
    );
  });

  it('takes columns in their order where one side has no names', () => {
    const unnamed = table(['x0', 'x1']);
    expect(selectColumns(unnamed, ['a', 'b'], 'rows')).toBe(unnamed);
    const named = table(['a', 'b']);
    expect(selectColumns(named, ['x0', 'x1'], 'rows')).toBe(named);
  });

  it('takes names that several columns have for the same columns in the same order only', () => {
    const twice = table(['a', 'a', 'b']);
    expect(selectColumns(twice, ['a', 'a', 'b'], 'rows')).toBe(twice);
    expect(() => selectColumns(twice, ['a', 'b', 'a'], 'rows')).toThrow(
      'rows: several columns have the name a; got 3 (a, a, b).',
    );
    expect(() => selectColumns(twice, ['a', 'b'], 'rows')).toThrow(/several columns have the name a/);
    expect(() => selectColumns(table(['a', 'b']), ['a', 'a'], 'rows')).toThrow(
      /the model was trained on several columns of the name a/,
    );
    expect(selectColumns(twice, ['b'], 'rows').matrix.data).toEqual(Float64Array.of(2, 5));
  });

  it('refuses another width, and names that are not there', () => {
    expect(() => selectColumns(table(['x0', 'x1', 'x2']), ['a', 'b'], '--data')).toThrow(
      '--data: expected the 2 columns that the model was trained on (a, b); got 3 (x0, x1, x2).',
    );
    expect(() => selectColumns(table(['a', 'b']), ['b', 'c', 'd'], '--data')).toThrow(
      '--data: there is no column c, d, which the model was trained on; got 2 (a, b).',
    );
  });
});
