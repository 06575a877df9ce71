import { zipSync } from 'fflate';
import { encodeCsv, encodeNpy, encodeSafetensors } from '../../../src/files/index.ts';
import { createModel, ffjord, realNVP } from '../../../src/index.ts';
import type { Matrix } from '../../../src/matrix.ts';
import { encodeFlow } from '../../../src/train/save.ts';
import { parquet } from '../parquet-fixture.ts';

const matrix: Matrix = { data: Float64Array.from({ length: 12 }, (_, i) => i / 7), rows: 4, cols: 3 };
const single: Matrix = { data: Float32Array.of(1, -2, 3, 0.5), rows: 4, cols: 1 };
const utf8 = (text: string) => new TextEncoder().encode(text);
const data = Array.from({ length: 40 }, (_, i) => i % 9);

/** Valid inputs of every kind to begin with, by target and name. */
export const seeds: Readonly<Record<string, Readonly<Record<string, Uint8Array>>>> = {
  safetensors: {
    tensors: encodeSafetensors(
      new Map([
        ['a', { shape: [2, 2], data: Float64Array.of(1, 2, 3, 4) }],
        ['b', { shape: [3], data: Float32Array.of(1, 2, 3) }],
        ['c', { shape: [], data: BigInt64Array.of(7n) }],
        ['d', { shape: [5], data: Uint8Array.of(1, 2, 3, 4, 5) }],
      ]),
      new Map([['config', '{"dim":2}']]),
    ),
  },
  npy: {
    doubles: encodeNpy(matrix),
    singles: encodeNpy(single),
    fortran: utf8Npy("{'descr': '>i2', 'fortran_order': True, 'shape': (2, 3), }", 12),
    half: utf8Npy("{'descr': '<f2', 'fortran_order': False, 'shape': (4,), }", 8),
    wide: utf8Npy("{'descr': '<u8', 'fortran_order': False, 'shape': (2,), }", 16),
  },
  npz: {
    stored: zipSync({ 'x.npy': encodeNpy(matrix) }, { level: 0 }),
    deflated: zipSync({ 'x.npy': encodeNpy(matrix), 'y.npy': encodeNpy(single) }),
    extra: zipSync({ 'x.npy': [encodeNpy(single), { level: 0, extra: { 1: new Uint8Array(16) } }] }),
  },
  csv: {
    plain: encodeCsv(matrix, ['a', 'b', 'c']),
    quoted: utf8('name;"x; ""y"""\r\na;1,5\r\nb;-2e3\r\n'),
    tabs: utf8('\ufeffx\ty\n1\tnan\n\n3\t-inf\n'),
    text: utf8('id,x\n1,NA\n2,three\n'),
  },
  model: {
    gaussian: encodeFlow(createModel('gaussian', { dim: 2 })),
    realnvp: encodeFlow(realNVP({ dim: 2, layers: 2, hidden: [2] })),
    ffjord: encodeFlow(ffjord({ dim: 2, hidden: [2] })),
  },
  parquet: {
    plain: parquet([{ name: 'x', data: Float64Array.from(data, (i) => i / 7), encoding: 'PLAIN' }], {
      codec: 'UNCOMPRESSED',
      statistics: false,
    }),
    dictionary: parquet([{ name: 'x', data }], { statistics: false }),
    delta: parquet([{ name: 'x', data, type: 'INT32', encoding: 'DELTA_BINARY_PACKED' }], {
      codec: 'UNCOMPRESSED',
      statistics: false,
    }),
    split: parquet([{ name: 'x', data, type: 'FLOAT', encoding: 'BYTE_STREAM_SPLIT' }], {
      codec: 'ZSTD',
      statistics: false,
    }),
    booleans: parquet([{ name: 'x', data: data.map((i) => i > 4), encoding: 'RLE' }], {
      codec: 'GZIP',
      statistics: false,
    }),
    columns: parquet(
      [
        { name: 'a', data: ['p', 'q'], type: 'STRING' },
        { name: 'b', data: [1n, 2n], type: 'INT64' },
        { name: 'c', data: [1, null], type: 'DOUBLE' },
        { name: 'd', data: [0.5, 2], type: 'FLOAT16' },
      ],
      { codec: 'LZ4_RAW', statistics: false },
    ),
  },
};

function utf8Npy(dictionary: string, bytes: number): Uint8Array {
  const header = utf8(`${dictionary}\n`);
  const whole = new Uint8Array(10 + header.length + bytes);
  whole.set([0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 1, 0, header.length, 0]);
  whole.set(header, 10);
  for (let i = 0; i < bytes; i++) whole[10 + header.length + i] = 37 * i;
  return whole;
}
