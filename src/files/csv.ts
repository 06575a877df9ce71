import { LiouvilleError } from '../errors.ts';
import { CsvColumns } from './csv-columns.ts';
import { looksLike } from './signature.ts';
import { badFile } from './table.ts';
import type { NotedTable } from './table.ts';

/** What may stand between fields; the first that the first lines have is taken, so that 1,5;2,5 means two numbers. */
const SEPARATORS = ['\t', ';', ','] as const;
/** Enough to see the first lines of any table. */
const SAMPLE_CHARACTERS = 65536;
/** The longest line: far beyond any table, and a limit on what an open quote makes the parser gather. */
const MAX_RECORD = 2 ** 26;
const PIECE = 2 ** 20;

/**
 * Reads a table of text (RFC 4180, UTF-8): fields between commas, semicolons or tabs, of which the first lines
 * decide. The first line is a header when none of its fields is a number; names are trimmed, and a column without
 * a name is called as in a file without a header. Numbers are decimal, or nan, inf or infinity in any case and with any
 * sign; between semicolons or tabs the decimal mark may be a comma. Columns without any number are left out, and
 * `notes` says so. Blank lines are passed over. Bytes may come in pieces, and no more than a piece of text is held at a
 * time. `source` names the bytes in messages. Throws 'bad-file' naming the line and the column, both counted from 1.
 */
export async function decodeCsv(
  bytes: Uint8Array | AsyncIterable<Uint8Array>,
  source = 'the .csv bytes',
): Promise<NotedTable> {
  const pieces = decodeText(bytes instanceof Uint8Array ? piecesOf(bytes) : bytes, source);
  const first = await sample(pieces);
  const separator = separatorOf(first);
  const columns = new CsvColumns(source, separator);
  const parser = await makeParser(separator, (record, line) => columns.add(record, line));
  try {
    await feed(parser, first, pieces);
  } catch (error) {
    if (error instanceof LiouvilleError) throw error;
    const reason = error instanceof Error ? error.message : String(error);
    throw badFile(source, `is not well-formed CSV: ${reason}.`, error);
  }
  return columns.finish();
}

/** What is used of csv-parse's stream, which Node's and the browser's have in common. */
interface TextParser {
  write: (text: string) => boolean;
  end: () => unknown;
  resume: () => unknown;
  on: (event: 'error' | 'end', listener: (error?: unknown) => void) => unknown;
  once: (event: 'drain', listener: () => void) => unknown;
}

/** Writes everything to the parser, no faster than it reads, and waits for its end. */
async function feed(parser: TextParser, first: string, pieces: AsyncIterable<string>): Promise<void> {
  const ended = new Promise<void>((resolve, reject) => {
    parser.on('error', reject);
    parser.on('end', () => resolve());
    parser.resume();
  });
  // Heard of below, also when it comes before anybody waits for it.
  ended.catch(() => undefined);
  const write = async (piece: string) => {
    if (parser.write(piece)) return;
    await Promise.race([new Promise<void>((resolve) => parser.once('drain', resolve)), ended]);
  };
  await write(first);
  for await (const piece of pieces) await write(piece);
  parser.end();
  await ended;
}

/** `#csv-parse` is the build that fits: the one for browsers carries its own streams and is three times slower. */
async function makeParser(
  delimiter: string,
  onRecord: (record: string[], line: number) => void,
): Promise<TextParser> {
  const { parse } = await import('#csv-parse');
  return parse({
    delimiter,
    record_delimiter: ['\r\n', '\n', '\r'],
    relax_column_count: true,
    skip_empty_lines: true,
    trim: true,
    max_record_size: MAX_RECORD,
    on_record: (record: string[], { lines }: { lines: number }) => {
      onRecord(record, lines);
      return null;
    },
  });
}

/** Counted outside of quotes: a separator that the first two lines have equally often, else any that the first has. */
function separatorOf(text: string): string {
  const [first = '', second = ''] = text
    .replaceAll(/"[^"]*"/g, '')
    .split(/\r\n|\n|\r/)
    .filter((line) => line.trim() !== '');
  const count = (line: string, separator: string) => line.split(separator).length - 1;
  const used = SEPARATORS.filter((separator) => count(first, separator) > 0);
  return used.find((separator) => count(first, separator) === count(second, separator)) ?? used[0] ?? ',';
}

async function* decodeText(bytes: AsyncIterable<Uint8Array>, source: string): AsyncGenerator<string, void> {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  let isFirst = true;
  for await (const piece of bytes) {
    if (isFirst) refuseOtherFormats(piece, source);
    isFirst = false;
    yield decode(() => decoder.decode(piece, { stream: true }), source);
  }
  yield decode(() => decoder.decode(), source);
}

function decode(call: () => string, source: string): string {
  try {
    return call();
  } catch (error) {
    throw badFile(source, 'is not UTF-8 text.', error);
  }
}

function refuseOtherFormats(bytes: Uint8Array, source: string): void {
  const what = looksLike(bytes);
  if (what !== undefined && what !== 'text') throw badFile(source, `is no CSV: it looks like ${what}.`);
}

/** The beginning of the text, long enough to judge it by. */
async function sample(pieces: AsyncGenerator<string, void>): Promise<string> {
  let text = '';
  while (text.length < SAMPLE_CHARACTERS) {
    const next = await pieces.next();
    if (next.done === true) break;
    text += next.value;
  }
  return text;
}

async function* piecesOf(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  for (let start = 0; start < bytes.length; start += PIECE) yield bytes.subarray(start, start + PIECE);
}
