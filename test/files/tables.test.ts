import { chmod, lstat, mkdir, mkdtemp, readFile, readdir, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { encodeNpy, readBytes, readTable, writeBytesAtomically, writeTable } from '../../src/files/index.ts';
import { fileSystemError } from '../../src/files/io.ts';

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'liouville-files-'));
});
afterEach(async () => {
  await rm(folder, { recursive: true, force: true });
});

const matrix = { data: Float64Array.of(1, 2, 3, 4, 5, 6), rows: 2, cols: 3 };

describe('readTable and writeTable', () => {
  it.each(['a.npy', 'a.csv', 'A.NPY', 'dots.in.name.Csv'])('keep rows through %s', async (name) => {
    const path = join(folder, name);
    await writeTable(path, matrix);
    expect(await readTable(path)).toEqual({ matrix, columns: ['x0', 'x1', 'x2'], notes: [] });
  });

  it('keep a table that is longer than a piece of its file', async () => {
    const path = join(folder, 'a.csv');
    const data = Float64Array.from({ length: 120_000 }, (_, i) => Math.sin(i));
    await writeTable(path, { data, rows: 60_000, cols: 2 });
    expect((await readFile(path)).length).toBeGreaterThan(2 ** 21);
    const { matrix: found } = await readTable(path);
    expect([found.rows, found.cols]).toEqual([60_000, 2]);
    expect(found.data.every((value, i) => value === data[i])).toBe(true);
  });

  it('keep column names through .csv', async () => {
    const path = join(folder, 'a.csv');
    await writeTable(path, matrix, ['p', 'q', 'r']);
    expect(await readTable(path)).toEqual({ matrix, columns: ['p', 'q', 'r'], notes: [] });
  });

  it('read a one-dimensional array as one column', async () => {
    const path = join(folder, 'a.npy');
    const bytes = encodeNpy({ data: Float64Array.of(1, 2, 3), rows: 3, cols: 1 });
    const text = new TextDecoder('latin1').decode(bytes).replace('(3, 1), }', '(3,), }  ');
    await writeFile(path, text, 'latin1');
    expect(await readTable(path)).toEqual({
      matrix: { data: Float64Array.of(1, 2, 3), rows: 3, cols: 1 },
      columns: ['x0'],
      notes: [],
    });
  });

  it('name the extensions that they know', async () => {
    await expect(readTable('a/data.xlsx')).rejects.toMatchObject({
      code: 'bad-file',
      message: `a/data.xlsx: has the extension '.xlsx'; supported are .npy, .npz, .csv, .parquet.`,
    });
    await expect(writeTable('a.npy/data', matrix)).rejects.toThrow(
      'a.npy/data: has no extension; supported are .npy, .csv.',
    );
  });

  it('refuse a key where the format holds one array only', async () => {
    await expect(readTable('a.npy', { key: 'x' })).rejects.toMatchObject({
      code: 'invalid-argument',
      message: "key 'x' was given, but 'a.npy' holds one array only.",
    });
  });

  it('name the path of a bad file', async () => {
    const path = join(folder, 'a.npy');
    await writeFile(path, 'x');
    await expect(readTable(path)).rejects.toMatchObject({
      code: 'bad-file',
      message: expect.stringContaining(path) as string,
    });
  });
});

describe('readBytes', () => {
  it('reads bytes', async () => {
    await writeFile(join(folder, 'a'), 'abc');
    expect([...(await readBytes(join(folder, 'a')))]).toEqual([97, 98, 99]);
  });

  it('says what is wrong with a path', async () => {
    const missing = join(folder, 'none.npy');
    await expect(readBytes(missing)).rejects.toMatchObject({
      code: 'io',
      message: `Cannot read '${missing}': there is no such file.`,
      cause: expect.objectContaining({ code: 'ENOENT' }) as unknown,
    });
    await expect(readBytes(folder)).rejects.toThrow(/: it is a folder, not a file\.$/);
    await writeFile(join(folder, 'a'), '');
    await expect(readBytes(join(folder, 'a', 'b'))).rejects.toThrow(
      /a part of the path is a file, not a folder/,
    );
  });
});

describe('writeBytesAtomically', () => {
  const bytes = Uint8Array.of(1, 2, 3);

  it('replaces a file and leaves nothing else behind', async () => {
    const path = join(folder, 'a');
    await writeFile(path, 'before');
    await writeBytesAtomically(path, bytes);
    expect([...(await readFile(path))]).toEqual([1, 2, 3]);
    expect(await readdir(folder)).toEqual(['a']);
  });

  it('writes through a symbolic link', async () => {
    await writeFile(join(folder, 'target'), 'before');
    await symlink('target', join(folder, 'link'));
    await writeBytesAtomically(join(folder, 'link'), bytes);
    expect((await lstat(join(folder, 'link'))).isSymbolicLink()).toBe(true);
    expect([...(await readFile(join(folder, 'target')))]).toEqual([1, 2, 3]);
  });

  it('leaves folders and devices alone, and no temporary file behind', async () => {
    await mkdir(join(folder, 'sub'));
    await expect(writeBytesAtomically(join(folder, 'sub'), bytes)).rejects.toMatchObject({
      code: 'io',
      message: `Cannot write '${join(folder, 'sub')}': it is a folder, not a file.`,
    });
    await expect(writeBytesAtomically('/dev/null', bytes)).rejects.toThrow(
      /'\/dev\/null': it is not a regular file\.$/,
    );
    expect(await readdir(folder)).toEqual(['sub']);
    expect(await readdir(join(folder, 'sub'))).toEqual([]);
  });

  it('names a folder that does not exist', async () => {
    const path = join(folder, 'none', 'a.npy');
    await expect(writeBytesAtomically(path, bytes)).rejects.toMatchObject({
      code: 'io',
      message: `Cannot write '${path}': its folder does not exist.`,
    });
  });

  it('removes its temporary file when writing fails', async () => {
    const bad = 'not bytes' as unknown as Uint8Array;
    await expect(
      writeBytesAtomically(join(folder, 'a'), Object.freeze({ bad }) as unknown as Uint8Array),
    ).rejects.toThrow(/^Cannot write/);
    expect(await readdir(folder)).toEqual([]);
  });

  it('says that permission is denied', async ({ skip }) => {
    skip(process.getuid?.() === 0, 'root may write anywhere');
    await chmod(folder, 0o500);
    await expect(writeBytesAtomically(join(folder, 'a'), bytes)).rejects.toThrow(/permission denied/);
  });
});

describe('fileSystemError', () => {
  const failures: [string, RegExp][] = [
    ['EACCES', /permission denied/],
    ['EPERM', /permission denied/],
    ['ENOSPC', /the disk is full/],
    ['EROFS', /read-only/],
    ['EMFILE', /too many files are open/],
  ];

  it.each(failures)('explains %s', (code, message) => {
    const error = fileSystemError('write', 'out.npy', Object.assign(new Error('raw'), { code }));
    expect(error.code).toBe('io');
    expect(error.message).toMatch(/^Cannot write 'out\.npy': /);
    expect(error.message).toMatch(message);
  });

  it('passes on what it does not know', () => {
    expect(fileSystemError('read', 'a', new Error('odd')).message).toBe("Cannot read 'a': odd.");
    expect(fileSystemError('read', 'a', 'odd').message).toBe("Cannot read 'a': odd.");
  });
});
