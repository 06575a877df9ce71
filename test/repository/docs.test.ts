import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { exportsOf } from '../../scripts/docs/symbols.mjs';
import { read, root } from '../support/repository.ts';

const manifest = JSON.parse(read('package.json')) as { exports: Record<string, string | { types: string }> };
const entries = Object.entries(manifest.exports).flatMap(([subpath, target]) =>
  typeof target === 'string' ? [] : [{ subpath, file: join(root, target.types) }],
);

it.each(entries)('every public symbol of $subpath has a doc comment', ({ file }) => {
  expect(existsSync(file), `${file} was built`).toBe(true);
  const symbols = exportsOf(file).flatMap((symbol) => [symbol, ...symbol.members]);
  expect(symbols.length).toBeGreaterThan(0);
  const silent = symbols.filter(({ comment }) => comment.length < 8);
  expect(silent.map(({ name, file: from }) => `${name} in ${from.slice(root.length)}`)).toEqual([]);
});
