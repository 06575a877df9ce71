import type { FigureSection } from '../../plot/index.ts';
import type { Comparison } from '../compare.ts';
import { densities } from './densities.ts';
import { samples } from './samples.ts';
import { training } from './training.ts';

/** Each makes one section of the report, where the comparison has something to show in it. */
const sections: readonly ((comparison: Comparison) => FigureSection | null)[] = [
  densities,
  samples,
  training,
];

/** The figures of the report, by section. */
export function figureSections(comparison: Comparison): FigureSection[] {
  return sections.map((section) => section(comparison)).filter((section) => section !== null);
}
