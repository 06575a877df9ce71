import type { ProgramCase } from './cases/case.ts';
import { maskCases } from './cases/masks.ts';
import { memoryCases } from './cases/memory.ts';
import { modelCases } from './cases/models.ts';
import { opCases, specialCases } from './cases/op-cases.ts';

/** What every engine must compute: one list for correctness, gradients and the tables of support. */
export const programCases: readonly ProgramCase[] = [
  ...opCases,
  ...specialCases,
  ...modelCases,
  ...maskCases,
  ...memoryCases,
];
