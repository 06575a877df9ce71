import type { ToyDefinition } from './definition.ts';

/**
 * Uniform on eight squares of side 2 in [-4, 4] x [-4, 4]. In units of a square, x is uniform on [-2, 2),
 * and the lower end of y's square is 0 or -2, plus 1 where floor(x) is odd.
 */
export const checkerboard: ToyDefinition = {
  sample: (draws) => {
    const x = 4 * draws.uniform(0) - 2;
    const y = draws.uniform(1) - 2 * draws.choice(2, 2) + oddity(Math.floor(x));
    return [2 * x, 2 * y];
  },
  logDensity: (x, y) => {
    const column = Math.floor(x / 2);
    const row = Math.floor(y / 2);
    const inside = column >= -2 && column < 2 && row >= -2 && row < 2;
    return inside && oddity(column) === oddity(row) ? -Math.log(32) : -Infinity;
  },
  entropy: Math.log(32),
};

/** n modulo 2, for negative n too. */
function oddity(n: number): 0 | 1 {
  return n % 2 === 0 ? 0 : 1;
}
