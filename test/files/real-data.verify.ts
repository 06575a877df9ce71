import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import {
  decodeParquet,
  npzKeys,
  readBytes,
  readTable,
  writeBytesAtomically,
  writeTable,
} from '../../src/files/index.ts';
import { root } from '../support/repository.ts';
import { temporaryFolder } from '../support/temporary.ts';
import { parquet } from './parquet-fixture.ts';

const data = join(root, '../shared/data');
const missing = '../shared/data is not there';

/** Archives whose arrays are tables, by their paths below ../shared/data, and how many tables each has. */
const archives: [path: string, tables: number][] = [
  ['uci_small/uci_raw.npz', 10],
  ['uci_small/uci_trefor.npz', 31],
  ['miniboone/train_first1523_normed_approx.npz', 4],
  ['pointclouds/single_shapes_8192.npz', 16],
  ['bsds300/bsds300_gray.npz', 300],
];

it.for(archives)('every array of %s is a table of finite numbers', async ([path, tables], { skip }) => {
  if (!existsSync(join(data, path))) return skip(missing);
  const file = join(data, path);
  const bytes = await readBytes(file);
  const keys = npzKeys(bytes, file);
  expect(keys).toHaveLength(tables);
  const seen: string[] = [];
  for (const key of keys) {
    const { matrix, notes } = await readTable(bytes, { key });
    expect([matrix.data.every(Number.isFinite), notes]).toEqual([true, []]);
    seen.push(`${key} ${matrix.rows} x ${matrix.cols}`);
  }
  console.log(`${path}: ${seen.slice(0, 40).join(', ')}${seen.length > 40 ? ', ...' : ''}`);
});

it.for(['test.npy', 'val.npy', 'train_first1523_raw.npy'])(
  'MINIBOONE %s is a table',
  async (name, { skip }) => {
    const path = join(data, 'miniboone', name);
    if (!existsSync(path)) return skip(missing);
    const { matrix } = await readTable(path);
    console.log(`${name}: ${matrix.rows} x ${matrix.cols}`);
    expect(matrix.cols).toBe(43);
  },
);

it('images and clouds are refused with their shape, labels are a column', async ({ skip }) => {
  const path = join(data, 'mnist/mnist.npz');
  if (!existsSync(path)) return skip(missing);
  await expect(readTable(path, { key: 'x_test' })).rejects.toThrow(
    /has shape \(10000, 28, 28\); rows need an array of one or two dimensions/,
  );
  const { matrix } = await readTable(path, { key: 'y_test' });
  expect([matrix.rows, matrix.cols]).toEqual([10_000, 1]);
});

it('real rows are the same in CSV and in Parquet', async ({ skip }) => {
  const path = join(data, 'uci_small/uci_raw.npz');
  if (!existsSync(path)) return skip(missing);
  const folder = temporaryFolder();
  for (const key of ['wine_red', 'airfoil', 'parkinsons_voice']) {
    const { matrix, columns } = await readTable(path, { key });
    const csv = join(folder, `${key}.csv`);
    await writeTable(csv, matrix, columns);
    expect((await readTable(csv)).matrix).toEqual(matrix);
    const columnData = columns.map((name, j) => ({
      name,
      data: Float64Array.from({ length: matrix.rows }, (_, i) => matrix.data[i * matrix.cols + j]!),
    }));
    const packed = join(folder, `${key}.parquet`);
    await writeBytesAtomically(packed, parquet(columnData));
    expect(await decodeParquet(await readBytes(packed))).toEqual(await readTable(csv));
    console.log(`${key}: ${matrix.rows} x ${matrix.cols}, the same in CSV and in Parquet`);
  }
});
