import { LiouvilleError } from '../errors.ts';
import { decodeSafetensors, encodeSafetensors } from '../files/index.ts';
import type { Safetensors, Tensor, TensorData } from '../files/index.ts';
import type { Trainable } from '../flow/index.ts';
import { sha256 } from './digest.ts';
import type { HistoryEntry } from './history.ts';
import { Snapshot } from './keep.ts';
import type { Ending, TrainingState } from './state.ts';

const FORMAT = 'liouville checkpoint';
const VERSION = '1';

/** What says that a checkpoint belongs to a run: plain values, compared as JSON. */
export interface RunIdentity {
  readonly configuration: unknown;
  /** What decides about the result, from `FitSettings`. */
  readonly options: Readonly<Record<string, unknown>>;
  /** The fingerprint of the rows. */
  readonly data: string;
}

/** The numbers of a checkpoint that are no arrays. */
interface Counters {
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
  readonly identity: RunIdentity;
  readonly counters: Counters;
  readonly tensors: ReadonlyMap<string, Tensor>;
}

/**
 * The bytes of a checkpoint: a .safetensors file of flat arrays (`parameters`, `state`, `optimiser/NAME`, `average`,
 * `best/parameters`, `best/state`, `history/...`). Its metadata are `format`, `version`, `run` (identity and counters, JSON)
 * and `checksum`: the SHA-256 of the same file without that entry.
 */
export async function encodeCheckpoint(
  flow: Trainable,
  state: TrainingState,
  identity: RunIdentity,
): Promise<Uint8Array<ArrayBuffer>> {
  const { best, average } = state;
  const arrays: [string, TensorData | undefined][] = [
    ['parameters', flow.parameters.flat],
    ['state', flow.state.flat],
    ...Object.entries(state.optimiser.slots).map(([name, slot]): [string, TensorData] => [
      `optimiser/${name}`,
      slot,
    ]),
    ['average', average ?? undefined],
    ['best/parameters', best?.kept.parameters],
    ['best/state', best?.kept.state],
    ...Object.entries(historyArrays(state.history)),
  ];
  const counters: Counters = {
    step: state.step,
    told: state.told,
    seconds: state.seconds,
    wallSeconds: state.wallSeconds,
    ended: state.ended,
    optimiserStep: state.optimiser.step,
    bestValidation: best?.validation ?? null,
    sinceBest: state.sinceBest,
  };
  const tensors = new Map(
    arrays.flatMap(([name, data]) => (data === undefined ? [] : [[name, { shape: [data.length], data }]])),
  );
  const metadata = new Map([
    ['format', FORMAT],
    ['version', VERSION],
    ['run', JSON.stringify({ identity, counters })],
  ]);
  const checksum = await sha256(encodeSafetensors(tensors, metadata));
  return encodeSafetensors(tensors, new Map([...metadata, ['checksum', checksum]]));
}

/**
 * Reads a checkpoint. Throws 'bad-file' for what is none, was cut short or changed, 'incompatible-version' for one of
 * another version.
 */
export async function decodeCheckpoint(bytes: Uint8Array, source: string): Promise<Checkpoint> {
  const file = decodeSafetensors(bytes, source);
  if (file.metadata.get('format') !== FORMAT) throw bad(source, 'it is not a checkpoint of a training run');
  const version = file.metadata.get('version');
  if (version !== VERSION) {
    throw new LiouvilleError(
      'incompatible-version',
      `${source}: the checkpoint has version ${version ?? 'none'}; this library reads version ${VERSION}.`,
    );
  }
  await checkSum(file, source);
  // The checksum says that this library wrote it.
  const run = JSON.parse(file.metadata.get('run') ?? 'null') as Omit<Checkpoint, 'tensors'>;
  return { ...run, tensors: file.tensors };
}

/** Puts everything back where it was. The checkpoint must be one of this flow with these options. */
export function restoreCheckpoint(
  { counters, tensors }: Checkpoint,
  flow: Trainable,
  state: TrainingState,
): void {
  const array = (name: string): Float64Array => tensors.get(name)!.data as Float64Array;
  flow.parameters.flat.set(array('parameters'));
  flow.state.flat.set(array('state'));
  for (const [name, slot] of Object.entries(state.optimiser.slots)) slot.set(array(`optimiser/${name}`));
  state.average?.set(array('average'));
  const { bestValidation, optimiserStep, ...rest } = counters;
  state.optimiser.step = optimiserStep;
  Object.assign(state, rest);
  if (bestValidation !== null) {
    const kept = new Snapshot(array('best/parameters'), array('best/state'));
    state.best = { validation: bestValidation, kept };
  }
  state.history.push(...entriesOf(array, counters.step));
}

async function checkSum({ tensors, metadata }: Safetensors, source: string): Promise<void> {
  const unsigned = new Map(metadata);
  unsigned.delete('checksum');
  const found = await sha256(encodeSafetensors(tensors, unsigned));
  if (found === metadata.get('checksum')) return;
  throw bad(source, 'its contents do not agree with its checksum; it was changed after it was written');
}

/** A step has evaluations or not (NaN); validations are listed with their steps, since one of them may be NaN. */
function historyArrays(history: readonly HistoryEntry[]): Record<string, Float64Array> {
  const validated = history.filter((entry) => entry.validation !== undefined);
  return {
    'history/loss': Float64Array.from(history, ({ loss }) => loss),
    'history/seconds': Float64Array.from(history, ({ seconds }) => seconds),
    'history/nfe': Float64Array.from(history, ({ nfe = NaN }) => nfe),
    'history/validated': Float64Array.from(validated, ({ step }) => step),
    'history/validation': Float64Array.from(validated, ({ validation }) => validation!),
  };
}

function entriesOf(array: (name: string) => Float64Array, steps: number): HistoryEntry[] {
  const [loss, seconds, nfe] = ['loss', 'seconds', 'nfe'].map((name) => array(`history/${name}`));
  const validation = array('history/validation');
  const entries = Array.from({ length: steps }, (_, i): HistoryEntry => {
    const entry = { step: i + 1, loss: loss![i]!, seconds: seconds![i]! };
    return Number.isNaN(nfe![i]!) ? entry : { ...entry, nfe: nfe![i]! };
  });
  array('history/validated').forEach((step, i) => (entries[step - 1]!.validation = validation[i]!));
  return entries;
}

function bad(source: string, what: string): LiouvilleError {
  return new LiouvilleError('bad-file', `${source}: ${what}.`);
}
