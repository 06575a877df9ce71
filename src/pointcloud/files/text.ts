import { badFile } from '../../files/table.ts';

/** A number as all these formats write it; also what C prints for what is no number. */
const NUMBER = /^[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:e[+-]?\d+)?$/i;
const NOT_FINITE: ReadonlyMap<string, number> = new Map([
  ['nan', Number.NaN],
  ['-nan', Number.NaN],
  ['inf', Infinity],
  ['+inf', Infinity],
  ['-inf', -Infinity],
]);

/** The number that a word is. Throws 'bad-file', naming the place. */
export function numberOf(word: string, source: string, place: string): number {
  const value = NUMBER.test(word) ? Number(word) : NOT_FINITE.get(word.toLowerCase());
  if (value === undefined) throw badFile(source, `${place}: expected a number; got '${word.slice(0, 40)}'.`);
  return value;
}

/** A count that a file gives: a whole number from 0. Throws 'bad-file'. */
export function countOf(word: string | undefined, source: string, what: string): number {
  const value = word !== undefined && /^\d{1,15}$/.test(word) ? Number(word) : undefined;
  if (value !== undefined) return value;
  throw badFile(source, `expected ${what} as a whole number; got '${String(word).slice(0, 40)}'.`);
}

/** The lines of a text with their numbers, from 1, trimmed; without blank lines, and without comments from `#` on. */
export function* linesOf(text: string): Generator<{ readonly line: string; readonly number: number }> {
  let number = 0;
  for (let start = 0; start < text.length;) {
    const found = text.indexOf('\n', start);
    const end = found < 0 ? text.length : found;
    number += 1;
    const whole = text.slice(start, end);
    const comment = whole.indexOf('#');
    const line = (comment < 0 ? whole : whole.slice(0, comment)).trim();
    if (line !== '') yield { line, number };
    start = end + 1;
  }
}

/** These formats are ASCII; other bytes may stand in comments. */
export function textOf(bytes: Uint8Array): string {
  return new TextDecoder('latin1').decode(bytes);
}
