/** The largest |y_i|; NaN when one is. */
export function largest(y: Float64Array): number {
  let norm = 0;
  for (const value of y) norm = Math.max(norm, Math.abs(value));
  return norm;
}

/** The first entry that is NaN or infinite, or -1. */
export function firstNonFinite(values: Float64Array): number {
  for (let i = 0; i < values.length; i++) if (!Number.isFinite(values[i]!)) return i;
  return -1;
}
