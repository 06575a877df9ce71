import { unknownName } from '../../errors.ts';
import type { Tableau } from '../tableau.ts';
import { bosh3 } from './bosh3.ts';
import { dopri5 } from './dopri5.ts';
import { euler } from './euler.ts';
import { rk4 } from './rk4.ts';
import { tsit5 } from './tsit5.ts';

const known = { dopri5, tsit5, bosh3, rk4, euler };

/** Every explicit Runge-Kutta method by name; the default first. */
export const tableaus: Readonly<typeof known> & Readonly<Record<string, Tableau>> = Object.freeze(known);

/** The tableau of that name; throws 'unknown-name' with the nearest that exists. */
export function findTableau(name: string): Tableau {
  const found = Object.hasOwn(tableaus, name) ? tableaus[name] : undefined;
  if (found === undefined) throw unknownName('solver', name, Object.keys(tableaus));
  return found;
}
