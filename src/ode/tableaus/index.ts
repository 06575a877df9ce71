import { LiouvilleError, unknownName } from '../../errors.ts';
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

/** What `solve` knows besides, for one initial value problem of a plain function. */
const ofSolveOnly: readonly string[] = ['odex', 'adams', 'rodas5p', 'kvaerno5'];

/**
 * The tableau of that name; throws 'unknown-name' with the nearest that exists, and 'invalid-argument' for a method that is
 * no explicit Runge-Kutta method.
 */
export function findTableau(name: string): Tableau {
  const found = Object.hasOwn(tableaus, name) ? tableaus[name] : undefined;
  if (found !== undefined) return found;
  if (!ofSolveOnly.includes(name)) throw unknownName('solver', name, Object.keys(tableaus));
  throw new LiouvilleError(
    'invalid-argument',
    `solver: '${name}' belongs to solve() of one initial value problem; flows, ensembles and single steps take explicit ` +
      `Runge-Kutta methods. Take 'vern9' for tight tolerances and 'tsit5' otherwise, or call solve() for each row.`,
  );
}
