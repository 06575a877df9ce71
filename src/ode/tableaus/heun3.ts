import { tableau } from '../tableau.ts';

/** Heun's method of order 3. */
export const heun3 = tableau({
  name: 'heun3',
  order: 3,
  c: [0, 1 / 3, 2 / 3],
  a: [[], [1 / 3], [0, 2 / 3]],
  b: [1 / 4, 0, 3 / 4],
  reference:
    'K. Heun, Zeitschrift fur Mathematik und Physik 45 (1900) 23-38; Hairer, Norsett, Wanner I, (II.1.4)',
});
