import { LiouvilleError } from '../errors.ts';
import type { Matrix } from '../matrix.ts';
import { badFile, checkMatrix, defaultColumns } from './table.ts';
import type { Table } from './table.ts';

const DECIMAL = /^[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:e[+-]?\d+)?$/i;
const NOT_FINITE = /^([+-]?)(?:(inf|infinity)|nan)$/i;
const ROWS_PER_PIECE = 4096;

/**
 * Reads comma-separated numbers (RFC 4180, UTF-8). The first line is a header when none of its fields is a
 * number; names are trimmed, and a column without a name is called as in a file without a header. Every
 * other field must be a decimal number, or nan, inf or infinity in any case and with any sign; the rest of
 * the library decides what to do with those. Blank lines are passed over. `source` names the bytes in
 * messages. Throws 'bad-file' naming the line and the column, both counted from 1.
 */
export async function decodeCsv(bytes: Uint8Array, source = 'the .csv bytes'): Promise<Table> {
  const text = decodeText(bytes, source);
  const parse = await loadParser();
  const rows = new RowCollector(source);
  try {
    parse(text, {
      record_delimiter: ['\r\n', '\n', '\r'],
      relax_column_count: true,
      skip_empty_lines: true,
      trim: true,
      on_record: (record: string[], { lines }) => {
        rows.add(record, lines);
        return null;
      },
    });
  } catch (error) {
    if (error instanceof LiouvilleError) throw error;
    throw badFile(
      source,
      `is not well-formed CSV: ${error instanceof Error ? error.message : String(error)}.`,
      error,
    );
  }
  return rows.finish();
}

/**
 * Comma-separated numbers, each in the shortest form that reads back as the same double; a header line
 * when `columns` are given. Names must not be empty nor look like numbers, since the header could not be
 * told from the data then: 'invalid-argument'. A matrix that does not hold rows x cols numbers:
 * 'shape-mismatch'.
 */
export function encodeCsv(matrix: Matrix, columns?: readonly string[]): Uint8Array<ArrayBuffer> {
  checkMatrix(matrix);
  const { data, rows, cols } = matrix;
  const pieces: Uint8Array[] = [];
  const encoder = new TextEncoder();
  if (columns !== undefined) pieces.push(encoder.encode(headerLine(columns, cols)));
  // In pieces, because a string has a largest length.
  for (let start = 0; start < rows; start += ROWS_PER_PIECE) {
    let text = '';
    for (let i = start; i < Math.min(rows, start + ROWS_PER_PIECE); i++) {
      for (let j = 0; j < cols; j++) text += (j === 0 ? '' : ',') + formatNumber(data[i * cols + j]!);
      text += '\n';
    }
    pieces.push(encoder.encode(text));
  }
  return concatenate(pieces);
}

/** Gathers the numbers row by row, so that the text of the fields can be forgotten at once. */
class RowCollector {
  readonly #source: string;
  #columns: string[] | undefined;
  #data = new Float64Array(1024);
  #length = 0;
  #rows = 0;

  constructor(source: string) {
    this.#source = source;
  }

