/**
 * The norm in which errors are measured: the root mean square over the components of
 * v_i / (atol_i + rtol |y_i|). Summed by increasing i.
 *
 * Hairer, Norsett, Wanner I, (II.4.11).
 */
export function scaledNorm(v: Float64Array, y: Float64Array, rtol: number, atol: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < v.length; i++) {
    const ratio = v[i]! / (atol[i]! + rtol * Math.abs(y[i]!));
    sum += ratio * ratio;
  }
  return Math.sqrt(sum / v.length);
}

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
