import { LiouvilleError } from '../errors.ts';
import { makeFolder, namesIn, readBytes, removeFile, writeBytesAtomically } from '../files/index.ts';
import type { Trainable } from '../flow/index.ts';
import { decodeCheckpoint, encodeCheckpoint, restoreCheckpoint } from './checkpoint.ts';
import type { Checkpoint, RunIdentity } from './checkpoint-contents.ts';
import { fingerprint } from './digest.ts';
import type { Snapshot } from './keep.ts';
import { MetricsFile } from './metrics.ts';
import type { FitSettings } from './options.ts';
import type { TrainingRows } from './rows.ts';
import { encodeFlow } from './save.ts';
import type { TrainingState } from './state.ts';

/** The files of a run folder that training writes. */
export const runFiles = {
  checkpoint: 'checkpoint.safetensors',
  metrics: 'metrics.jsonl',
  model: 'model.safetensors',
} as const;

/** Seconds between checkpoints, unless `checkpointEvery` says otherwise, and between additions to the metrics. */
const CHECKPOINT_SECONDS = 15;
const METRICS_SECONDS = 1;

/** What is written about a run while it goes on. */
export interface RunRecord {
  /** Before the first step of a call: throws where nothing can be written. */
  begin(flow: Trainable, state: TrainingState): Promise<void>;
  /** After a step. What cannot be written is tried again later. */
  maybe(flow: Trainable, state: TrainingState): Promise<void>;
  /** At the end, however it came: `problem` is what ended the call before its time, or null. Returns what to throw, or null. */
  close(flow: Trainable, state: TrainingState, kept: Snapshot, problem: Error | null): Promise<Error | null>;
}

/** For runs that nothing is written about. */
export const noRecord: RunRecord = {
  begin: async () => {},
  maybe: async () => {},
  close: async (_flow, _state, _kept, problem) => problem,
};

/**
 * Opens a run folder: for a new run, or, to resume one, with everything brought back from its checkpoint. Throws 'io',
 * and what `resume` throws.
 */
export async function openRecord(
  folder: string,
  flow: Trainable,
  state: TrainingState,
  rows: TrainingRows,
  settings: FitSettings,
): Promise<RunRecord> {
  const { configuration } = flow;
  const identity = { configuration, options: settings.deciding, data: await fingerprint(rows) };
  if (settings.resume) restoreCheckpoint(await matching(folder, identity), flow, state);
  return new FolderRecord(folder, identity, settings);
}

/** The checkpoint in a run folder. Throws 'bad-file', 'incompatible-version', 'io'. */
export async function readCheckpoint(folder: string): Promise<Checkpoint> {
  const path = join(folder, runFiles.checkpoint);
  if (!(await namesIn(folder)).includes(runFiles.checkpoint)) {
    throw new LiouvilleError(
      'bad-file',
      `'${folder}' holds no run to resume: there is no ${runFiles.checkpoint} in it.`,
    );
  }
  return decodeCheckpoint(await readBytes(path), path);
}

/** The checkpoint of the run with this identity. Throws 'invalid-argument' for one of another run, or a finished one. */
async function matching(folder: string, identity: RunIdentity): Promise<Checkpoint> {
  const found = await readCheckpoint(folder);
  const asked = JSON.parse(JSON.stringify(identity)) as RunIdentity;
  if (!same(found.identity.configuration, asked.configuration)) {
    throw refusal(
      `the run in '${folder}' trains another model: ${JSON.stringify(found.identity.configuration)}`,
    );
  }
  if (found.identity.data !== asked.data) throw refusal(`the run in '${folder}' trains on other rows`);
  for (const name of new Set([...Object.keys(asked.options), ...Object.keys(found.identity.options)])) {
    const [was, is] = [found.identity.options[name], asked.options[name]];
    if (same(was, is)) continue;
    throw refusal(`the run in '${folder}' has ${name} ${JSON.stringify(was)}; got ${JSON.stringify(is)}`);
  }
  if (found.counters.ended !== null) {
    throw refusal(
      `the run in '${folder}' is finished, after ${found.counters.step} steps; there is nothing left to do`,
    );
  }
  return found;
}

