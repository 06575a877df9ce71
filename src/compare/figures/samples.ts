import { colourOf, pointsFigure } from '../../plot/index.ts';
import type { CaptionedFigure, FigureSection } from '../../plot/index.ts';
import type { Comparison } from '../compare.ts';
import { dataPanel, windowOf } from './window.ts';

/** Rows drawn from each model, beside the test rows: the first two columns. */
export function samples(comparison: Comparison): FigureSection | null {
  const { data, runs } = comparison;
  if (data.dim < 2) return null;
  const window = windowOf(comparison);
  const figures = runs.flatMap((run, i): CaptionedFigure[] => {
    if (run.drawn === null) return [];
    const { name } = run.result;
    const description = `Rows drawn from ${name}.`;
    return [{ title: name, description, figure: pointsFigure(run.drawn, window, colourOf(i)) }];
  });
  if (figures.length === 0) return null;
  const text =
    data.dim === 2
      ? 'Rows drawn from each model beside rows that it never saw.'
      : `Rows drawn from each model beside rows that it never saw: ${window.xTitle} and ${window.yTitle} of ${data.dim} columns.`;
  return {
    id: 'samples',
    title: 'Samples',
    text,
    size: 'small',
    figures: [dataPanel(comparison, window), ...figures],
  };
}
