import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { encodeNpy, encodeNpz } from '../../../src/files/index.ts';
import { cloudsOf, readClouds, readMesh, writeClouds, writeMesh } from '../../../src/pointcloud/index.ts';
import { expectRejected } from '../../support/refused.ts';
import { temporaryFolder } from '../../support/temporary.ts';
import { utf8 } from './bytes.ts';

const alike = cloudsOf({ shape: [2, 3, 3], data: Float32Array.from({ length: 18 }, (_, i) => i / 7) });
const mixed = cloudsOf([
  [[1, 2]],
  [
    [3, 4],
    [5, 6],
  ],
]);
const one = cloudsOf([
  [
    [1, 2, 1 / 3],
    [-4, 5e-300, 6],
  ],
]);

it('clouds come back as they were written', async () => {
  const folder = temporaryFolder();
  for (const [name, clouds] of [
    ['alike.npz', alike],
    ['alike.npy', alike],
    ['mixed.npz', mixed],
    ['one.ply', one],
    ['one.XYZ', one],
    ['one.npy', one],
  ] as const) {
    const path = join(folder, name);
    await writeClouds(path, clouds);
    expect(await readClouds(path)).toEqual(clouds);
  }
  const mesh = { points: { data: one.data, rows: 2, cols: 3 }, triangles: Uint32Array.of(0, 1, 1) };
  await writeMesh(join(folder, 'mesh.ply'), mesh);
  expect(await readMesh(join(folder, 'mesh.ply'))).toEqual({ ...mesh, notes: [] });
});

it('an .npz file is the same whenever it is written', async () => {
  const arrays = new Map([['a', { shape: [3], data: Float64Array.of(1, 2, 3) }]]);
  const first = await encodeNpz(arrays);
  await new Promise((resolve) => setTimeout(resolve, 2100));
  expect(await encodeNpz(arrays)).toEqual(first);
});

it('bytes are known by what they begin with, or by name', async () => {
  expect((await readMesh(utf8('OFF\n1 0 0\n1 2 3'))).points.rows).toBe(1);
  expect((await readMesh(utf8('v 1 2 3'), { format: 'obj' })).points.rows).toBe(1);
  expect(await readClouds(encodeNpy({ data: Float64Array.of(1, 2, 3, 4), rows: 2, cols: 2 }))).toEqual(
    cloudsOf([
      [
        [1, 2],
        [3, 4],
      ],
    ]),
  );
  const archive = await encodeNpz(
    new Map([
      ['a', { shape: [1, 1, 2], data: Float64Array.of(1, 2) }],
      ['b', { shape: [1, 2], data: Float64Array.of(3, 4) }],
    ]),
  );
  expect((await readClouds(archive, { key: 'b' })).data).toEqual(Float64Array.of(3, 4));
});

it('what cannot be read or written is refused', async () => {
  const folder = temporaryFolder({ 'empty.ply': '', 'a.stl': 'solid', 'nan.xyz': '0 0 nan' });

  await expectRejected(readMesh(join(folder, 'empty.ply')), 'bad-file', /empty\.ply.*'ply'/);
  await expectRejected(readMesh(join(folder, 'a.stl')), 'bad-file', /'\.stl'; read are \.ply, \.obj/);
  await expectRejected(readMesh(join(folder, 'none')), 'bad-file', /no extension/);
  await expectRejected(readMesh(join(folder, 'none.ply')), 'io', /no such file/);
  await expectRejected(readMesh('x.npy'), 'bad-file', /'\.npy'/);
  await expectRejected(readMesh(utf8('v 1 2 3')), 'bad-file', /name it.*text/);
  await expectRejected(readMesh(utf8(''), { format: 'stl' as 'ply' }), 'invalid-argument', /got 'stl'/);
  await expectRejected(
    readClouds(join(folder, 'nan.xyz')),
    'invalid-data',
    /nan\.xyz.*point 0, coordinate 2 is NaN/,
  );
  await expectRejected(
    readClouds(join(folder, 'nan.xyz'), { key: 'a' }),
    'invalid-argument',
    /no arrays by name/,
  );
  await expectRejected(
    readClouds(encodeNpy({ shape: [2], data: Float64Array.of(1, 2) })),
    'bad-file',
    /shape \(2\)/,
  );
  writeFileSync(
    join(folder, 'cut.npy'),
    encodeNpy({ shape: [1, 1, 2], data: Float64Array.of(1, 2) }).subarray(0, -1),
  );
  await expectRejected(readClouds(join(folder, 'cut.npy')), 'bad-file', /truncated/);
  for (const offsets of [
    [0, 1],
    [0, 2, 1, 3],
    [1, 3],
    [0, 1.5, 3],
  ]) {
    const archive = await encodeNpz(
      new Map([
        ['points', { shape: [3, 1], data: Float64Array.of(1, 2, 3) }],
        ['offsets', { shape: [offsets.length], data: Float64Array.from(offsets) }],
      ]),
    );
    await expectRejected(readClouds(archive), 'bad-file', /offsets do not divide its 3 points/);
  }
  await expectRejected(writeClouds(join(folder, 'x.csv'), one), 'bad-file', /'\.csv'; written are \.npz/);
  await expectRejected(
    writeClouds(join(folder, 'x.npy'), mixed),
    'shape-mismatch',
    /clouds of one size; got 2/,
  );
  await expectRejected(writeClouds(join(folder, 'x.ply'), alike), 'shape-mismatch', /one cloud; got 2/);
  await expectRejected(
    writeMesh(join(folder, 'x.obj'), {
      points: { data: one.data, rows: 2, cols: 3 },
      triangles: new Uint32Array(0),
    }),
    'bad-file',
    /to \.ply/,
  );
});
