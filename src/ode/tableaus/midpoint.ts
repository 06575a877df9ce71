import { tableau } from '../tableau.ts';

/** The explicit midpoint rule, order 2. */
export const midpoint = tableau({
  name: 'midpoint',
  order: 2,
  c: [0, 1 / 2],
  a: [[], [1 / 2]],
  b: [0, 1],
  reference:
    'C. Runge, Ueber die numerische Auflosung von Differentialgleichungen, Mathematische Annalen 46 (1895) 167-178',
});
