import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeNpy, encodeNpy, matrixFromNpy } from '../../src/files/index.ts';
import type { NpyArray } from '../../src/files/index.ts';
import { ascii, decodeHostile, join, mutate, refusal } from './hostile.ts';

/** An .npy file made by hand. */
function npy(dictionary: string, data: Uint8Array | readonly number[], version = 1): Uint8Array {
  const length = dictionary.length + 1;
  const size = version === 1 ? [length & 255, length >> 8] : [length & 255, length >> 8, 0, 0];
  return join(
    ascii('\x93NUMPY'),
    Uint8Array.from([version, 0, ...size]),
    ascii(`${dictionary}\n`),
    Uint8Array.from(data),
  );
}

function header(descr: string, shape: string, fortran = 'False'): string {
  return `{'descr': '${descr}', 'fortran_order': ${fortran}, 'shape': ${shape}, }`;
}

const littleFloats = new Uint8Array(Float64Array.of(1, 2, 3, 4, 5, 6).buffer);

describe('decodeNpy', () => {
  // What Python's struct.pack gives for the numbers.
  const types: [string, number[], number[]][] = [
    ['|b1', [0, 1, 2], [0, 1, 1]],
    ['|i1', [0xff, 0x80], [-1, -128]],
    ['|u1', [0xff, 0x80], [255, 128]],
    ['<i2', [0xfe, 0xff], [-2]],
    ['>i2', [0xff, 0xfe], [-2]],
    ['<u2', [0xfe, 0xff], [65534]],
    ['<i4', [0xff, 0xff, 0xff, 0xff], [-1]],
    ['>u4', [0xff, 0xff, 0xff, 0xfe], [4294967294]],
    ['<i8', [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff], [-1]],
    ['>u8', [0x00, 0x20, 0, 0, 0, 0, 0, 0x03], [2 ** 53 + 4]],
    ['<f2', [0x00, 0x3c, 0x01, 0x00, 0xff, 0x7b, 0x00, 0xfc], [1, 2 ** -24, 65504, -Infinity]],
    ['>f4', [0x3f, 0x80, 0, 0], [1]],
    ['<f8', [0, 0, 0, 0, 0, 0, 0xf0, 0x3f], [1]],
    ['>f8', [0x3f, 0xf0, 0, 0, 0, 0, 0, 0], [1]],
  ];

  it.each(types)('reads type %s', (descr, data, values) => {
    const array = decodeNpy(npy(header(descr, `(${values.length},)`), data));
    expect([...array.data]).toEqual(values);
    expect(array.shape).toEqual([values.length]);
  });

  it('uses single precision exactly where that loses nothing', () => {
    expect(decodeNpy(npy(header('|u1', '(1,)'), [7])).data).toBeInstanceOf(Float32Array);
    expect(decodeNpy(npy(header('<f4', '(1,)'), [0, 0, 0, 0])).data).toBeInstanceOf(Float32Array);
    expect(decodeNpy(npy(header('<i4', '(1,)'), [0, 0, 0, 0])).data).toBeInstanceOf(Float64Array);
  });

  it('turns Fortran order into C order, at any rank', () => {
    const flat = decodeNpy(npy(header('<f8', '(2, 3)', 'True'), littleFloats));
    expect([...flat.data]).toEqual([1, 3, 5, 2, 4, 6]);
    const deep = decodeNpy(
      npy(
        header('|u1', '(2, 3, 2)', 'True'),
        Array.from({ length: 12 }, (_, i) => i),
      ),
    );
    // Entry (i, j, k) lies at i + 2 j + 6 k.
    expect([...deep.data]).toEqual([0, 6, 2, 8, 4, 10, 1, 7, 3, 9, 5, 11]);
  });

  it.each([1, 2, 3])('reads format version %d, whatever the order of the keys', (version) => {
    const text = `{"shape":(3L,2),'fortran_order':False, 'descr' : '<f8'}   `;
    const array = decodeNpy(npy(text, littleFloats, version));
    expect(array).toEqual({ shape: [3, 2], data: Float64Array.of(1, 2, 3, 4, 5, 6) });
  });

  it('reads bytes that begin anywhere in a buffer', () => {
    const bytes = npy(header('<f8', '(6,)'), littleFloats);
    const shifted = new Uint8Array(bytes.length + 3);
    shifted.set(bytes, 3);
    expect([...decodeNpy(shifted.subarray(3)).data]).toEqual([1, 2, 3, 4, 5, 6]);
  });

  const bad: [string, Uint8Array, RegExp][] = [
    ['something else', ascii('PK\x03\x04'), /^a\.npy: is no \.npy file/],
    ['an empty file', new Uint8Array(0), /is no \.npy file/],
    ['an unknown version', npy(header('<f8', '()'), [], 9), /version 9\.0; known are 1\.0, 2\.0 and 3\.0/],
    ['a text type', npy(header('<U4', '(1,)'), new Array(16).fill(0)), /has type '<U4'; read are .*f8/],
    ['a complex type', npy(header('<c16', '(1,)'), new Array(16).fill(0)), /has type '<c16'/],
    ['an object', npy(header('|O', '(1,)'), []), /has type '\|O'/],
    ['a type of unclear order', npy(header('|f8', '(1,)'), new Array(8).fill(0)), /has type '\|f8'/],
    ['a structured type', npy(`{'descr': [('x', '<f8')], 'shape': (1,)}`, []), /structured array/],
    ['2^60 entries', npy(header('<f8', `(${2 ** 60}, 1)`), littleFloats), /is no dimension/],
    [
      '2^100 entries',
      npy(header('<f8', `(${2 ** 50}, ${2 ** 50})`), littleFloats),
      /needs .* bytes.*the file has 48/,
    ],
    ['a negative size', npy(header('<f8', '(-6,)'), littleFloats), /"-6" is no dimension/],
    ['a shape without comma', npy(header('<f8', '(6)'), littleFloats), /\(6\) is not a tuple/],
    ['too many dimensions', npy(header('<f8', `(${'1, '.repeat(65)})`), [0]), /65 dimensions, at most 64/],
    [
      'a truncated tail',
      npy(header('<f8', '(7,)'), littleFloats),
      /needs 56 bytes.*has 48: is it truncated\?/,
    ],
    ['a longer tail', npy(header('<f8', '(5,)'), littleFloats), /needs 40 bytes.*has 48\./],
    [
      'a key twice',
      npy(`{'descr': '<f8', 'descr': '<f4', 'fortran_order': False, 'shape': ()}`, []),
      /'descr' stands twice/,
    ],
    ['a missing key', npy(`{'descr': '<f8', 'shape': (6,)}`, littleFloats), /'fortran_order' must be/],
    [
      'a surplus key',
      npy(`{'descr': '<f8', 'fortran_order': False, 'shape': (6,), 'x': 'y'}`, littleFloats),
      /unexpected keys/,
    ],
    ['code for a header', npy(`__import__('os')`, []), /expected a dictionary/],
    ['an unclosed header', npy(`{'descr': '<f8', `, []), /malformed/],
  ];

  it.each(bad)('refuses %s', (_name, bytes, message) => {
    const { error, allocated } = refusal(() => decodeNpy(bytes, 'a.npy'));
    expect(error.message).toMatch(message);
    expect(allocated).toBeLessThanOrEqual(16);
  });

  it('refuses a header longer than it reads before touching it', () => {
    const bytes = join(ascii('\x93NUMPY'), Uint8Array.from([2, 0, 255, 255, 255, 255]), new Uint8Array(100));
    expect(() => decodeNpy(bytes)).toThrow(/header of 4294967295 bytes; at most 65535 are read/);
  });
});

