import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeCsv, encodeCsv } from '../../src/files/index.ts';
import { asBadFile, mutate } from './hostile.ts';

const utf8 = (text: string) => new TextEncoder().encode(text);
const read = (text: string) => decodeCsv(utf8(text), 'a.csv');

describe('decodeCsv', () => {
  it('reads rows without a header', async () => {
    expect(await read('1,2.5\n-3e2,.5\n')).toEqual({
      matrix: { data: Float64Array.of(1, 2.5, -300, 0.5), rows: 2, cols: 2 },
      columns: ['x0', 'x1'],
      notes: [],
    });
  });

  it('finds a header, with quotes, spaces and a column that has no name', async () => {
    const table = await read(' time , "a, ""b""",\n1,2,3\n');
    expect(table.columns).toEqual(['time', 'a, "b"', 'x2']);
    expect([...table.matrix.data]).toEqual([1, 2, 3]);
  });

  it('takes any line ending, a byte order mark, blank lines and no final newline', async () => {
    const table = await read('\ufeffx,y\r\n1,2\n\n3,4\r5,6');
    expect(table.columns).toEqual(['x', 'y']);
    expect([...table.matrix.data]).toEqual([1, 2, 3, 4, 5, 6]);
  });

  it('leaves columns of text out, and says so', async () => {
    const table = await read('id,x,label,y,z\na1,1,cat,2,\na2,3,,4,\n');
    expect(table).toEqual({
      matrix: { data: Float64Array.of(1, 2, 3, 4), rows: 2, cols: 2 },
      columns: ['x', 'y'],
      notes: [
        `Left out, being no columns of numbers: 'id' (such as "a1"), 'label' (such as "cat"), 'z' (empty).`,
      ],
    });
  });

  it.each([
    ['semicolons', 'x;y\n1;2.5\n'],
    ['tabs', 'x\ty\n1\t2.5\n'],
    ['commas, with other separators in quotes', '"x;\t",y\n1,2.5\n'],
    ['commas, with a semicolon in the header', 'x;m,y\n1,2.5\n'],
  ])('takes %s', async (_name, text) => {
    const { matrix, notes } = await read(text);
    expect([[...matrix.data], notes]).toEqual([[1, 2.5], []]);
  });

  it('reads decimal commas where they separate nothing', async () => {
    const { matrix, columns, notes } = await read('a;b\n1,5;-2\n,25;3,e1\n');
    expect([...matrix.data]).toEqual([1.5, -2, 0.25, 30]);
    expect([columns, notes]).toEqual([['a', 'b'], ['Commas were read as decimal marks.']]);
    expect([...(await read('1,5\t2\n3\t4,5\n')).matrix.data]).toEqual([1.5, 2, 3, 4.5]);
  });

  it('takes no comma in a quoted field between commas for a decimal mark, since it may divide thousands', async () => {
    const { matrix, notes } = await read('"1,500",2\n"2,500",3\n');
    expect([[...matrix.data], notes]).toEqual([
      [2, 3],
      [`Left out, being no columns of numbers: 'x0' (such as "1,500").`],
    ]);
  });

  it('reads the same from pieces of any size', async () => {
    const bytes = utf8('\ufeffx;"ä; ""b"""\r\n1;2\r\n3;4,5\r\n');
    const whole = await decodeCsv(bytes);
    expect(whole.columns).toEqual(['x', 'ä; "b"']);
    for (const size of [1, 2, 3, 7]) {
      const pieces = async function* () {
        for (let at = 0; at < bytes.length; at += size) yield bytes.slice(at, at + size);
      };
      expect(await decodeCsv(pieces())).toEqual(whole);
    }
  });

  it('reads what is not finite, in the spellings of Python, R and JavaScript', async () => {
    const { matrix } = await read('nan,NaN,-nan,inf,-inf,+Inf,Infinity,-Infinity\n');
    expect([...matrix.data]).toEqual([NaN, NaN, NaN, Infinity, -Infinity, Infinity, Infinity, -Infinity]);
  });

  it('reads more rows than its first buffer holds', async () => {
    const { matrix } = await read(Array.from({ length: 5000 }, (_, i) => `${i},${-i}`).join('\n'));
    expect(matrix.rows).toBe(5000);
    expect(matrix.data.every((value, k) => value === (k % 2 === 0 ? 1 : -1) * Math.floor(k / 2))).toBe(true);
  });

  const bad: [string, string, string][] = [
    ['an empty file', '', 'a.csv: is empty: there are no rows in it.'],
    ['blank lines only', '\n\n', 'a.csv: is empty: there are no rows in it.'],
    ['a header only', 'x,y\n', 'a.csv: has a header line, but no rows.'],
    ['text among numbers', 'x,y\n1,2\n3,four\n', 'a.csv: line 3, column 2 (y): "four" is not a number.'],
    [
      'numbers among text',
      'x,y\n1,two\n3,4\n',
      'a.csv: line 2, column 2 (y): "two" is not a number; line 3 has "4" there.',
    ],
    ['NA', 'x\n1\nNA\n', 'a.csv: line 3, column 1 (x): "NA" stands for no value; a number is expected.'],
    [
      'a value missing first',
      'x,y\n,1\n2,3\n',
      'a.csv: line 2, column 1 (x): the field is empty; a number is expected.',
    ],
    ['text only', 'a,b\nc,d\n', 'a.csv: has no column of numbers.'],
    [
      'spaces between numbers',
      '1 2\n3 4\n',
      'a.csv: has no column of numbers. Are there spaces between its fields? Commas, semicolons or tabs are expected.',
    ],
    [
      'both decimal marks',
      '1,5;2\n1.5;2\n',
      'a.csv: line 2, column 1 (x0): "1.5" is not written with a comma as decimal mark, as the file began.',
    ],
    ['JSON', '[[1, 2], [3, 4]]', 'a.csv: is no CSV: it looks like JSON.'],
    ['a Parquet file', 'PAR1', 'a.csv: is no CSV: it looks like a Parquet file.'],
    [
      'a first line that is half a header',
      '1,y\n1,2\n',
      'a.csv: line 1, column 2 (x1): "y" is not a number; line 2 has "2" there (a header line has no numbers in it).',
    ],
    ['hexadecimal numbers', '1\n0x10\n', 'a.csv: line 2, column 1 (x0): "0x10" is not a number.'],
    [
      'an empty field',
      'x,y\n1,2\n3,\n',
      'a.csv: line 3, column 2 (y): the field is empty; a number is expected.',
    ],
    [
      'a number beyond doubles',
      '1\n1e999\n',
      'a.csv: line 2, column 1 (x0): "1e999" is beyond the range of a double.',
    ],
    ['a short line', '1,2\n3\n', 'a.csv: line 2 has 1 field; 2 are expected.'],
    ['a long line', 'x,y\n1,2\n\n3,4,5\n', 'a.csv: line 4 has 3 fields; 2 are expected.'],
  ];

  it.each(bad)('refuses %s', async (_name, text, message) => {
    await expect(read(text)).rejects.toMatchObject({ code: 'bad-file', message });
  });

  it('refuses an open quote and bytes that are no text', async () => {
    await expect(read('x,"y\n1,2\n')).rejects.toThrow(/^a\.csv: is not well-formed CSV: .*quote/i);
    await expect(decodeCsv(Uint8Array.of(0x31, 0xff, 0xfe))).rejects.toThrow(/is not UTF-8 text/);
  });

  it('abbreviates a long field and judges it in linear time', async () => {
    const digits = '1'.repeat(200_000);
    await expect(read(`1\n${digits}x\n`)).rejects.toThrow(
      /line 2, column 1 \(x0\): "1{40}\.\.\." is not a number/,
    );
  });
});

