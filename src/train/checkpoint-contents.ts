import { LiouvilleError } from '../errors.ts';
import type { Tensor } from '../files/index.ts';
import type { Ending } from './state.ts';

/** What says that a checkpoint belongs to a run: plain values, compared as JSON. */
export interface RunIdentity {
  readonly configuration: unknown;
  /** What decides about the result, from `FitSettings`. */
  readonly options: Readonly<Record<string, unknown>>;
  /** The fingerprint of the rows. */
  readonly data: string;
}

/** The numbers of a checkpoint that are no arrays. */
export interface Counters {
  readonly step: number;
  readonly told: number;
  readonly seconds: number;
  readonly wallSeconds: number;
  readonly ended: Ending | null;
  readonly optimiserStep: number;
  readonly bestValidation: number | null;
  readonly sinceBest: number;
}

/** A checkpoint that was read: whole and of this version, but of whichever run. */
export interface Checkpoint {
  /** The file, for messages. */
  readonly source: string;
  readonly identity: RunIdentity;
  readonly counters: Counters;
  readonly tensors: ReadonlyMap<string, Tensor>;
}

const endings: readonly unknown[] = [null, 'steps', 'seconds', 'patience'];

/** Identity and counters from their JSON. Throws 'bad-file': anybody can write a file with the right checksum. */
export function parseRun(
  text: string | undefined,
  source: string,
): Pick<Checkpoint, 'identity' | 'counters'> {
  let run: unknown;
  try {
    run = JSON.parse(text ?? '');
  } catch {
    // The message below says it.
  }
  const { identity, counters } = (run ?? {}) as Partial<Checkpoint>;
  if (!isIdentity(identity) || !areCounters(counters)) {
    throw badCheckpoint(source, "its metadata 'run' do not tell of a run and how far it came");
  }
  return { identity, counters };
}

/** The float64 array of a checkpoint under this name. Throws 'bad-file' where it is missing or has another length. */
export function arrayOf({ tensors, source }: Checkpoint, name: string, length?: number): Float64Array {
  const data = tensors.get(name)?.data;
  if (data instanceof Float64Array && (length === undefined || data.length === length)) return data;
  const expected = length === undefined ? 'float64 numbers' : `${length} float64 numbers`;
  const came =
    data === undefined ? 'none' : `${data.length} of ${data.constructor.name.replace('Array', '')}`;
  throw badCheckpoint(source, `expected ${expected} as '${name}'; got ${came}`);
}

export function badCheckpoint(source: string, what: string): LiouvilleError {
  return new LiouvilleError('bad-file', `${source}: ${what}.`);
}

function isIdentity(identity: Partial<RunIdentity> | null | undefined): identity is RunIdentity {
  return (
    typeof identity?.options === 'object' && identity.options !== null && typeof identity.data === 'string'
  );
}

function areCounters(counters: Partial<Counters> | null | undefined): counters is Counters {
  if (typeof counters !== 'object' || counters === null) return false;
  const { step, told, seconds, wallSeconds, ended, optimiserStep, bestValidation, sinceBest } = counters;
  return (
    [step, told, optimiserStep, sinceBest].every((count) => Number.isSafeInteger(count) && count! >= 0) &&
    (told === step || told === step! - 1) &&
    [seconds, wallSeconds].every((time) => Number.isFinite(time) && time! >= 0) &&
    endings.includes(ended) &&
    (bestValidation === null || Number.isFinite(bestValidation))
  );
}
