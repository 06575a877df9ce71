import type { Trainable } from '../flow/index.ts';

/** A copy of everything that a flow has learnt, to go back to. */
export class Snapshot {
  readonly parameters: Float64Array;
  readonly state: Float64Array;

  constructor(parameters: Float64Array, state: Float64Array) {
    this.parameters = parameters;
    this.state = state;
  }

  /** What the flow holds now, or with other parameters in place of its own. */
  static of(flow: Pick<Trainable, 'parameters' | 'state'>, parameters: Float64Array | null = null): Snapshot {
    return new Snapshot((parameters ?? flow.parameters.flat).slice(), flow.state.flat.slice());
  }

  /** Copies what the flow holds now, or with other parameters in place of its own. */
  take(flow: Trainable, parameters: Float64Array | null): void {
    this.parameters.set(parameters ?? flow.parameters.flat);
    this.state.set(flow.state.flat);
  }

  /** Gives the flow back what was copied last. */
  restore(flow: Trainable): void {
    flow.parameters.flat.set(this.parameters);
    flow.state.flat.set(this.state);
  }
}

/** Begins a call of the flow with other parameters: a call works on the snapshot that it takes when it begins. */
export function callWith<T>(flow: Trainable, parameters: Float64Array, call: () => Promise<T>): Promise<T> {
  const { flat } = flow.parameters;
  const own = flat.slice();
  flat.set(parameters);
  try {
    return call();
  } finally {
    flat.set(own);
  }
}
