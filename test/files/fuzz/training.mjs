/** Rows and options of the run whose checkpoints are the seeds. */
export const rows = { data: Float64Array.from({ length: 40 }, (_, i) => Math.sin(i)), rows: 20, cols: 2 };
export const options = { steps: 6, batchSize: 10, ema: 0.9, validation: rows, validateEvery: 2, seed: 1 };
