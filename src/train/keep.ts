import type { Flow } from '../flow/types.ts';

/** A copy of everything that a flow has learnt, to go back to. */
export class Snapshot {
  readonly #parameters: Float64Array;
  readonly #state: Float64Array;

  constructor(flow: Flow) {
    this.#parameters = flow.parameters.flat.slice();
    this.#state = flow.state.flat.slice();
  }

  /** Copies what the flow holds now. */
  take(flow: Flow): void {
    this.#parameters.set(flow.parameters.flat);
    this.#state.set(flow.state.flat);
  }

  /** Gives the flow back what was copied last. */
  restore(flow: Flow): void {
    flow.parameters.flat.set(this.#parameters);
    flow.state.flat.set(this.#state);
  }
}
