import { LiouvilleError } from '../errors.ts';
import type { Matrix } from '../matrix.ts';
import { looksLikeNumber } from './decimal.ts';
import { checkMatrix } from './table.ts';

const ROWS_PER_PIECE = 4096;

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

/** Whether a header line of these names can be told from rows of numbers. */
export function canBeHeader(columns: readonly string[]): boolean {
  return columns.every((name) => isName(name));
}

function isName(text: string): boolean {
  return text.trim() !== '' && !looksLikeNumber(text.trim());
}

function headerLine(columns: readonly string[], cols: number): string {
  if (columns.length !== cols) {
    throw new LiouvilleError(
      'shape-mismatch',
      `columns must name the ${cols} columns of the matrix; got ${columns.length}.`,
    );
  }
  const bad = columns.find((name) => !isName(name));
  if (bad !== undefined) {
    throw new LiouvilleError(
      'invalid-argument',
      `columns must not be empty nor numbers; got ${JSON.stringify(bad)}.`,
    );
  }
  return columns.map(quoteName).join(',') + '\n';
}

function quoteName(name: string): string {
  return /[",;\t\r\n]|^\s|\s$/.test(name) ? `"${name.replaceAll('"', '""')}"` : name;
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
