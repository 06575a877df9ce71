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

/** One member of an interface of options, as its declaration says it. */
interface Option {
  readonly name: string;
  readonly comment: string;
  readonly optional: boolean;
}

/** The members that stand in the text of a declaration, not those that it extends or picks. */
function optionsIn(code: string): Option[] {
  const member = /^ {4}(?:\/\*\*((?:(?!\*\/)[\s\S])*)\*\/\n {4})?(?:readonly )?(\w+)(\??)[:(]/gm;
  return [...code.matchAll(member)].map(([, comment = '', name = '', mark]) => ({
    name,
    comment,
    optional: mark === '?',
  }));
}

/** Words by which a comment says what holds where an option is left out. */
const saysDefault = /[Dd]efault|unless given|[Uu]nless|else|go without|without one/;

it('every option has a doc comment, which says what holds without it', () => {
  const types = new Map(
    entries
      .flatMap(({ file }) => exportsOf(file))
      .filter(({ name, kind }) => name.endsWith('Options') && kind === 'Interface')
      .map((symbol) => [`${symbol.file.slice(root.length)} ${symbol.name}`, symbol.code]),
  );
  expect(types.size).toBeGreaterThan(60);
  const all = [...types].flatMap(([type, code]) =>
    optionsIn(code).map((option) => ({ ...option, of: `${type}.${option.name}` })),
  );
  expect(all.length).toBeGreaterThan(250);
  const silent = all.filter(({ comment, optional }) =>
    optional ? !saysDefault.test(comment) : comment.trim().length < 8,
  );
  expect(silent.map(({ of }) => of)).toEqual([]);
});