describe('matrixFromNpy', () => {
  const array = (shape: number[]): NpyArray => ({ shape, data: new Float64Array(6) });

  it('takes rank 2 as it is and rank 1 as one column', () => {
    expect(matrixFromNpy(array([2, 3]))).toMatchObject({ rows: 2, cols: 3 });
    expect(matrixFromNpy(array([6]))).toMatchObject({ rows: 6, cols: 1 });
  });

  it('refuses other ranks and arrays without rows', () => {
    expect(() => matrixFromNpy(array([1, 2, 3]))).toThrow(
      /shape \(1, 2, 3\); rows need an array of one or two/,
    );
    expect(() => matrixFromNpy(array([]))).toThrow(/shape \(\); rows need/);
    expect(() => matrixFromNpy({ shape: [0, 5], data: new Float64Array(0) })).toThrow(/there are no rows/);
  });
});

describe('encodeNpy', () => {
  it('writes what NumPy writes', () => {
    const bytes = encodeNpy({ data: Float32Array.of(1, 2), rows: 1, cols: 2 });
    const expected = `{'descr': '<f4', 'fortran_order': False, 'shape': (1, 2), }`.padEnd(117) + '\n';
    expect(bytes).toEqual(
      join(ascii('\x93NUMPY\x01\x00\x76\x00'), ascii(expected), Uint8Array.of(0, 0, 128, 63, 0, 0, 0, 64)),
    );
    expect(bytes.length % 64).toBe(8);
  });

  it('refuses a matrix whose size is wrong', () => {
    expect(() => encodeNpy({ data: new Float64Array(5), rows: 2, cols: 3 })).toThrow(
      /2 x 3 must hold .* got 5/,
    );
  });
});

const matrices = fc
  .tuple(fc.integer({ min: 1, max: 6 }), fc.integer({ min: 1, max: 6 }), fc.boolean())
  .chain(([rows, cols, single]) =>
    (single
      ? fc.float32Array({ minLength: rows * cols, maxLength: rows * cols })
      : fc.float64Array({ minLength: rows * cols, maxLength: rows * cols })
    ).map((data) => ({ data, rows, cols })),
  );

describe('properties', () => {
  it('a written matrix is read back, bit for bit', () => {
    fc.assert(
      fc.property(matrices, (matrix) => {
        expect(matrixFromNpy(decodeNpy(encodeNpy(matrix)))).toEqual(matrix);
      }),
    );
  });

  it('every truncation is refused', () => {
    const bytes = encodeNpy({ data: Float64Array.of(1, 2, 3, 4), rows: 2, cols: 2 });
    for (let length = 0; length < bytes.length; length++) {
      expect(refusal(() => decodeNpy(bytes.subarray(0, length))).allocated).toBe(0);
    }
  });

  it('no mutation breaks it or makes it allocate more than the file pays for', () => {
    const bytes = encodeNpy({ data: Float64Array.of(1, 2, 3, 4), rows: 2, cols: 2 });
    const change = fc.tuple(fc.nat(bytes.length - 1), fc.integer({ min: 0, max: 255 }));
    const inHeader = fc.tuple(fc.integer({ min: 6, max: 75 }), fc.integer({ min: 32, max: 126 }));
    fc.assert(
      fc.property(fc.array(fc.oneof(change, inHeader), { minLength: 1, maxLength: 4 }), (changes) => {
        const mutant = mutate(bytes, changes);
        const { result, allocated } = decodeHostile(() => decodeNpy(mutant));
        // One byte of the file becomes at most one single-precision number.
        expect(allocated).toBeLessThanOrEqual(4 * mutant.length);
        if (!(result instanceof Error))
          expect(result.data.length).toBe(result.shape.reduce((a, b) => a * b, 1));
      }),
      { numRuns: 2000 },
    );
  });
});
