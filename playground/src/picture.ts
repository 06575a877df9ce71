/** What a flow looks like at one moment. */
export interface Picture {
  /** CELLS x CELLS values, from the lower left. */
  readonly density: Float32Array;
  /** GRID_LINES lines each way, POINTS_OF_A_LINE points each: x, y, x, y, ... */
  readonly grid: Float32Array;
  /** Particles at each stop from latent space to the data: x, y, x, y, ... */
  readonly stops: readonly Float32Array[];
}

/** Cells of the density on a side. */
export const CELLS = 56;
/** Lines of the grid each way. */
export const GRID_LINES = 13;
export const POINTS_OF_A_LINE = 40;
