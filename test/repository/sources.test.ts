import { homedir } from 'node:os';
import { expect, it } from 'vitest';
import { read, root, writtenFiles } from '../support/repository.ts';

const code = writtenFiles(['src', 'native', 'scripts', 'test', 'bench', 'notebooks']);
const typescript = code.filter((path) => /\.(ts|mjs)$/.test(path));
const MOST_LINES = 400;

/** The lines of `files` that match, as `path:line: text`. */
function linesWith(files: readonly string[], pattern: RegExp): string[] {
  return files.flatMap((path) =>
    read(path)
      .split('\n')
      .flatMap((line, i) => (pattern.test(line) ? [`${path}:${i + 1}: ${line.trim()}`] : [])),
  );
}

it('leaves no note about unfinished work', () => {
  // Written in halves, so that this file does not find itself.
  const words = [
    ['TO', 'DO'],
    ['FIX', 'ME'],
    ['X', 'XX'],
    ['HA', 'CK'],
  ].map((halves) => halves.join(''));
  const text = code.filter((path) => /\.(ts|mjs|cpp|h|hpp|ipynb)$/.test(path));
  const found = linesWith(text, new RegExp(`\\b(${words.join('|')})\\b`));
  // The letters of a picture in a notebook may spell anything.
  expect(found.filter((line) => !line.includes('"image/png": "'))).toEqual([]);
});

it('leaves no test that keeps the others from running', () => {
  expect(linesWith(typescript, /\b(it|test|describe)(\.\w+)*\.only\b/)).toEqual([]);
});

it('keeps files short, tables of coefficients excepted', () => {
  const long = code
    .filter((path) => /\.(ts|mjs|cpp|h|hpp)$/.test(path) && !path.startsWith('src/ode/tableaus/'))
    .map((path) => ({ path, lines: read(path).split('\n').length - 1 }))
    .filter(({ lines }) => lines > MOST_LINES);
  expect(long).toEqual([]);
});

it('names no path of one machine', () => {
  const text = writtenFiles().filter((path) => /\.(ts|mjs|json|md|ya?ml|cpp|h|hpp|ipynb)$|\/run$/.test(path));
  const folders = ['home', 'root', 'work', 'Users'].join('|');
  const elsewhere = linesWith(text, new RegExp(`(^|[\\s'"\`(=:,])/(${folders})/`));
  const here = [root, `${homedir()}/`].flatMap((folder) =>
    text.filter((path) => read(path).includes(folder)).map((path) => `${path}: ${folder}`),
  );
  expect([...elsewhere, ...here]).toEqual([]);
});
