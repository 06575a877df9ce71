import * as fc from 'fast-check';
import { zipSync } from 'fflate';
import { describe, expect, it } from 'vitest';
import { decodeNpz, encodeNpy, matrixFromNpy, npzKeys, readTable } from '../../src/files/index.ts';
import { asLiouvilleError, ascii, join, mutate, recordAllocations } from './hostile.ts';

const matrix = { data: Float64Array.of(1, 2, 3, 4, 5, 6), rows: 2, cols: 3 };
const other = { data: Float32Array.of(7, 8), rows: 2, cols: 1 };
const both = () =>
  zipSync({ 'x.npy': encodeNpy(matrix), 'sub/y.npy': encodeNpy(other), 'note.txt': ascii('hi') });
const one = (level: 0 | 6) => zipSync({ 'x.npy': encodeNpy(matrix) }, { level });

/** Overwrites a field of the only entry in the directory at the archive's end. */
function inDirectory(
  archive: Uint8Array,
  offset: number,
  write: (view: DataView, at: number) => void,
): Uint8Array {
  const copy = archive.slice();
  const view = new DataView(copy.buffer);
  write(view, view.getUint32(copy.length - 6, true) + offset);
  return copy;
}

describe('decodeNpz', () => {
  it.each([0, 6] as const)('reads stored and deflated arrays (level %d)', async (level) => {
    expect(matrixFromNpy(await decodeNpz(one(level)))).toEqual(matrix);
    expect(await readTable(one(level))).toEqual({ matrix, columns: ['x0', 'x1', 'x2'], notes: [] });
  });

  it('finds arrays by name, with and without their extension', async () => {
    expect(npzKeys(both())).toEqual(['x', 'sub/y']);
    expect(matrixFromNpy(await decodeNpz(both(), 'sub/y'))).toEqual(other);
    expect(matrixFromNpy(await decodeNpz(both(), 'x.npy'))).toEqual(matrix);
  });

  it('asks for a key where there are several arrays, and knows what is there', async () => {
    await expect(decodeNpz(both(), undefined, 'a.npz')).rejects.toMatchObject({
      code: 'invalid-argument',
      message: 'a.npz holds 2 arrays; choose one with key: x, sub/y.',
    });
    await expect(decodeNpz(both(), 'sub/z')).rejects.toMatchObject({
      code: 'unknown-name',
      message: "Unknown array 'sub/z'. Did you mean 'sub/y'? Known: x, sub/y.",
    });
  });

  it('reads zip64 sizes', async () => {
    // What Python writes where a size might not fit: 2^32 - 1 in its place, and the size itself in field 1.
    const npy = encodeNpy(matrix);
    const archive = zipSync({ 'x.npy': [npy, { level: 0, extra: { 1: new Uint8Array(16) } }] });
    const widened = inDirectory(archive, 0, (view, at) => {
      const extra = at + 46 + 5;
      expect(view.getUint16(extra, true)).toBe(1);
      for (const [field, size] of [
        [extra + 4, npy.length],
        [extra + 12, npy.length],
      ] as const) {
        view.setBigUint64(field, BigInt(size), true);
      }
      view.setUint32(at + 20, 0xffffffff, true);
      view.setUint32(at + 24, 0xffffffff, true);
    });
    expect(matrixFromNpy(await decodeNpz(widened))).toEqual(matrix);
    const claimed = inDirectory(widened, 0, (view, at) => view.setBigUint64(at + 55, 2n ** 53n, true));
    await expect(decodeNpz(claimed, undefined, 'a.npz')).rejects.toThrow(
      "a.npz, array 'x': has 176 bytes that claim to unpack to 9007199254740992, which is impossible.",
    );
  });

  // Up to 900 times the packed size, which deflate can do, but data do not.
  const bomb = () => {
    const noise = Uint8Array.from({ length: 100_000 }, (_, i) => (i * i * 2654435761) >>> 13);
    return inDirectory(zipSync({ 'x.npy': noise }), 24, (view, at) => view.setUint32(at, 2 ** 26 + 1, true));
  };
  const bad: [string, () => Uint8Array, RegExp][] = [
    ['an empty file', () => new Uint8Array(0), /is no whole zip archive: is it truncated\?$/],
    ['an .npy file', () => encodeNpy(matrix), /is no whole zip archive.* It looks like an \.npy file\.$/],
    ['an archive without arrays', () => zipSync({ 'a.txt': ascii('a') }), /holds no \.npy array/],
    ['an archive cut short', () => one(6).slice(0, -1), /is no whole zip archive/],
    [
      'an array that is none',
      () => zipSync({ 'x.npy': ascii('hello') }),
      /array 'x': is no \.npy file.*looks like text/,
    ],
    [
      'a wrong checksum',
      () => inDirectory(one(6), 16, (view, at) => view.setUint32(at, 1)),
      /is damaged: its size or its checksum/,
    ],
    [
      'encryption',
      () => inDirectory(one(6), 8, (view, at) => view.setUint16(at, 1, true)),
      /array 'x': is encrypted/,
    ],
    [
      'another packing',
      () => inDirectory(one(6), 10, (view, at) => view.setUint16(at, 93, true)),
      /packed with method 93/,
    ],
    [
      'a claim of 4 GB',
      () => inDirectory(one(6), 24, (view, at) => view.setUint32(at, 0xfffffffe, true)),
      /claim to unpack to 4294967294, which is impossible/,
    ],
    [
      'a packed size beyond the file',
      () => inDirectory(one(0), 20, (view, at) => view.setUint32(at, 1e6, true)),
      /claims 1000000 bytes, which the archive does not hold/,
    ],
    [
      'an entry that is not there',
      () => inDirectory(one(0), 42, (view, at) => view.setUint32(at, 9, true)),
      /is not where the zip directory says/,
    ],
    [
      'a directory that is not there',
      () => mutate(one(0), [[one(0).length - 6, 200]]),
      /directory of 1 entries .* does not fit|directory is damaged/,
    ],
    ['a name twice', () => twice(), /holds "x\.npy" twice/],
    ['a bomb', bomb, /bytes that claim to unpack to 67108865: refused as a zip bomb/],
  ];

  it.each(bad)('refuses %s', async (_name, make, message) => {
    const archive = make();
    const { result, allocated } = await recordAllocations(() =>
      decodeNpz(archive, undefined, 'a.npz').catch(asLiouvilleError),
    );
    expect(result).toMatchObject({ code: 'bad-file' });
    expect((result as Error).message).toMatch(message);
    expect(allocated).toBeLessThan(10_000);
  });
});

