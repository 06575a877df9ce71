import type { Tableau } from '../../../ode/index.ts';

/** Whether the last stage is the first one of the next step, so that its state is the end of the step. */
export interface StageLayout {
  readonly stages: number;
  /** Stages whose states a tape keeps, and which have cotangents: all but the last of a method that is first same as last. */
  readonly stored: number;
  /** Numbers of a step on a tape: where it begins and ends, its size, and the states of its stages. */
  readonly record: number;
}

export function stageLayout({ stages, fsal }: Tableau, n: number): StageLayout {
  const stored = stages - Number(fsal);
  return { stages, stored, record: 3 + stored * n };
}

/** Where the coefficients lie among the settings of a kernel, from `first` on. */
export function coefficientPlaces(stages: number, first: number) {
  const c = first;
  const a = c + stages;
  const b = a + stages * stages;
  const bError = b + stages;
  const bCorrection = bError + stages;
  return { c, a, b, bError, bCorrection, end: bCorrection + stages };
}

/** The coefficients in that order; what a method has not got is zero. */
export function coefficients({ c, a, b, bError, bCorrection, stages }: Tableau): number[] {
  const zeros = new Float64Array(stages);
  return [...c, ...a, ...b, ...(bError ?? zeros), ...(bCorrection ?? zeros)];
}
