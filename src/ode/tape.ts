/**
 * The accepted steps of one integration: what replaying them and the discrete gradient need. Memory is
 * stages x n numbers a step; whatever the field computes inside is computed again.
 */
export interface Tape {
  /** The number of steps. */
  readonly count: number;
  /** count + 1 times: step k goes from t[k] to t[k + 1]. */
  t: number[];
  /** The step sizes, signed: h[k] = t[k + 1] - t[k]. */
  h: number[];
  /** For each step the states Y_i of its stages, stages x n, row-major. */
  stages: Float64Array[];
}

/** A tape without steps that begins at t0. */
export function emptyTape(t0: number): Tape {
  return {
    get count() {
      return this.h.length;
    },
    t: [t0],
    h: [],
    stages: [],
  };
}
