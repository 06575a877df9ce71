import type { LiouvilleError } from '../errors.ts';
import { decimalMark, isMissing, looksLikeNumber, parseDecimal, saysNotFinite } from './decimal.ts';
import type { DecimalMark } from './decimal.ts';
import { badFile, defaultColumns } from './table.ts';
import type { NotedTable } from './table.ts';

/** Where a field was seen first, and what it was. */
interface Seen {
  line: number;
  field: string;
}

interface Column {
  name: string;
  /** Its place in the file, from 0. */
  position: number;
  number: Seen | undefined;
  text: Seen | undefined;
  missing: Seen | undefined;
}

const QUOTED_LENGTH = 40;

/**
 * Gathers the rows of a CSV file as they come, so that their text can be forgotten at once. A column whose fields
 * are numbers is kept, one without any is left out, and one that mixes them is refused, since nothing tells which
 * of them are mistakes.
 */
export class CsvColumns {
  readonly #source: string;
  readonly #separator: string;
  #columns: Column[] | undefined;
  #mark: DecimalMark | undefined;
  #data = new Float64Array(1024);
  #length = 0;
  #rows = 0;

  constructor(source: string, separator: string) {
    this.#source = source;
    this.#separator = separator;
  }

  /** A record of the file and the number of its last line. */
  add(record: readonly string[], line: number): void {
    if (this.#columns === undefined) {
      const header = headerNames(record);
      this.#columns = (header ?? defaultColumns(record.length)).map((name, position) => ({
        name,
        position,
        number: undefined,
        text: undefined,
        missing: undefined,
      }));
      if (header !== undefined) return;
    }
    const columns = this.#columns;
    if (record.length !== columns.length) {
      const found = `${record.length} ${record.length === 1 ? 'field' : 'fields'}`;
      throw badFile(this.#source, `line ${line} has ${found}; ${columns.length} are expected.`);
    }
    this.#reserve(record.length);
    for (let j = 0; j < record.length; j++) {
      this.#data[this.#length++] = this.#number(record[j]!.trim(), line, columns[j]!);
    }
    this.#rows += 1;
  }

  finish(): NotedTable {
    const all = this.#columns;
    if (all === undefined) throw badFile(this.#source, 'is empty: there are no rows in it.');
    if (this.#rows === 0)
      throw badFile(this.#source, `has a header line, but no rows.${this.#spacesHint(all)}`);
    const kept = all.filter((column) => column.number !== undefined);
    if (kept.length === 0) {
      throw badFile(this.#source, `has no column of numbers.${this.#spacesHint(all)}`);
    }
    return {
      matrix: { data: this.#select(all, kept), rows: this.#rows, cols: kept.length },
      columns: kept.map(({ name }) => name),
      notes: this.#notes(all),
    };
  }

  #number(field: string, line: number, column: Column): number {
    this.#mark ??= this.#separator === ',' ? '.' : decimalMark(field);
    const value = parseDecimal(field, this.#mark ?? '.');
    const seen: Seen = { line, field };
    if (value !== undefined) {
      column.number ??= seen;
      if (!Number.isFinite(value) && !saysNotFinite(field)) {
        throw this.#bad(column, seen, `${quote(field)} is beyond the range of a double`);
      }
    } else if (isMissing(field)) column.missing ??= seen;
    else column.text ??= seen;
    if (column.number !== undefined && (column.text ?? column.missing) !== undefined)
      throw this.#mixed(column);
    return value ?? NaN;
  }

  /** The error for a column that has numbers and something else. */
  #mixed(column: Column): LiouvilleError {
    const { number, text, missing } = column;
    if (text === undefined) {
      const what =
        missing!.field === '' ? 'the field is empty' : `${quote(missing!.field)} stands for no value`;
      return this.#bad(column, missing!, `${what}; a number is expected`);
    }
    if (looksLikeNumber(text.field)) {
      const mark = this.#mark === ',' ? 'a comma' : 'a point';
      return this.#bad(
        column,
        text,
        `${quote(text.field)} is not written with ${mark} as decimal mark, as the file began`,
      );
    }
    const other = text.line < number!.line ? `; line ${number!.line} has ${quote(number!.field)} there` : '';
    const hint = text.line === 1 ? ' (a header line has no numbers in it)' : '';
    return this.#bad(column, text, `${quote(text.field)} is not a number${other}${hint}`);
  }

  #bad({ name, position }: Column, { line }: Seen, what: string): LiouvilleError {
    return badFile(this.#source, `line ${line}, column ${position + 1} (${name}): ${what}.`);
  }

  #notes(all: readonly Column[]): string[] {
    const notes: string[] = [];
    const dropped = all.filter((column) => column.number === undefined);
    if (dropped.length > 0) {
      const list = dropped.map(
        ({ name, text }) => `'${name}' (${text === undefined ? 'empty' : `such as ${quote(text.field)}`})`,
      );
      notes.push(`Left out, being no columns of numbers: ${list.join(', ')}.`);
    }
    if (this.#mark === ',') notes.push('Commas were read as decimal marks.');
    return notes;
  }

  /** A single column of text may be several that spaces divide. */
  #spacesHint(all: readonly Column[]): string {
    const only = all.length === 1 ? (all[0]!.text?.field ?? all[0]!.name) : '';
    const parts = only.split(/\s+/);
    if (parts.length < 2 || !parts.every(looksLikeNumber)) return '';
    return ' Are there spaces between its fields? Commas, semicolons or tabs are expected.';
  }

  #select(all: readonly Column[], kept: readonly Column[]): Float64Array {
    const whole = this.#data.slice(0, this.#length);
    if (kept.length === all.length) return whole;
    const data = new Float64Array(this.#rows * kept.length);
    for (let i = 0, k = 0; i < this.#rows; i++) {
      for (const { position } of kept) data[k++] = whole[i * all.length + position]!;
    }
    return data;
  }

  #reserve(count: number): void {
    if (this.#length + count <= this.#data.length) return;
    const larger = new Float64Array(Math.max(2 * this.#data.length, this.#length + count));
    larger.set(this.#data);
    this.#data = larger;
  }
}

/** The names in a line, when it is a header; a column without a name gets the usual one. */
function headerNames(record: readonly string[]): string[] | undefined {
  const names = record.map((field) => field.trim());
  if (names.some(looksLikeNumber) || names.every((name) => name === '')) return undefined;
  const usual = defaultColumns(names.length);
  return names.map((name, j) => (name === '' ? usual[j]! : name));
}

function quote(field: string): string {
  return JSON.stringify(field.length > QUOTED_LENGTH ? `${field.slice(0, QUOTED_LENGTH)}...` : field);
}
