import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { standardiser } from '../../src/data/index.ts';
import type { Table } from '../../src/data/index.ts';

function table(rows: number[][], columns = rows[0]!.map((_, j) => `c${j}`)): Table {
  return {
    matrix: { data: Float64Array.from(rows.flat()), rows: rows.length, cols: columns.length },
    columns,
  };
}

describe('standardiser', () => {
  const train = table([
    [1, 10],
    [3, 30],
    [5, 50],
    [7, 70],
  ]);

  it('takes mean and root mean squared deviation of the training rows', () => {
    const { mean, scale, logDet, columns } = standardiser(train);
    expect([...mean]).toEqual([4, 40]);
    expect(scale[0]).toBeCloseTo(Math.sqrt(5), 15);
    expect(scale[1]).toBeCloseTo(Math.sqrt(500), 14);
    expect(logDet).toBeCloseTo(-0.5 * Math.log(2500), 14);
    expect(columns).toEqual(['c0', 'c1']);
  });

  it('applies the map to other rows, and inverts it', () => {
    const { apply, invert } = standardiser(train);
    const x = table([[9, 0]]).matrix;
    const z = apply(x);
    expect(z.data[0]).toBeCloseTo(5 / Math.sqrt(5), 14);
    expect(z.data[1]).toBeCloseTo(-40 / Math.sqrt(500), 14);
    expect([...invert(z).data].map((value) => Math.round(value * 1e12) / 1e12)).toEqual([9, 0]);
    expect([...x.data]).toEqual([9, 0]);
  });

  it('works in double precision on single-precision rows', () => {
    const { data, rows, cols } = train.matrix;
    const single = { data: Float32Array.from(data), rows, cols };
    const { apply } = standardiser({ matrix: single, columns: ['a', 'b'] });
    expect(apply(single).data).toBeInstanceOf(Float64Array);
    expect(apply(single)).toEqual(standardiser(train).apply(train.matrix));
  });

  it('keeps its digits far from zero, and at the ends of the range', () => {
    const offset = table([[1e9 + 1], [1e9 + 2], [1e9 + 3]]);
    expect(standardiser(offset).scale[0]).toBeCloseTo(Math.sqrt(2 / 3), 9);
    const tiny = standardiser(table([[0], [2e-200]]));
    expect([tiny.mean[0], tiny.scale[0]]).toEqual([1e-200, 1e-200]);
    const large = standardiser(table([[-1e200], [1e200]]));
    expect([large.mean[0], large.scale[0]]).toEqual([0, 1e200]);
  });

  it('counts the change of variables: log p(x) = log p(z) + logDet, by the density of x itself', () => {
    const { mean, scale, logDet, apply } = standardiser(train);
    const x = [2.5, 61];
    const z = apply(table([x]).matrix).data;
    const normal = (value: number, m: number, s: number) =>
      -0.5 * ((value - m) / s) ** 2 - Math.log(s * Math.sqrt(2 * Math.PI));
    const direct = normal(x[0]!, mean[0]!, scale[0]!) + normal(x[1]!, mean[1]!, scale[1]!);
    expect(normal(z[0]!, 0, 1) + normal(z[1]!, 0, 1) + logDet).toBeCloseTo(direct, 12);
    // The same number by differences of the map.
    const slope = (j: number) => {
      const step = [x, x.map((value, k) => value + (k === j ? 1 : 0))].map(
        (row) => apply(table([row]).matrix).data[j]!,
      );
      return step[1]! - step[0]!;
    };
    expect(Math.log(slope(0) * slope(1))).toBeCloseTo(logDet, 12);
  });

  it('standardised rows have mean 0 and deviation 1', () => {
    const entry = fc.double({ min: -1e6, max: 1e6, noNaN: true });
    fc.assert(
      fc.property(fc.array(fc.tuple(entry, entry), { minLength: 2, maxLength: 30 }), (rows) => {
        const data = table([...rows, [1, 2], [3, 5]]);
        const { apply, invert } = standardiser(data);
        const z = apply(data.matrix);
        for (const j of [0, 1]) {
          const column = Array.from({ length: z.rows }, (_, i) => z.data[2 * i + j]!);
          const mean = column.reduce((a, b) => a + b) / z.rows;
          const square = column.reduce((sum, value) => sum + value * value, 0) / z.rows;
          expect(Math.abs(mean)).toBeLessThan(1e-9);
          expect(Math.abs(square - 1)).toBeLessThan(1e-9);
        }
        const back = invert(z);
        back.data.forEach((value, k) => {
          expect(Math.abs(value - data.matrix.data[k]!)).toBeLessThan(1e-9);
        });
      }),
    );
  });

  it('refuses constant columns by name', () => {
    expect(() =>
      standardiser(
        table(
          [
            [1, 0.1],
            [2, 0.1],
            [3, 0.1],
          ],
          ['fine', 'stuck'],
        ),
      ),
    ).toThrow(
      expect.objectContaining({
        code: 'invalid-data',
        message: "The column 'stuck' is constant: no density has such data; leave them out.",
      }) as Error,
    );
    expect(() =>
      standardiser(
        table(
          [
            [1, 0],
            [1, 0],
          ],
          ['a', 'b'],
        ),
      ),
    ).toThrow(/^The columns 'a', 'b' are constant/);
  });

  it('refuses columns whose spread is no double', () => {
    expect(() => standardiser(table([[-1.7e308], [1.7e308]], ['wide']))).toThrow(
      "The column 'wide' is spread beyond the range of a double.",
    );
  });

  it('refuses fewer than two rows, and what is not finite', () => {
    expect(() => standardiser(table([[1, 2]]))).toThrow('Standardising needs at least 2 rows; got 1.');
    expect(() => standardiser(table([[1], [Infinity]], ['x']))).toThrow(/hold Infinity in row 2, column 'x'/);
  });

  it('refuses matrices of another width', () => {
    const { apply, invert } = standardiser(train);
    expect(() => apply(table([[1, 2, 3]]).matrix)).toThrow(
      /A matrix of 2 columns is expected; got 1 x 3 with 3/,
    );
    expect(() => invert({ data: new Float64Array(3), rows: 2, cols: 2 })).toThrow(/got 2 x 2 with 3 numbers/);
  });
});
