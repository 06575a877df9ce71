import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { encodeNpy } from '../../src/files/index.ts';
import { temporaryFolder } from '../support/temporary.ts';
import { liouville } from './run.ts';

const rows = (count: number, row: (i: number) => string) =>
  Array.from({ length: count }, (_, i) => row(i)).join('\n');
const good = rows(20, (i) => `${i / 3},${Math.sin(i)}`);

/** File, contents, exit status, and what the last line on stderr says after 'liouville: '. */
const bad: [name: string, contents: string | Uint8Array, status: number, message: RegExp][] = [
  ['nan.csv', good.replace('\n', '\n0,nan\n'), 2, /^The data hold NaN in row 2, column 'x1'; finite numbers/],
  ['inf.csv', `${good}\n-inf,1\n`, 2, /^The data hold -Infinity in row 21, column 'x0'; finite numbers/],
  ['constant.csv', rows(20, (i) => `${i / 3},7.5,${i / 9}`), 2, /^The column 'x1' is constant/],
  ['one.csv', '1.5,2.5\n', 2, /^The data have 1 row; at least 10 are needed/],
  ['header.csv', 'x,y\n', 2, /header\.csv: has a header line, but no rows\.$/],
  ['empty.csv', '', 2, /empty\.csv: is empty: there are no rows in it\.$/],
  ['ragged.csv', '1,2\n3\n', 2, /ragged\.csv: line 2 has 1 field; 2 are expected\.$/],
  ['text.csv', 'x,y\n1,2\n3,four\n', 2, /text\.csv: line 3, column 2 \(y\): "four" is not a number\.$/],
  ['words.csv', 'some\nwords\nonly\n', 2, /words\.csv: has no column of numbers\.$/],
  ['empty.npy', new Uint8Array(0), 2, /empty\.npy: is no \.npy file: it does not begin with/],
  [
    'cut.npy',
    encodeNpy({ data: new Float64Array(40), rows: 20, cols: 2 }).slice(0, -1),
    2,
    /cut\.npy: .*is it truncated\?$/,
  ],
  ['actually.npy', good, 2, /actually\.npy: is no \.npy file: .* It looks like text\.$/],
  [
    'actually.csv',
    encodeNpy({ data: new Float64Array(40), rows: 20, cols: 2 }),
    2,
    /actually\.csv: is no CSV: it looks like an \.npy file\.$/,
  ],
  [
    'table.xlsx',
    'PK\x03\x04',
    2,
    /table\.xlsx: has the extension '\.xlsx'; supported are \.npy, \.npz, \.csv, \.parquet\.$/,
  ],
  ['empty.npz', '', 2, /empty\.npz: is no whole zip archive/],
  ['empty.parquet', '', 2, /empty\.parquet: is no Parquet file/],
];

describe('data that cannot be used', () => {
  it.each(bad)('%s is refused, and the message says why', async (name, contents, status, message) => {
    const folder = temporaryFolder();
    const path = join(folder, name);
    writeFileSync(path, contents);
    const ended = await liouville([
      'compare',
      '--data',
      path,
      '--models',
      'gaussian',
      '--out',
      join(folder, 'out'),
    ]);
    const lines = ended.stderr.trim().split('\n');
    const last = lines.at(-1)!.replace(/^liouville: /, '');
    expect([ended.status, last]).toEqual([status, expect.stringMatching(message)]);
    expect(ended.stdout).toBe('');
  });

  it('a folder is no file', async () => {
    const folder = temporaryFolder();
    mkdirSync(join(folder, 'a.csv'));
    const ended = await liouville(['compare', '--data', join(folder, 'a.csv'), '--out', join(folder, 'out')]);
    expect([ended.status, ended.stderr]).toEqual([
      2,
      expect.stringMatching(/^liouville: --data: expected a file; '.*a\.csv' is a folder\.\n$/),
    ]);
  });

  it('a device is no file, although it can be read for ever', async () => {
    const ended = await liouville([
      'compare',
      '--data',
      '/dev/zero',
      '--out',
      join(temporaryFolder(), 'out'),
    ]);
    expect([ended.status, ended.stderr]).toEqual([2, expect.stringMatching(/\/dev\/zero: has no extension/)]);
  });
});

describe('data that need a word', () => {
  it('repeated rows, whole numbers and columns of text are pointed out', async () => {
    const folder = temporaryFolder();
    const path = join(folder, 'table.csv');
    writeFileSync(path, `name,age,x\n${rows(40, (i) => `n${i},${i % 10},${(i % 20) / 7}`)}\n`);
    const ended = await liouville([
      'compare',
      '--data',
      path,
      '--models',
      'gaussian',
      '--out',
      join(folder, 'out'),
      '--engine',
      'reference',
      '--json',
    ]);
    expect(ended.status).toBe(0);
    expect(ended.stderr).toContain(`Left out, being no columns of numbers: 'name' (such as "n0").`);
    expect(ended.stderr).toContain('20 of 40 rows (50 %) repeat an earlier row exactly.');
    expect(ended.stderr).toContain("Column 'age' holds whole numbers only");
    expect(JSON.parse(ended.stdout)).toMatchObject({ data: { name: 'table.csv', dim: 2 } });
  });
});
