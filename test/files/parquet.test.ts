import * as fc from 'fast-check';
import { parquetReadObjects } from 'hyparquet';
import { compressors } from 'hyparquet-compressors';
import { describe, expect, it } from 'vitest';
import { decodeParquet, encodeNpy, readTable } from '../../src/files/index.ts';
import { asLiouvilleError, mutate, recordAllocations } from './hostile.ts';
import { parquet } from './parquet-fixture.ts';

/** The numbers of a column. */
async function column(bytes: Uint8Array): Promise<number[]> {
  const { matrix } = await decodeParquet(bytes);
  expect(matrix.cols).toBe(1);
  return [...matrix.data];
}

const doubles = [1.5, -2.25, 1e300, 0, 1.5, 5e-324];
const integers = [1, -2, 2147483647, -2147483648, 0, 7];

describe('decodeParquet', () => {
  it.each(['DOUBLE', 'FLOAT', 'INT32', 'INT64', 'BOOLEAN', 'FLOAT16'] as const)('reads %s', async (type) => {
    const values = {
      DOUBLE: doubles,
      FLOAT: [1.5, -2.25, 0, 3e38].map(Math.fround),
      INT32: integers,
      INT64: [1n, -(2n ** 53n), 2n ** 53n - 1n],
      BOOLEAN: [true, false, false, true, true, false, true, false, true],
      FLOAT16: [1, -0.5, 65504],
    }[type];
    expect(await column(parquet([{ name: 'x', data: values, type }]))).toEqual(values.map(Number));
    expect(await column(parquet([{ name: 'x', data: values, type, nullable: false }]))).toEqual(
      values.map(Number),
    );
  });

  it.each([
    ['DOUBLE', 'PLAIN'],
    ['DOUBLE', 'BYTE_STREAM_SPLIT'],
    ['DOUBLE', 'RLE_DICTIONARY'],
    ['INT32', 'DELTA_BINARY_PACKED'],
    ['INT64', 'DELTA_BINARY_PACKED'],
    ['INT32', 'BYTE_STREAM_SPLIT'],
    ['BOOLEAN', 'RLE'],
  ] as const)('reads %s in encoding %s', async (type, encoding) => {
    const count = 1000;
    const value = (i: number) => {
      if (type === 'BOOLEAN') return i % 7 < 3;
      const x = ((i * 7919) % 201) * (i % 100 === 0 ? 9_999_999 : 1) - 1_000_000;
      return type === 'INT64' ? BigInt(x) * 1_000_003n : x;
    };
    const data = Array.from({ length: count }, (_, i) => value(i));
    expect(await column(parquet([{ name: 'x', data, type, encoding }]))).toEqual(data.map(Number));
  });

  it.each(['UNCOMPRESSED', 'SNAPPY', 'GZIP', 'ZSTD', 'LZ4_RAW'] as const)(
    'reads what %s packed',
    async (codec) => {
      const data = Float64Array.from({ length: 500 }, (_, i) => Math.sin(i));
      const bytes = parquet([{ name: 'x', data }], { codec });
      expect(await column(bytes)).toEqual([...data]);
    },
  );

  it('puts pages, row groups and columns together', async () => {
    const x = Float64Array.from({ length: 1000 }, (_, i) => i / 3);
    const y = Float64Array.from({ length: 1000 }, (_, i) => i % 5);
    const bytes = parquet(
      [
        { name: 'x', data: x },
        { name: 'y', data: y },
      ],
      { rowGroupSize: 300, pageSize: 400 },
    );
    const { matrix, columns, notes } = await readTable(bytes);
    expect([matrix.rows, matrix.cols, columns, notes]).toEqual([1000, 2, ['x', 'y'], []]);
    expect([...matrix.data]).toEqual(Array.from({ length: 2000 }, (_, k) => (k % 2 === 0 ? x : y)[k >> 1]));
  });

  it('reads decimals and unsigned integers, and rounds integers that no double holds', async () => {
    const schema = (element: object) =>
      [
        { name: 'root', num_children: 1 },
        { name: 'x', ...element },
      ] as never;
    const unsigned = parquet([{ name: 'x', data: [4294967295, 5] }], {
      schema: schema({ type: 'INT32', converted_type: 'UINT_32', repetition_type: 'REQUIRED' }),
    });
    expect(await column(unsigned)).toEqual([4294967295, 5]);
    const decimal = parquet([{ name: 'x', data: [12.34, -0.05] }], {
      schema: schema({
        type: 'INT32',
        converted_type: 'DECIMAL',
        scale: 2,
        precision: 9,
        repetition_type: 'REQUIRED',
      }),
    });
    expect(await column(decimal)).toEqual([12.34, -0.05]);
    expect(await column(parquet([{ name: 'x', data: [2n ** 53n + 1n, -(2n ** 62n)] }]))).toEqual([
      2 ** 53,
      -(2 ** 62),
    ]);
  });

  it('leaves out what is no column of numbers, and says so', async () => {
    const bytes = parquet([
      { name: 'name', data: ['a', 'b'], type: 'STRING' },
      { name: 'x', data: [1, 2], type: 'DOUBLE' },
      { name: 'when', data: [new Date(0), new Date(1)], type: 'TIMESTAMP' },
      { name: 'json', data: [{ a: 1 }, { a: 2 }], type: 'JSON' },
      { name: 'y', data: [3, 4], type: 'INT32' },
    ]);
    expect(await decodeParquet(bytes)).toEqual({
      matrix: { data: Float64Array.of(1, 3, 2, 4), rows: 2, cols: 2 },
      columns: ['x', 'y'],
      notes: ["Left out, being no columns of numbers: 'name' (text), 'when' (times), 'json' (JSON)."],
    });
    const none = parquet([{ name: 'name', data: ['a'], type: 'STRING' }]);
    await expect(decodeParquet(none, 'a.parquet')).rejects.toMatchObject({
      code: 'bad-file',
      message: "a.parquet: has no column of numbers. Left out, being no columns of numbers: 'name' (text).",
    });
  });

  it('leaves out nested columns, and finds those that follow', async () => {
    const schema = [
      { name: 'root', num_children: 2 },
      { name: 'list', repetition_type: 'OPTIONAL', num_children: 1, converted_type: 'LIST' },
      { name: 'list', repetition_type: 'REPEATED', num_children: 1 },
      { name: 'element', type: 'INT32', repetition_type: 'OPTIONAL' },
      { name: 'x', type: 'DOUBLE', repetition_type: 'REQUIRED' },
    ] as never;
    const columnData = [
      { name: 'list', data: [[1, 2], [3]] },
      { name: 'x', data: [5, 6] },
    ];
    expect(await decodeParquet(parquet(columnData, { schema }))).toEqual({
      matrix: { data: Float64Array.of(5, 6), rows: 2, cols: 1 },
      columns: ['x'],
      notes: ["Left out, being no columns of numbers: 'list' (a list or a struct)."],
    });
  });

  it('names the row and the column of a missing value', async () => {
    const data = Array.from({ length: 50 }, (_, i) => (i === 33 ? null : i));
    const bytes = parquet(
      [
        { name: 'z', data: data.map(() => 1) },
        { name: 'x', data },
      ],
      { rowGroupSize: 20 },
    );
    await expect(decodeParquet(bytes, 'a.parquet')).rejects.toMatchObject({
      code: 'invalid-data',
      message: "a.parquet: there is no value in row 34, column 'x'; a number is needed.",
    });
  });

  it('agrees with hyparquet', async () => {
    const values = fc.record({
      rows: fc.integer({ min: 1, max: 40 }),
      kinds: fc.array(fc.constantFrom('double', 'int', 'bigint', 'boolean'), { minLength: 1, maxLength: 4 }),
      seed: fc.nat(),
      rowGroupSize: fc.integer({ min: 1, max: 50 }),
      codec: fc.constantFrom('UNCOMPRESSED' as const, 'SNAPPY' as const, 'GZIP' as const),
    });
    await fc.assert(
      fc.asyncProperty(values, async ({ rows, kinds, seed, rowGroupSize, codec }) => {
        const number = (i: number, j: number) => ((seed % 1000) + 1) * (((i * 31 + j * 17) % 11) - 5);
        const make = (kind: string, i: number, j: number) => {
          if (kind === 'double') return number(i, j) / 7;
          if (kind === 'int') return number(i, j);
          return kind === 'bigint' ? BigInt(number(i, j)) : number(i, j) > 0;
        };
        const columnData = kinds.map((kind, j) => ({
          name: `c${j}`,
          data: Array.from({ length: rows }, (_, i) => make(kind, i, j)),
        }));
        const bytes = parquet(columnData, { rowGroupSize, codec });
        const { matrix, columns } = await decodeParquet(bytes);
        const file = {
          byteLength: bytes.length,
          slice: (from: number, to?: number) => bytes.slice(from, to).buffer,
        };
        const objects = await parquetReadObjects({ file, compressors });
        const expected = objects.flatMap((row) => columns.map((name) => Number(row[name])));
        expect([...matrix.data]).toEqual(expected);
      }),
      { numRuns: 60 },
    );
  });

  const small = () => parquet([{ name: 'x', data: [1, 2, 3] }], { codec: 'UNCOMPRESSED' });
  /** The file of three rows, with another number in the places of the footer that say 3. */
  const claiming = (rows: bigint) => {
    const bytes = small();
    const end = bytes.length - 8;
    const footer = bytes.subarray(end - new DataView(bytes.buffer).getUint32(end, true), end);
    const number: number[] = [];
    for (let rest = rows * 2n; number.length === 0 || rest > 0n; rest >>= 7n) {
      number.push(Number(rest & 127n) + (rest > 127n ? 128 : 0));
    }
    // A field of 64 bits that follows the one before, and 3 in zigzag.
    const changed = [...footer].flatMap((byte, i) =>
      byte === 6 && footer[i - 1] === 0x16 ? number : [byte],
    );
    const size = [changed.length & 255, changed.length >> 8, 0, 0];
    return Uint8Array.from([
      ...bytes.subarray(0, end - footer.length),
      ...changed,
      ...size,
      ...bytes.subarray(end + 4),
    ]);
  };

  const bad: [string, () => Uint8Array, RegExp][] = [
    ['an empty file', () => new Uint8Array(0), /is no Parquet file: it does not begin with PAR1\.$/],
    [
      'an .npy file',
      () => encodeNpy({ data: Float64Array.of(1), rows: 1, cols: 1 }),
      /looks like an \.npy file/,
    ],
    ['a file cut short', () => small().slice(0, -1), /does not end as a Parquet file: is it truncated\?/],
    ['the magic alone', () => Uint8Array.of(0x50, 0x41, 0x52, 0x31), /does not end as a Parquet file/],
    ['no rows', () => parquet([{ name: 'x', data: [], type: 'DOUBLE' }]), /has columns, but no rows/],
    ['2^60 rows', () => claiming(2n ** 60n), /its number of rows in a row group is 1152921504606847000/],
    [
      '2^40 rows',
      () => claiming(2n ** 40n),
      /claims 1099511627776 rows of 1 numbers in \d+ bytes: refused as out of/,
    ],
    ['more rows than there are', () => claiming(4n), /column 'x': /],
    [
      'a footer longer than the file',
      () => mutate(small(), [[small().length - 6, 255]]),
      /claims a footer of \d+ bytes, more than it has/,
    ],
  ];

  it.each(bad)('refuses %s', async (_name, make, message) => {
    const bytes = make();
    const { result, allocated } = await recordAllocations(() =>
      decodeParquet(bytes, 'a.parquet').catch(asLiouvilleError),
    );
    expect(result).toMatchObject({ code: 'bad-file' });
    expect((result as Error).message).toMatch(message);
    expect(allocated).toBeLessThan(10_000);
  });

  it('no mutation or truncation does anything but read or refuse, within bounds', async () => {
    const data = Array.from({ length: 60 }, (_, i) => i % 9);
    const files = (['UNCOMPRESSED', 'SNAPPY', 'GZIP', 'ZSTD', 'LZ4_RAW'] as const).flatMap((codec) => [
      parquet([{ name: 'x', data }], { codec }),
      parquet([{ name: 'x', data, encoding: 'DELTA_BINARY_PACKED', type: 'INT32' }], { codec }),
    ]);
    const change = fc.tuple(fc.nat(), fc.integer({ min: 0, max: 255 }));
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...files),
        fc.array(change, { minLength: 1, maxLength: 4 }),
        async (file, changes) => {
          const bytes = mutate(file, changes);
          const { allocated } = await recordAllocations(() => decodeParquet(bytes).catch(asLiouvilleError));
          // Pages of few values may claim 64 KiB each, for themselves and for the codec.
          expect(allocated).toBeLessThan(2 ** 20);
        },
      ),
      { numRuns: 2000 },
    );
  });
});
