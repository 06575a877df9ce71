import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { tableNotes, toy } from '../../src/data/index.ts';
import type { Table } from '../../src/data/index.ts';

function table(rows: readonly (readonly number[])[], columns?: string[]): Table {
  const cols = rows[0]!.length;
  return {
    matrix: { data: Float64Array.from(rows.flat()), rows: rows.length, cols },
    columns: columns ?? Array.from({ length: cols }, (_, j) => `c${j}`),
  };
}

describe('tableNotes', () => {
  it('has nothing to say about rows from a density', () => {
    expect(tableNotes({ matrix: toy['moons']!(5000), columns: ['x', 'y'] })).toEqual([]);
  });

  it('counts rows that repeat an earlier one', () => {
    const [note] = tableNotes(
      table([
        [0.5, 1.5],
        [2, 0.1],
        [0.5, 1.5],
        [0.5, 1.5],
        [1.5, 0.5],
        [0.25, 7],
      ]),
    );
    expect(note).toMatch(/^2 of 6 rows \(33 %\) repeat an earlier row exactly\./);
    expect(
      tableNotes(
        table([
          [0, 0.5],
          [-0, 0.5],
        ]),
      )[0],
    ).toMatch(/^1 of 2 rows/);
  });

  it('counts them as sorting does', () => {
    const rows = fc.array(fc.tuple(fc.nat(3), fc.nat(3)), { minLength: 1, maxLength: 40 });
    fc.assert(
      fc.property(rows, (integers) => {
        const repeated = integers.length - new Set(integers.map(String)).size;
        const notes = tableNotes(table(integers.map(([a, b]) => [a + 0.5, b / 7 + 0.1])));
        expect(Number(notes[0]?.split(' ')[0] ?? 0)).toBe(repeated);
      }),
    );
  });

  it('names columns of whole numbers, and what to do', () => {
    const notes = tableNotes(
      table(
        [
          [1, 0.5, 3],
          [2, 0.25, 9],
        ],
        ['age', 'x', 'count'],
      ),
    );
    expect(notes).toEqual([
      "Columns 'age', 'count' hold whole numbers only, so that densities can grow without bound: dequantise, for example by adding uniform noise from [0, 1).",
    ]);
    const wide = tableNotes(table([Array.from({ length: 12 }, (_, j) => j), new Array<number>(12).fill(20)]));
    expect(wide[0]).toMatch(/^Columns 'c0', .*'c7' and 4 more hold whole numbers/);
  });

  it('points out whole numbers that doubles do not tell apart', () => {
    const notes = tableNotes(
      table(
        [
          [2 ** 60, 0.5],
          [1, 0.25],
        ],
        ['id', 'x'],
      ),
    );
    expect(notes[1]).toBe("Column 'id' holds whole numbers beyond 2^53, of which doubles hold some only.");
  });

  it('points out values beside which the rest nearly coincides, but no heavy tails', () => {
    const tailed = Array.from({ length: 400 }, (_, i) => Math.tan(((i + 0.5) / 400 - 0.5) * Math.PI));
    expect(tableNotes(table(tailed.map((value) => [value])))).toEqual([]);
    tailed[3] = 1e300;
    expect(tableNotes(table(tailed.map((value) => [value, value / 1e300 + 1 / 3])))).toEqual([
      expect.stringMatching(/^Column 'c0' holds values so far away from the rest that/) as string,
    ]);
  });

  it('leaves constant columns to those who refuse them', () => {
    const rows = [0.5, 1.5, 2.5].map((value) => [value, 5]);
    expect(tableNotes(table(rows))).toEqual([]);
  });

  it('refuses what is not finite, by row and column', () => {
    expect(() =>
      tableNotes(
        table(
          [
            [1, NaN],
            [2, Infinity],
          ],
          ['x', 'y'],
        ),
      ),
    ).toThrow(
      "The data hold NaN in row 1, column 'y', and 1 more entry is not finite; finite numbers are needed.",
    );
  });
});
