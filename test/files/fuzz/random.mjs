/**
 * A small generator (mulberry32): the same seed mutates in the same way.
 * @param {number} seed
 * @returns {(n: number) => number} uniform on 0, ..., n - 1
 */
export function makeRandom(seed) {
  let state = seed >>> 0;
  return (n) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return Math.floor((((t ^ (t >>> 14)) >>> 0) / 2 ** 32) * n);
  };
}
