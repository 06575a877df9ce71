import type { Matrix } from '../matrix.ts';
import { escapeHtml, significant } from '../plot/index.ts';
import type { MimeBundle } from './mime.ts';

/** What stands in one place of a table. Numbers are rounded to four digits; text stands as it is. */
export type Cell = string | number | boolean | null | undefined;

/** Rows of a table: each has its cells by the names of the columns. */
export type TableRows = readonly Readonly<Record<string, Cell>>[];

/** The rows of a matrix that are shown; the rest is counted. */
const MOST_ROWS = 8;
const MOST_COLUMNS = 10;

/** A table as HTML and as aligned text. */
export function tableBundle(rows: TableRows, note = ''): MimeBundle {
  const columns = [...new Set(rows.flatMap((row) => Object.keys(row)))];
  const texts = rows.map((row) => columns.map((column) => cellText(row[column])));
  const isNumeric = columns.map((column) => rows.every((row) => typeof row[column] !== 'string'));
  return {
    'text/html': tableHtml(columns, texts, isNumeric, note),
    'text/plain': tableText(columns, texts, isNumeric, note),
  };
}

/** The first rows and columns of a matrix. */
export function matrixBundle({ data, rows, cols }: Matrix): MimeBundle {
  const shown = Array.from({ length: Math.min(rows, MOST_ROWS) }, (_, i) =>
    Object.fromEntries(
      Array.from({ length: Math.min(cols, MOST_COLUMNS) }, (_column, j) => [`[${j}]`, data[i * cols + j]!]),
    ),
  );
  const isWhole = rows <= MOST_ROWS && cols <= MOST_COLUMNS;
  return tableBundle(shown, `${rows} × ${cols}${isWhole ? '' : ', the first of them'}`);
}

function cellText(cell: Cell): string {
  if (cell === null || cell === undefined) return '–';
  if (typeof cell !== 'number') return String(cell);
  // 1.000e-4 says no more than 1e-4.
  return Number.isFinite(cell) ? significant(cell, 4).replace(/\.?0+e/, 'e') : String(cell);
}

function tableHtml(
  columns: readonly string[],
  texts: readonly (readonly string[])[],
  isNumeric: readonly boolean[],
  note: string,
): string {
  const align = (j: number): string => ` style="text-align: ${isNumeric[j] === true ? 'right' : 'left'}"`;
  const head = columns.map((name, j) => `<th${align(j)}>${escapeHtml(name)}</th>`).join('');
  const body = texts
    .map((row) => `<tr>${row.map((cell, j) => `<td${align(j)}>${escapeHtml(cell)}</td>`).join('')}</tr>`)
    .join('\n');
  const caption = note === '' ? '' : `<p>${escapeHtml(note)}</p>`;
  return `<table>\n<thead><tr>${head}</tr></thead>\n<tbody>\n${body}\n</tbody>\n</table>${caption}`;
}

function tableText(
  columns: readonly string[],
  texts: readonly (readonly string[])[],
  isNumeric: readonly boolean[],
  note: string,
): string {
  const lines = [columns, ...texts];
  const widths = columns.map((_, j) => Math.max(...lines.map((line) => line[j]!.length)));
  const aligned = lines.map((line) =>
    line
      .map((cell, j) => (isNumeric[j] === true ? cell.padStart(widths[j]!) : cell.padEnd(widths[j]!)))
      .join('  ')
      .trimEnd(),
  );
  const rule = widths.map((width) => '-'.repeat(width)).join('  ');
  return [aligned[0]!, rule, ...aligned.slice(1), ...(note === '' ? [] : [note])].join('\n');
}
