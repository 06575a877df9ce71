import { tableau } from '../tableau.ts';

/** Euler's method, order 1. */
export const euler = tableau({
  name: 'euler',
  order: 1,
  c: [0],
  a: [[]],
  b: [1],
  reference: 'L. Euler, Institutiones calculi integralis, 1768; Hairer, Norsett, Wanner I, (I.7.3)',
});
