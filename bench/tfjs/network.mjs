// The network of all contestants.

/** @typedef {typeof import('@tensorflow/tfjs-core')} Tf */
/** @typedef {{ n: number, out: number, weight: Float32Array, bias: Float32Array }} Layer weight: [out, n] */
/** @typedef {{ value: Float32Array | Float64Array, along: Float32Array | Float64Array }} Result */

const widths = [2, 64, 64, 64, 2];

/** @param {number} count @param {number} phase */
export const draws = (count, phase) =>
  Float32Array.from({ length: count }, (_, i) => Math.sin(i * 0.7 + phase));

/** @returns {Layer[]} */
export function layers() {
  return widths.slice(1).map((out, i) => {
    const n = /** @type {number} */ (widths[i]);
    const weight = draws(out * n, i).map((x) => x / Math.sqrt(n));
    return { n, out, weight, bias: draws(out, i + 9).map((x) => x / 10) };
  });
}
