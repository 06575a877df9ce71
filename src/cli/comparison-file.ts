import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { DataSource, SettingOptions } from '../compare/index.ts';
import { toyNames } from '../data/index.ts';
import { LiouvilleError } from '../errors.ts';
import { writeText } from './run-folder.ts';

/** What a comparison was asked to do, written before it begins so that it can be gone on with. */
export interface ComparisonRequest {
  readonly data: string;
  readonly key: string | null;
  readonly models: readonly string[];
  readonly settings: SettingOptions;
}

/** The name of the file, within the folder of the comparison. */
export const REQUEST = 'comparison.json';

const FORMAT = 'liouville comparison';
const VERSION = 1;

/** Writes the request into the folder, with a fingerprint of the rows. */
export async function writeRequest(
  out: string,
  request: ComparisonRequest,
  source: DataSource,
): Promise<void> {
  const document = { format: FORMAT, version: VERSION, ...stored(request, source) };
  await writeText(join(out, REQUEST), `${JSON.stringify(document, null, 2)}\n`);
}

/** What `readRequest` will find where this request was written. */
export function stored(request: ComparisonRequest, source: DataSource): StoredRequest {
  const data = toyNames.includes(request.data) ? request.data : resolve(request.data);
  return { ...request, data, rows: fingerprint(source) };
}

/** A request from a folder, and the fingerprint of the rows that it began with. */
export interface StoredRequest extends ComparisonRequest {
  readonly rows: unknown;
}

/** Throws 'invalid-data' when these are not the rows that the comparison began with. */
export function checkRows({ data, rows }: StoredRequest, source: DataSource): void {
  if (fingerprint(source) === rows) return;
  throw new LiouvilleError(
    'invalid-data',
    `--resume: the rows of '${data}' are not those that the comparison began with.`,
  );
}

/**
 * Reads what `writeRequest` wrote.
 *
 * @throws LiouvilleError 'invalid-argument' where the folder holds no comparison, 'bad-file' for a file that was changed,
 * 'incompatible-version' for one of another version.
 */
export async function readRequest(out: string): Promise<StoredRequest> {
  const path = join(out, REQUEST);
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    throw new LiouvilleError(
      'invalid-argument',
      `--resume: expected the folder of a comparison; '${out}' has no ${REQUEST}.`,
      { cause: error },
    );
  }
  const found = parsed(text, path);
  if (found.format !== FORMAT) throw bad(path);
  if (found.version !== VERSION) {
    throw new LiouvilleError(
      'incompatible-version',
      `${path}: the file has version ${String(found.version)}; this program reads version ${VERSION}.`,
    );
  }
  const { data, key, models, settings, rows } = found;
  const names = Array.isArray(models) && models.every((name) => typeof name === 'string');
  if (typeof data !== 'string' || !names || typeof settings !== 'object' || settings === null)
    throw bad(path);
  return { data, key: typeof key === 'string' ? key : null, models, settings, rows };
}

function parsed(text: string, path: string): Readonly<Record<string, unknown>> {
  try {
    const found: unknown = JSON.parse(text);
    if (typeof found === 'object' && found !== null) return found as Readonly<Record<string, unknown>>;
  } catch {
    // The message below says it.
  }
  throw bad(path);
}

function bad(path: string): LiouvilleError {
  return new LiouvilleError('bad-file', `${path}: it is not what a comparison writes.`);
}

/** A hash of every number of the split. */
function fingerprint({ split }: DataSource): string {
  const hash = createHash('sha256');
  for (const { matrix } of [split.train, split.validation, split.test]) {
    const { buffer, byteOffset, byteLength } = matrix.data;
    hash.update(new Uint8Array(buffer, byteOffset, byteLength));
  }
  return hash.digest('hex');
}
