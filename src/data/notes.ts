import type { Table } from '../files/table.ts';
import type { Matrix } from '../matrix.ts';
import { checkTable } from './check.ts';
import { isConstant, meanAndDeviation } from './column.ts';

/** Names of columns that are written out; there may be thousands. */
const NAMED = 8;

/** Above this `stretch` a network that sees standardised rows has next to nothing to go by. */
const STRETCHED = 1e5;

/** The most rows that quartiles are taken of. */
const QUARTILE_ROWS = 10_000;

/**
 * What to know of rows before a density is fitted to them, a sentence each: how many repeat another row, which
 * columns hold whole numbers only (both let densities grow without bound), and which hold whole numbers that doubles
 * cannot tell apart, and which hold values so far out that nothing is left of the others. Throws
 * like `checkTable` for rows that are not finite.
 */
export function tableNotes(table: Table): string[] {
  checkTable(table);
  const { matrix, columns } = table;
  const notes: string[] = [];
  const repeated = countRepeated(matrix);
  if (repeated > 0) {
    const share = ((100 * repeated) / matrix.rows).toPrecision(2);
    notes.push(
      `${repeated} of ${matrix.rows} rows (${Number(share)} %) repeat an earlier row exactly. Densities can grow without bound at such rows, and training and test rows may be the same: remove them, or add noise.`,
    );
  }
  const whole = columns.filter((_, j) => isWhole(matrix, j) && !isConstant(matrix, j));
  if (whole.length > 0) {
    notes.push(
      `${naming(whole)} whole numbers only, so that densities can grow without bound: dequantise, for example by adding uniform noise from [0, 1).`,
    );
  }
  const beyond = columns.filter((_, j) => isWhole(matrix, j) && largest(matrix, j) > 2 ** 53);
  if (beyond.length > 0)
    notes.push(`${naming(beyond)} whole numbers beyond 2^53, of which doubles hold some only.`);
  const stretched = columns.filter((_, j) => stretch(matrix, j) > STRETCHED);
  if (stretched.length > 0) {
    notes.push(
      `${naming(stretched)} values so far away from the rest that, standardised, the rest nearly coincide: look at the largest and smallest ones.`,
    );
  }
  return notes;
}

function naming(names: readonly string[]): string {
  const listed = names.slice(0, NAMED).map((name) => `'${name}'`);
  const more = names.length > NAMED ? ` and ${names.length - NAMED} more` : '';
  return names.length === 1 ? `Column ${listed[0]} holds` : `Columns ${listed.join(', ')}${more} hold`;
}

/** Rows that equal one before them, by a hash of 53 bits: among a million rows, one miscount in ten thousand tables. */
function countRepeated({ data, rows, cols }: Matrix): number {
  const seen = new Set<number>();
  const words = new Uint32Array(2);
  const number = new Float64Array(words.buffer);
  for (let i = 0; i < rows; i++) {
    let low = 0x811c9dc5;
    let high = 0x9747b28c;
    for (let k = i * cols; k < (i + 1) * cols; k++) {
      // 0 and -0 are the same value.
      number[0] = data[k]! + 0;
      for (const word of words) {
        low = mix(low ^ word);
        high = mix(high + word);
      }
    }
    seen.add((high >>> 11) * 2 ** 32 + (low >>> 0));
  }
  return rows - seen.size;
}

/** A bijection of 32 bits in which every bit of the input moves about half of those of the output (MurmurHash3). */
function mix(word: number): number {
  let h = Math.imul(word ^ (word >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return h ^ (h >>> 16);
}

/**
 * The standard deviation of a column as a multiple of its interquartile range: 0.74 for a normal distribution, and even with
 * the tails of Cauchy's below 10,000 in a million rows. 0 where half of the values are one number.
 */
function stretch(matrix: Matrix, j: number): number {
  const { data, rows, cols } = matrix;
  const step = Math.ceil(rows / QUARTILE_ROWS);
  const some = Float64Array.from(
    { length: Math.ceil(rows / step) },
    (_, i) => data[i * step * cols + j]!,
  ).sort();
  const range = some[Math.floor(0.75 * some.length)]! - some[Math.floor(0.25 * some.length)]!;
  return range === 0 ? 0 : meanAndDeviation(matrix, j)[1] / range;
}

function isWhole({ data, rows, cols }: Matrix, j: number): boolean {
  for (let i = 0; i < rows; i++) if (!Number.isInteger(data[i * cols + j])) return false;
  return true;
}

function largest({ data, rows, cols }: Matrix, j: number): number {
  let most = 0;
  for (let i = 0; i < rows; i++) most = Math.max(most, Math.abs(data[i * cols + j]!));
  return most;
}