  add(record: readonly string[], line: number): void {
    if (this.#columns === undefined) {
      const header = headerNames(record);
      this.#columns = header ?? defaultColumns(record.length);
      if (header !== undefined) {
        this.#checkDelimiter(record, line);
        return;
      }
    }
    const columns = this.#columns;
    if (record.length !== columns.length) {
      const found = `${record.length} ${record.length === 1 ? 'field' : 'fields'}`;
      throw badFile(this.#source, `line ${line} has ${found}; ${columns.length} are expected.`);
    }
    this.#reserve(record.length);
    for (let j = 0; j < record.length; j++)
      this.#data[this.#length++] = this.#number(record[j]!.trim(), line, j);
    this.#rows += 1;
  }

  finish(): Table {
    const columns = this.#columns;
    if (columns === undefined) throw badFile(this.#source, 'is empty: there are no rows in it.');
    if (this.#rows === 0) throw badFile(this.#source, 'has a header line, but no rows.');
    return {
      matrix: { data: this.#data.slice(0, this.#length), rows: this.#rows, cols: columns.length },
      columns,
    };
  }

  #number(field: string, line: number, j: number): number {
    if (DECIMAL.test(field)) {
      const value = Number(field);
      if (Number.isFinite(value)) return value;
      throw this.#badField(line, j, `${abbreviate(field)} is beyond the range of a double`);
    }
    const special = NOT_FINITE.exec(field);
    if (special !== null) return special[2] === undefined ? NaN : special[1] === '-' ? -Infinity : Infinity;
    if (field === '') throw this.#badField(line, j, 'the field is empty; a number is expected');
    const hint = this.#rows === 0 && line === 1 ? ' (a header line has no numbers in it)' : '';
    throw this.#badField(line, j, `${abbreviate(field)} is not a number${hint}`);
  }

  /** A line that is one field of text may be several that something else than commas divides. */
  #checkDelimiter(header: readonly string[], line: number): void {
    const delimiter = header.length === 1 ? /[;\t]/.exec(header[0]!) : null;
    if (delimiter === null) return;
    const found = JSON.stringify(delimiter[0]);
    throw badFile(this.#source, `line ${line} has ${found} between its fields; commas are expected.`);
  }

  #badField(line: number, j: number, what: string): LiouvilleError {
    const name = this.#columns?.[j] ?? '';
    return badFile(this.#source, `line ${line}, column ${j + 1} (${name}): ${what}.`);
  }

  #reserve(count: number): void {
    if (this.#length + count <= this.#data.length) return;
    const larger = new Float64Array(Math.max(2 * this.#data.length, this.#length + count));
    larger.set(this.#data);
    this.#data = larger;
  }
}

/** The build of csv-parse that fits: the one for browsers carries its own Buffer and is three times slower. */
async function loadParser() {
  const { parse } =
    'Buffer' in globalThis ? await import('csv-parse/sync') : await import('csv-parse/browser/esm/sync');
  return parse;
}

function decodeText(bytes: Uint8Array, source: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (error) {
    throw badFile(source, 'is not UTF-8 text (or is too long for one string; use .npy then).', error);
  }
}

function isNumber(field: string): boolean {
  return DECIMAL.test(field) || NOT_FINITE.test(field);
}

/** The names in a line, when it is a header; a column without a name gets the usual one. */
function headerNames(record: readonly string[]): string[] | undefined {
  const names = record.map((field) => field.trim());
  if (names.some(isNumber) || names.every((name) => name === '')) return undefined;
  const usual = defaultColumns(names.length);
  return names.map((name, j) => (name === '' ? usual[j]! : name));
}

function headerLine(columns: readonly string[], cols: number): string {
  if (columns.length !== cols) {
    throw new LiouvilleError(
      'shape-mismatch',
      `columns must name the ${cols} columns of the matrix; got ${columns.length}.`,
    );
  }
  const bad = columns.find((name) => name.trim() === '' || isNumber(name.trim()));
  if (bad !== undefined) {
    throw new LiouvilleError(
      'invalid-argument',
      `columns must not be empty nor numbers; got ${JSON.stringify(bad)}.`,
    );
  }
  return columns.map(quoteName).join(',') + '\n';
}

function quoteName(name: string): string {
  return /[",\r\n]|^\s|\s$/.test(name) ? `"${name.replaceAll('"', '""')}"` : name;
}

/** JavaScript's own shortest form, except that it drops the sign of zero. */
function formatNumber(value: number): string {
  return Object.is(value, -0) ? '-0' : String(value);
}

function concatenate(pieces: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(pieces.reduce((sum, piece) => sum + piece.length, 0));
  let offset = 0;
  for (const piece of pieces) {
    whole.set(piece, offset);
    offset += piece.length;
  }
  return whole;
}

function abbreviate(field: string): string {
  return JSON.stringify(field.length > 40 ? `${field.slice(0, 40)}...` : field);
}
