import { spawnSync } from 'node:child_process';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import {
  decodeCsv,
  decodeNpy,
  decodeNpz,
  decodeParquet,
  decodeSafetensors,
  readTable,
} from '../../src/files/index.ts';
import { load } from '../../src/models/index.ts';
import { root } from '../support/repository.ts';
import { temporaryFolder } from '../support/temporary.ts';
import { corpusOf } from './fuzz/corpus.ts';
import { seeds } from './fuzz/seeds.ts';
import { asLiouvilleError } from './hostile.ts';

/* What fuzzing found (docs/reliability.md) goes through once more. */

const folder = join(root, 'test/files/corpus');
const kept = readdirSync(folder);

const readers: Record<string, (bytes: Uint8Array) => unknown> = {
  safetensors: decodeSafetensors,
  npy: decodeNpy,
  npz: (bytes) => decodeNpz(bytes, 'x'),
  csv: (bytes) => decodeCsv(bytes),
  parquet: (bytes) => decodeParquet(bytes),
  model: (bytes) => load(bytes),
};

/** Whether the bytes were read; anything but a LiouvilleError is thrown on. */
async function reads(read: (bytes: Uint8Array) => unknown, bytes: Uint8Array): Promise<boolean> {
  try {
    await read(bytes);
    return true;
  } catch (error) {
    asLiouvilleError(error);
    return false;
  }
}

describe.each(Object.entries(readers))('the corpus of %s', (name, read) => {
  const files = kept.filter((file) => file.startsWith(`${name}-`));

  it('is there', () => {
    expect(files.length).toBeGreaterThan(5);
  });

  it.each(files)('%s is read or refused', async (file) => {
    const bytes = new Uint8Array(readFileSync(join(folder, file)));
    expect([await reads(read, bytes), await reads(readTable, bytes)]).toHaveLength(2);
  });

  it.each(Object.entries(seeds[name]!))(
    '%s, where the fuzzing begins, means something',
    async (file, bytes) => {
      // One of them has a missing value.
      expect(await reads(read, bytes)).toBe(file !== 'columns');
    },
  );
});

it.each(['checkpoint', 'command', 'config', 'formula'])(
  'the corpus of %s keeps every promise',
  { timeout: 120_000 },
  (target) => {
    const temporary = temporaryFolder();
    const corpus = corpusOf(target, join(temporary, 'corpus'));
    const args = [join(root, 'test/files/fuzz/main.mjs'), target, '0', '1', corpus, temporary];
    const { stdout, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' });
    expect(stderr).toBe('');
    const { read, refused } = JSON.parse(stdout) as { read: number; refused: number };
    expect([read > 1, read + refused]).toEqual([true, readdirSync(corpus).length]);
  },
);
