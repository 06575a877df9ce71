import { tableau } from '../tableau.ts';

/** Kutta's 3/8 rule, order 4. */
export const kutta38 = tableau({
  name: 'kutta38',
  order: 4,
  c: [0, 1 / 3, 2 / 3, 1],
  a: [[], [1 / 3], [-1 / 3, 1], [1, -1, 1]],
  b: [1 / 8, 3 / 8, 3 / 8, 1 / 8],
  reference:
    'W. Kutta, Beitrag zur naherungsweisen Integration totaler Differentialgleichungen, 1901; ' +
    'Hairer, Norsett, Wanner I, table II.1.2',
});
