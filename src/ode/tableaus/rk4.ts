import { tableau } from '../tableau.ts';

/** The classical Runge-Kutta method, order 4. */
export const rk4 = tableau({
  name: 'rk4',
  order: 4,
  c: [0, 1 / 2, 1 / 2, 1],
  a: [[], [1 / 2], [0, 1 / 2], [0, 0, 1]],
  b: [1 / 6, 1 / 3, 1 / 3, 1 / 6],
  reference:
    'W. Kutta, Beitrag zur naherungsweisen Integration totaler Differentialgleichungen, 1901; ' +
    'Hairer, Norsett, Wanner I, table II.1.2',
});
