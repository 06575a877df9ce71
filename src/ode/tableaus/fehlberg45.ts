import { tableau } from '../tableau.ts';

/** Fehlberg's pair 4(5): the solution of order 4 is carried on, as its author meant it. */
export const fehlberg45 = tableau({
  name: 'fehlberg45',
  order: 4,
  embeddedOrder: 5,
  c: [0, 1 / 4, 3 / 8, 12 / 13, 1, 1 / 2],
  a: [
    [],
    [1 / 4],
    [3 / 32, 9 / 32],
    [1932 / 2197, -7200 / 2197, 7296 / 2197],
    [439 / 216, -8, 3680 / 513, -845 / 4104],
    [-8 / 27, 2, -3544 / 2565, 1859 / 4104, -11 / 40],
  ],
  b: [25 / 216, 0, 1408 / 2565, 2197 / 4104, -1 / 5, 0],
  bEmbedded: [16 / 135, 0, 6656 / 12825, 28561 / 56430, -9 / 50, 2 / 55],
  reference:
    'E. Fehlberg, Low-order classical Runge-Kutta formulas with stepsize control, NASA TR R-315 (1969); ' +
    'Hairer, Norsett, Wanner I, table II.5.1',
});
