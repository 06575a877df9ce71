import { writeTail } from '../files/index.ts';
import type { HistoryEntry } from './history.ts';
import type { TrainingState } from './state.ts';

/**
 * The file of a run's metrics, one line of JSON for each step. It is the steps of this process's history, whatever a
 * killed process left there: the first flush begins at its beginning.
 */
export class MetricsFile {
  readonly #path: string;
  /** Bytes that are known to be written. */
  #position = 0;
  #noted = 0;
  #pending = '';

  constructor(path: string) {
    this.#path = path;
  }

  /** Takes up the steps that have been told since. */
  note({ history, told }: TrainingState): void {
    for (const entry of history.slice(this.#noted, told)) this.#pending += lineOf(entry);
    this.#noted = told;
  }

  /** Writes what was noted. After a failure it is written again from the same place. */
  async flush(): Promise<void> {
    const bytes = new TextEncoder().encode(this.#pending);
    await writeTail(this.#path, this.#position, bytes);
    this.#position += bytes.length;
    this.#pending = '';
  }
}

/** What is not finite becomes null, since JSON has no word for it. */
function lineOf(entry: HistoryEntry): string {
  return `${JSON.stringify(entry)}\n`;
}