describe('encodeCsv', () => {
  const matrix = { data: Float64Array.of(0.1, -0, 1e21, NaN), rows: 2, cols: 2 };

  it('writes shortest numbers, signed zeros and quoted names', () => {
    const text = new TextDecoder().decode(encodeCsv(matrix, ['x', 'a "b", c']));
    expect(text).toBe('x,"a ""b"", c"\n0.1,-0\n1e+21,NaN\n');
    expect(new TextDecoder().decode(encodeCsv(matrix))).toBe('0.1,-0\n1e+21,NaN\n');
  });

  it('refuses names that could not be read back', () => {
    expect(() => encodeCsv(matrix, ['x'])).toThrow(/columns must name the 2 columns of the matrix; got 1/);
    expect(() => encodeCsv(matrix, ['x', ' 1e3 '])).toThrow(/must not be empty nor numbers; got " 1e3 "/);
    expect(() => encodeCsv(matrix, ['x', ' '])).toThrow(/must not be empty nor numbers; got " "/);
    expect(() => encodeCsv({ ...matrix, rows: 3 })).toThrow(/3 x 2 must hold .* got 4/);
  });
});

const names = fc.string({ unit: 'grapheme', maxLength: 8 }).map((text) => `n${text}`.trim());
const matrices = fc
  .tuple(fc.integer({ min: 1, max: 6 }), fc.integer({ min: 1, max: 4 }))
  .chain(([rows, cols]) =>
    fc.record({
      data: fc.float64Array({ minLength: rows * cols, maxLength: rows * cols }),
      rows: fc.constant(rows),
      cols: fc.constant(cols),
      columns: fc.option(fc.array(names, { minLength: cols, maxLength: cols }), { nil: undefined }),
    }),
  );

describe('properties', () => {
  it('a written table is read back, bit for bit', async () => {
    await fc.assert(
      fc.asyncProperty(matrices, async ({ columns, ...matrix }) => {
        const table = await decodeCsv(encodeCsv(matrix, columns));
        expect(table.matrix).toEqual(matrix);
        if (columns !== undefined) expect(table.columns).toEqual(columns);
      }),
    );
  });

  it('no truncation and no mutation does anything but read or refuse', async () => {
    const bytes = utf8('x,"y"\r\n1.5,-2e3\r\n3,nan\n');
    const change = fc.tuple(fc.nat(bytes.length - 1), fc.integer({ min: 0, max: 255 }));
    await fc.assert(
      fc.asyncProperty(fc.nat(bytes.length), fc.array(change, { maxLength: 4 }), async (length, changes) => {
        const result = await decodeCsv(mutate(bytes, changes).subarray(0, length)).catch(asBadFile);
        if (!(result instanceof Error)) expect(result.matrix.data.length).toBeLessThanOrEqual(length);
      }),
      { numRuns: 1000 },
    );
  });
});
