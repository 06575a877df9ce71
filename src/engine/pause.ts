import { throwIfAborted } from '../errors.ts';

/** Milliseconds of work between two chances for other work and for an abort. */
const interval = 50;

/** Lets other work of the process run now and then, and notices an AbortSignal, inside a long loop. */
export class Pauses {
  readonly #signal: AbortSignal | undefined;
  #last = performance.now();

  constructor(signal: AbortSignal | undefined) {
    throwIfAborted(signal);
    this.#signal = signal;
  }

  async maybe(): Promise<void> {
    if (performance.now() - this.#last < interval) return;
    await new Promise((resolve) => setTimeout(resolve, 0));
    throwIfAborted(this.#signal);
    this.#last = performance.now();
  }
}