class FolderRecord implements RunRecord {
  readonly #folder: string;
  readonly #identity: RunIdentity;
  readonly #settings: FitSettings;
  readonly #metrics: MetricsFile;
  #begun = false;
  #savedStep = 0;
  #savedAt = performance.now();
  #flushedAt = performance.now();

  constructor(folder: string, identity: RunIdentity, settings: FitSettings) {
    this.#folder = folder;
    this.#identity = identity;
    this.#settings = settings;
    this.#metrics = new MetricsFile(join(folder, runFiles.metrics));
  }

  async begin(flow: Trainable, state: TrainingState): Promise<void> {
    await makeFolder(this.#folder);
    // What a killed process was writing when it ended.
    const unfinished = /^(checkpoint|model)\.safetensors\.[0-9a-f-]+\.tmp$/;
    for (const name of await namesIn(this.#folder)) {
      const isOld = !this.#settings.resume && name === runFiles.model;
      if (isOld || unfinished.test(name)) await removeFile(join(this.#folder, name));
    }
    this.#metrics.note(state);
    await this.#metrics.flush();
    if (!this.#settings.resume) await this.#save(flow, state);
    this.#savedStep = state.step;
    this.#begun = true;
  }

  async maybe(flow: Trainable, state: TrainingState): Promise<void> {
    this.#metrics.note(state);
    // The end has a checkpoint of its own, after the model.
    if (state.ended !== null) return;
    const { checkpointEvery, onWarning } = this.#settings;
    const now = performance.now();
    const isDue =
      checkpointEvery === null
        ? now - this.#savedAt >= 1000 * CHECKPOINT_SECONDS
        : state.step % checkpointEvery === 0;
    try {
      if (isDue || now - this.#flushedAt >= 1000 * METRICS_SECONDS) {
        this.#flushedAt = now;
        await this.#metrics.flush();
      }
      if (isDue) await this.#save(flow, state);
    } catch (error) {
      if (!isIo(error)) throw error;
      this.#savedAt = now;
      onWarning?.(`${error.message} Training goes on. ${this.#whole()}`);
    }
  }

  async close(
    flow: Trainable,
    state: TrainingState,
    kept: Snapshot,
    problem: Error | null,
  ): Promise<Error | null> {
    if (!this.#begun) return problem;
    const isStopped = problem instanceof LiouvilleError && problem.code === 'aborted';
    try {
      this.#metrics.note(state);
      await this.#metrics.flush();
      if (state.step > 0)
        await writeBytesAtomically(join(this.#folder, runFiles.model), encodeFlow(flow, kept));
      // Where it failed, the last checkpoint leads to the same failure again, for whoever wants to look.
      if (problem === null || isStopped) await this.#save(flow, state);
    } catch (error) {
      if (!isIo(error)) throw error;
      if (problem !== null && !isStopped) return problem;
      const what = isStopped ? `Training was stopped after step ${state.step}` : 'Training is finished';
      const message = `${what}, but: ${error.message} ${this.#whole()}`;
      return new LiouvilleError(isStopped ? 'aborted' : 'io', message, { cause: error });
    }
    if (!isStopped) return problem;
    const message = `Training was stopped after step ${state.step}; '${this.#folder}' holds its checkpoint.`;
    return new LiouvilleError('aborted', message, { cause: problem });
  }

  async #save(flow: Trainable, state: TrainingState): Promise<void> {
    const bytes = await encodeCheckpoint(flow, state, this.#identity);
    await writeBytesAtomically(join(this.#folder, runFiles.checkpoint), bytes);
    this.#savedStep = state.step;
    this.#savedAt = performance.now();
  }

  #whole(): string {
    return `The checkpoint of step ${this.#savedStep} in '${this.#folder}' is whole: the run can be resumed from it.`;
  }
}

function same(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

function join(folder: string, name: string): string {
  return /[/\\]$/.test(folder) ? folder + name : `${folder}/${name}`;
}

function isIo(error: unknown): error is LiouvilleError {
  return error instanceof LiouvilleError && error.code === 'io';
}

function refusal(what: string): LiouvilleError {
  return new LiouvilleError('invalid-argument', `resume: ${what}.`);
}