/** Two entries of the same name. */
function twice(): Uint8Array {
  const archive = zipSync({ 'x.npy': encodeNpy(matrix), 'y.npy': encodeNpy(matrix) }, { level: 0 });
  const text = new TextDecoder('latin1').decode(archive).replaceAll('y.npy', 'x.npy');
  return ascii(text);
}

describe('properties', () => {
  it('arrays written into an archive are read back, bit for bit', async () => {
    const array = fc
      .tuple(fc.integer({ min: 1, max: 5 }), fc.integer({ min: 1, max: 5 }))
      .chain(([rows, cols]) =>
        fc
          .float64Array({ minLength: rows * cols, maxLength: rows * cols })
          .map((data) => ({ data, rows, cols })),
      );
    const archives = fc.dictionary(fc.string({ minLength: 1, maxLength: 6 }), array, {
      minKeys: 1,
      maxKeys: 4,
    });
    await fc.assert(
      fc.asyncProperty(archives, fc.constantFrom(0 as const, 6 as const), async (arrays, level) => {
        const entries = Object.entries(arrays).map(
          ([name, matrix]) => [`${name}.npy`, encodeNpy(matrix)] as const,
        );
        const archive = zipSync(Object.fromEntries(entries), { level });
        expect(npzKeys(archive).toSorted()).toEqual(Object.keys(arrays).toSorted());
        for (const [name, expected] of Object.entries(arrays)) {
          expect(matrixFromNpy(await decodeNpz(archive, name))).toEqual(expected);
        }
      }),
    );
  });

  it('no mutation or truncation does anything but read or refuse', async () => {
    const archive = one(6);
    const change = fc.tuple(fc.nat(archive.length - 1), fc.integer({ min: 0, max: 255 }));
    await fc.assert(
      fc.asyncProperty(
        fc.array(change, { maxLength: 4 }),
        fc.nat(archive.length),
        async (changes, length) => {
          const bytes = mutate(join(archive), changes).subarray(0, length === 0 ? archive.length : length);
          const { allocated } = await recordAllocations(() => decodeNpz(bytes).catch(asLiouvilleError));
          expect(allocated).toBeLessThan(2000 * archive.length);
        },
      ),
      { numRuns: 500 },
    );
  });
});
