import { unknownName } from '../../errors.ts';
import type { Tableau } from '../tableau.ts';
import { bosh3 } from './bosh3.ts';
import { cashkarp } from './cashkarp.ts';
import { dop853 } from './dop853.ts';
import { dopri5 } from './dopri5.ts';
import { euler } from './euler.ts';
import { fehlberg45 } from './fehlberg45.ts';
import { heun2 } from './heun2.ts';
import { heun3 } from './heun3.ts';
import { kutta38 } from './kutta38.ts';
import { midpoint } from './midpoint.ts';
import { ralston } from './ralston.ts';
import { rk4 } from './rk4.ts';
import { tsit5 } from './tsit5.ts';
import { vern6 } from './vern6.ts';
import { vern7 } from './vern7.ts';
import { vern8 } from './vern8.ts';
import { vern9 } from './vern9.ts';

const known = {
  dopri5,
  tsit5,
  bosh3,
  fehlberg45,
  cashkarp,
  vern6,
  vern7,
  dop853,
  vern8,
  vern9,
  heun2,
  ralston,
  rk4,
  kutta38,
  heun3,
  midpoint,
  euler,
};

/** Every explicit Runge-Kutta method by name; the default first. */
export const tableaus: Readonly<typeof known> & Readonly<Record<string, Tableau>> = Object.freeze(known);

/** Is it the name of an explicit Runge-Kutta method? Those run on engines, and their steps have a discrete gradient. */
export function isExplicit(solver: string): boolean {
  return Object.hasOwn(tableaus, solver);
}

/** The tableau of that name; throws 'unknown-name' with the nearest that exists. */
export function findTableau(name: string): Tableau {
  if (!isExplicit(name)) throw unknownName('explicit solver', name, Object.keys(tableaus));
  return tableaus[name]!;
}
