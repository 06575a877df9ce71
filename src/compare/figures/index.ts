import type { FigureSection } from '../../plot/index.ts';
import type { Comparison } from '../compare.ts';
import { costs, seeds } from './costs.ts';
import { densities } from './densities.ts';
import { fields, insides } from './inside.ts';
import { journeys } from './journeys.ts';
import { samples } from './samples.ts';
import { evaluations, training } from './training.ts';

/** Each makes one section of the report, where the comparison has something to show in it. */
const sections: readonly ((comparison: Comparison) => FigureSection | null)[] = [
  densities,
  samples,
  journeys,
  fields,
  insides,
  training,
  costs,
  seeds,
  evaluations,
];

/** The figures of the report, by section. */
export function figureSections(comparison: Comparison): FigureSection[] {
  return sections.map((section) => section(comparison)).filter((section) => section !== null);
}
