// The network of all sides, 2-64-64-64-2 with tanh between, and how a task is timed.

export const widths = [2, 64, 64, 64, 2];
export const rows = 1000;

/** @param {number} count @param {number} phase */
export const wave = (count, phase) =>
  Float32Array.from({ length: count }, (_, i) => Math.sin(i * 0.7 + phase));

/** Weights [out, in] and biases, the same for everybody. */
export const layers = widths.slice(1).map((out, i) => {
  const n = /** @type {number} */ (widths[i]);
  return { n, out, w: wave(out * n, i).map((x) => x / Math.sqrt(n)), b: wave(out, i + 9).map((x) => x / 10) };
});

/**
 * The median time of a task in milliseconds, after it has run for a while.
 *
 * @param {() => unknown} task
 * @param {number} seconds
 */
export async function medianOf(task, seconds) {
  const begin = performance.now();
  do await task();
  while (performance.now() - begin < 500 * seconds);
  const times = [];
  const first = performance.now();
  do {
    const start = performance.now();
    await task();
    times.push(performance.now() - start);
  } while (performance.now() - first < 1000 * seconds);
  return /** @type {number} */ (times.sort((a, b) => a - b)[times.length >> 1]);
}
