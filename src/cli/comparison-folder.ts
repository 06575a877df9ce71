import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import type { DataSource } from '../compare/index.ts';
import { LiouvilleError } from '../errors.ts';
import { namesIn } from '../files/index.ts';
import { readRequest, REQUEST, stored, writeRequest } from './comparison-file.ts';
import type { ComparisonRequest, StoredRequest } from './comparison-file.ts';
import { RUNS } from './run-folder.ts';

/** What a comparison writes into its folder when it ends, besides its runs. */
export const outputs = { results: 'results.json', report: 'report.html' } as const;

/**
 * Makes the folder that of a new comparison: takes away what an earlier one has left, so that none of it passes for a part of
 * this one, and writes the request.
 *
 * @throws LiouvilleError 'invalid-argument' where the folder holds a comparison that `mayReplace` does not cover: one that was
 * not finished, or asked for something else. One that is finished and asked for the same is made again to the same end.
 */
export async function beginIn(
  out: string,
  request: ComparisonRequest,
  source: DataSource,
  mayReplace: boolean,
): Promise<void> {
  const names = await namesIn(out);
  const isThere = names.includes(REQUEST) || names.includes(outputs.results);
  const earlier = names.includes(REQUEST) ? await readable(out) : null;
  if (isThere && !mayReplace) {
    const isFinished = names.includes(outputs.results);
    if (!isFinished || !isDeepStrictEqual(earlier, stored(request, source))) {
      throw alreadyThere(out, isFinished);
    }
  }
  for (const name of Object.values(outputs)) await rm(join(out, name), { force: true });
  for (const folder of earlier === null ? [] : await runsOf(out, earlier)) {
    await rm(folder, { recursive: true, force: true });
  }
  await writeRequest(out, request, source);
}

/** The request in the folder; null for one that cannot be read. */
async function readable(out: string): Promise<StoredRequest | null> {
  try {
    return await readRequest(out);
  } catch (error) {
    if (error instanceof LiouvilleError) return null;
    throw error;
  }
}

/** The run folders that are there of a comparison's models, with any seed. */
async function runsOf(out: string, { models }: ComparisonRequest): Promise<string[]> {
  const names = await namesIn(join(out, RUNS));
  return names
    .filter((name) => models.includes(name.replace(/-seed-\d+$/, '')))
    .map((name) => join(out, RUNS, name));
}

function alreadyThere(out: string, isFinished: boolean): LiouvilleError {
  const what = isFinished
    ? 'another comparison; choose another folder, or replace it by --overwrite.'
    : 'a comparison that was not finished; go on with it by --resume, or replace it by --overwrite.';
  return new LiouvilleError('invalid-argument', `--out: '${out}' holds ${what}`);
}
