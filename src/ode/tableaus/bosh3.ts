import { tableau } from '../tableau.ts';

/** Bogacki and Shampine's pair 3(2), first same as last. */
export const bosh3 = tableau({
  name: 'bosh3',
  order: 3,
  embeddedOrder: 2,
  c: [0, 1 / 2, 3 / 4, 1],
  a: [[], [1 / 2], [0, 3 / 4], [2 / 9, 1 / 3, 4 / 9]],
  b: [2 / 9, 1 / 3, 4 / 9, 0],
  bEmbedded: [7 / 24, 1 / 4, 1 / 3, 1 / 8],
  reference:
    'P. Bogacki, L. F. Shampine, A 3(2) pair of Runge-Kutta formulas, Applied Mathematics Letters 2 (1989) 321-325',
});
