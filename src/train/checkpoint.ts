import { LiouvilleError } from '../errors.ts';
import { decodeSafetensors, encodeSafetensors } from '../files/index.ts';
import type { Safetensors, TensorData } from '../files/index.ts';
import type { Trainable } from '../flow/index.ts';
import { arrayOf, badCheckpoint, parseRun } from './checkpoint-contents.ts';
import type { Checkpoint, Counters, RunIdentity } from './checkpoint-contents.ts';
import { sha256 } from './digest.ts';
import type { HistoryEntry } from './history.ts';
import { Snapshot } from './keep.ts';
import type { TrainingState } from './state.ts';

const FORMAT = 'liouville checkpoint';
const VERSION = '1';

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
  if (file.metadata.get('format') !== FORMAT)
    throw badCheckpoint(source, 'it is not a checkpoint of a training run');
  const version = file.metadata.get('version');
  if (version !== VERSION) {
    throw new LiouvilleError(
      'incompatible-version',
      `${source}: the checkpoint has version ${version ?? 'none'}; this library reads version ${VERSION}.`,
    );
  }
  await checkSum(file, source);
  return { source, ...parseRun(file.metadata.get('run'), source), tensors: file.tensors };
}

/**
 * Puts everything back where it was, or throws 'bad-file' and changes nothing. The checkpoint must be one of this flow with
 * these options.
 */
export function restoreCheckpoint(checkpoint: Checkpoint, flow: Trainable, state: TrainingState): void {
  const { bestValidation, optimiserStep, ...rest } = checkpoint.counters;
  const targets: [string, Float64Array][] = [
    ['parameters', flow.parameters.flat],
    ['state', flow.state.flat],
    ...Object.entries(state.optimiser.slots).map(([name, slot]): [string, Float64Array] => [
      `optimiser/${name}`,
      slot,
    ]),
  ];
  if (state.average !== null) targets.push(['average', state.average]);
  const sources = targets.map(([name, { length }]) => arrayOf(checkpoint, name, length));
  const best = (name: string, { length }: Float64Array): Float64Array =>
    arrayOf(checkpoint, `best/${name}`, length);
  const kept =
    bestValidation === null
      ? null
      : new Snapshot(best('parameters', flow.parameters.flat), best('state', flow.state.flat));
  const history = entriesOf(checkpoint);
  targets.forEach(([, target], i) => target.set(sources[i]!));
  state.optimiser.step = optimiserStep;
  Object.assign(state, rest);
  if (kept !== null) state.best = { validation: bestValidation!, kept };
  state.history.push(...history);
}

async function checkSum({ tensors, metadata }: Safetensors, source: string): Promise<void> {
  const unsigned = new Map(metadata);
  unsigned.delete('checksum');
  const found = await sha256(encodeSafetensors(tensors, unsigned));
  if (found === metadata.get('checksum')) return;
  throw badCheckpoint(
    source,
    'its contents do not agree with its checksum; it was changed after it was written',
  );
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

function entriesOf(checkpoint: Checkpoint): HistoryEntry[] {
  const { step: steps } = checkpoint.counters;
  // The arrays come first: there are no more entries than the file has numbers.
  const [loss, seconds, nfe] = ['loss', 'seconds', 'nfe'].map((name) =>
    arrayOf(checkpoint, `history/${name}`, steps),
  );
  const validated = arrayOf(checkpoint, 'history/validated');
  const validation = arrayOf(checkpoint, 'history/validation', validated.length);
  const entries = Array.from({ length: steps }, (_, i): HistoryEntry => {
    const entry = { step: i + 1, loss: loss![i]!, seconds: seconds![i]! };
    return Number.isNaN(nfe![i]!) ? entry : { ...entry, nfe: nfe![i]! };
  });
  validated.forEach((step, i) => {
    const entry = entries[step - 1];
    if (entry === undefined) {
      throw badCheckpoint(checkpoint.source, `a validation after step ${step} of ${steps}`);
    }
    entry.validation = validation[i]!;
  });
  return entries;
}
