import { zipSync } from 'fflate';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { cnfOfFormulas } from '../../../src/cnf/index.ts';
import { encodeCsv, encodeNpy, encodeSafetensors } from '../../../src/files/index.ts';
import { createModel, ffjord, realNVP } from '../../../src/index.ts';
import type { Matrix } from '../../../src/matrix.ts';
import { fit, runFiles } from '../../../src/train/index.ts';
import type { StepEvent } from '../../../src/train/index.ts';
import { encodeFlow } from '../../../src/train/save.ts';
import { encodePly } from '../../../src/pointcloud/index.ts';
import { compressed, joined } from '../../pointcloud/files/bytes.ts';
import { parquet } from '../parquet-fixture.ts';
import { options, rows } from './training.mjs';

const matrix: Matrix = { data: Float64Array.from({ length: 12 }, (_, i) => i / 7), rows: 4, cols: 3 };
const single: Matrix = { data: Float32Array.of(1, -2, 3, 0.5), rows: 4, cols: 1 };
const utf8 = (text: string) => new TextEncoder().encode(text);
const mesh = { points: matrix, triangles: Uint32Array.of(0, 1, 2, 1, 2, 3) };
const pcd = '# .PCD v0.7\nVERSION 0.7\nFIELDS x y z\nSIZE 4 4 4\nTYPE F F F\nWIDTH 3\nHEIGHT 1\nPOINTS 3\n';
const packed = compressed(new Uint8Array(36));
/** What `train` writes before the first step. */
const config = {
  model: 'planar',
  configuration: { model: 'planar', options: { dim: 2, seed: 1 } },
  data: { name: 'table.csv', columns: ['x0', 'x1'], source: 'table.csv', key: null },
  standardisation: { mean: [0.5, -0.25], scale: [1, 0.5] },
  training: {
    learningRate: 0.005,
    steps: 3,
    batchSize: 8,
    schedule: 'cosine',
    clipNorm: 5,
    rtol: 1e-3,
    engine: 'reference',
  },
  seed: 1,
};
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
  ply: {
    ascii: utf8(
      'ply\nformat ascii 1.0\nelement vertex 3\nproperty uchar red\nproperty float x\nproperty double y\nproperty float z\nelement face 1\nproperty list uchar int vertex_indices\nend_header\n9 0 0 0\n9 1 0 0\n9 0 1 .5\n3 0 1 2\n',
    ),
    little: encodePly(mesh),
    big: joined(
      utf8('ply\nformat binary_big_endian 1.0\nelement vertex 2\nproperty short x\nproperty int y\n'),
      utf8('property float z\nelement face 1\nproperty list uchar ushort vertex_index\nend_header\n'),
      Uint8Array.of(0, 1, 0, 0, 0, 2, 64, 0, 0, 0, 0, 1, 0, 0, 0, 2, 64, 0, 0, 0, 3, 0, 0, 0, 1, 0, 1),
    ),
  },
  obj: { square: utf8('v 0 0 0\nv 1 0 0 1\nvt 0 1\nv 1 1 .5\nv 0 1 0\nf 1/1/1 2//1 \\\n 3/1 -1\n') },
  off: {
    plain: utf8('OFF # square\n4 1 0\n0 0 0\n1 0 0\n1 1 0\n0 1 .5\n4 0 1 2 3 255 0 0\n'),
    modelnet: utf8('OFF3 1 0\n0 0 0\n1 0 0\n1 1 0\n3 0 1 2\n'),
  },
  xyz: { plain: utf8('# x y z\n0 0 0\n1, 2, -3e2\n.5 nan inf\n'), colours: utf8('0;0;0;255\n1;1;1;0\n') },
  pcd: {
    ascii: utf8(`${pcd}DATA ascii\n0 0 0\nnan nan nan\n1 2 3\n`),
    binary: joined(utf8(`${pcd}DATA binary\n`), new Uint8Array(36)),
    compressed: joined(
      utf8(`${pcd}DATA binary_compressed\n`),
      new Uint8Array(Uint32Array.of(packed.length, 36).buffer),
      packed,
    ),
  },
  clouds: {
    npy: encodeNpy({ shape: [2, 2, 3], data: matrix.data }),
    ply: encodePly(mesh),
    npz: zipSync({
      'points.npy': encodeNpy(matrix),
      'offsets.npy': encodeNpy({ shape: [3], data: Float64Array.of(0, 1, 4) }),
    }),
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
    formulas: encodeFlow(await cnfOfFormulas({ dim: 2, formulas: ['-x[2] * t', 'x[1]'] })),
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
  checkpoint: await checkpoints(),
  config: {
    planar: utf8(JSON.stringify(config)),
    minimal: utf8(JSON.stringify({ ...config, training: {} })),
  },
  command: {
    train: words('train --model gaussian --seed 1'),
    options: words(
      'train --model ffjord --steps 3 --batch 9 --learning-rate 0.1 --schedule cosine --warm-up 2 --clip-norm 1 --ema 0.5',
    ),
    solver: words('train --model ffjord --solver rk4 --step-size 0.5 --precision float64 --engine reference'),
    again: words('train --resume changed'),
    compare: words('compare --models gaussian,realnvp --seeds 2 --json --tolerance 1e-3'),
    sample: words('sample --run run --seed 3'),
    logprob: words('logprob --run run --data table.csv'),
    doctor: words('doctor --json'),
    bench: words('bench --only ffjord-2d --task sample'),
    completion: words('completion bash'),
    help: words('train --help'),
  },
  formula: {
    spiral: utf8('-x[2] - 0.1 x[1]\nx[1] - 0.1 x[2]'),
    vector: utf8('tanh(x) * sin(2 pi t) - x / 4'),
    choice: utf8('x[1] < 0 ? -x[1]^3 : sqrt(x[1])\nmax(x[2], t)^-2 + dot(x, x)'),
    functions: utf8('sum(exp(-square(x))) + e^t\nlog1p(abs(x[2])) - sigmoid(tan(x[1])) * min(t, 0.5)'),
  },
};

/** A command line, one word to a line. */
function words(line: string): Uint8Array {
  return utf8(line.replaceAll(' ', '\n'));
}

/** Checkpoints of every kind: at the beginning, on the way, and at the end. */
async function checkpoints(): Promise<Record<string, Uint8Array>> {
  const kept: Record<string, Uint8Array> = {};
  const folder = mkdtempSync(join(tmpdir(), 'liouville-'));
  const path = join(folder, runFiles.checkpoint);
  // What is there when a step is told is the checkpoint of the step before.
  const onStep = ({ step }: StepEvent) => (kept[`step-${step - 1}`] = readFileSync(path));
  const how = { ...options, checkpoint: folder, checkpointEvery: 1, engine: 'reference', onStep } as const;
  await fit(createModel('gaussian', { dim: 2 }), rows, how);
  kept['ended'] = readFileSync(path);
  rmSync(folder, { recursive: true });
  return kept;
}

function utf8Npy(dictionary: string, bytes: number): Uint8Array {
  const header = utf8(`${dictionary}\n`);
  const whole = new Uint8Array(10 + header.length + bytes);
  whole.set([0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 1, 0, header.length, 0]);
  whole.set(header, 10);
  for (let i = 0; i < bytes; i++) whole[10 + header.length + i] = 37 * i;
  return whole;
}
