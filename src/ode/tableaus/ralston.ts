import { tableau } from '../tableau.ts';

/** Ralston's method of order 2, the one with the least bound on its truncation error; Euler's embedded. */
export const ralston = tableau({
  name: 'ralston',
  order: 2,
  embeddedOrder: 1,
  c: [0, 2 / 3],
  a: [[], [2 / 3]],
  b: [1 / 4, 3 / 4],
  bEmbedded: [1, 0],
  reference:
    'A. Ralston, Runge-Kutta methods with minimum error bounds, Mathematics of Computation 16 (1962) 431-437',
});
