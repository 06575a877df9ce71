import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { read, root, writtenFiles } from '../support/repository.ts';

const documents = writtenFiles().filter((path) => /^(docs\/.*|[A-Z]+(\.\w+)?)\.md$/.test(path));

/** Text without its blocks of code. */
function prose(text: string): string {
  return text.replaceAll(/^```[\s\S]*?^```$/gm, '');
}

describe('README.zh.md', () => {
  const [english, chinese] = [read('README.md'), read('README.zh.md')];
  const all = (text: string, pattern: RegExp): string[] =>
    [...text.matchAll(pattern)].map(([found]) => found);

  it('has the same headings, level by level', () => {
    const levels = (text: string): string[] => all(prose(text), /^#+(?= )/gm);
    expect(levels(chinese)).toEqual(levels(english));
  });

  it('has the same code', () => {
    const blocks = /^```\w*\n[\s\S]*?^```$/gm;
    expect(all(chinese, blocks)).toEqual(all(english, blocks));
  });

  it('has the same tables, links and names of commands', () => {
    const rows = (text: string): number => all(prose(text), /^\|/gm).length;
    expect(rows(chinese)).toBe(rows(english));
    const links = (text: string): string[] =>
      all(prose(text), /\]\([^)]+\)/g)
        .filter((link) => !link.includes('README'))
        .toSorted();
    expect(links(chinese)).toEqual(links(english));
    const names = (text: string): Set<string> => new Set(all(prose(text), /`(?:npm|npx) [^`]+`/g));
    expect(names(chinese)).toEqual(names(english));
  });
});

it.each(documents)('%s names files and folders that are there', (path) => {
  const files = writtenFiles();
  const names = [
    ...read(path).matchAll(/(?<![\w/.~-])((?:src|test|native|scripts|bench|docs)\/[\w./-]*\w)/g),
  ];
  const missing = names
    .map(([, name]) => name!)
    .filter((name) => !files.some((file) => file.startsWith(name)));
  expect(missing).toEqual([]);
});

it.each(documents)('%s links to files that are there', (path) => {
  const links = [...prose(read(path)).matchAll(/\]\(([^)#\s]+)(#[^)]*)?\)/g)].map(([, to = '']) => to);
  const local = links.filter((to) => !/^[a-z]+:/.test(to));
  expect(local.filter((to) => !existsSync(join(root, dirname(path), to)))).toEqual([]);
});
