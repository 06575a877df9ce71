import { tableau } from '../tableau.ts';

/** Heun's method of order 2 (the explicit trapezoidal rule) with Euler's as embedded solution. */
export const heun2 = tableau({
  name: 'heun2',
  order: 2,
  embeddedOrder: 1,
  c: [0, 1],
  a: [[], [1]],
  b: [1 / 2, 1 / 2],
  bEmbedded: [1, 0],
  reference:
    'K. Heun, Neue Methoden zur approximativen Integration der Differentialgleichungen einer unabhangigen ' +
    'Veranderlichen, Zeitschrift fur Mathematik und Physik 45 (1900) 23-38',
});
