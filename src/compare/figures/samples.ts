import { colourOf, columnOf, marginalsFigure, pointsFigure } from '../../plot/index.ts';
import type { CaptionedFigure, FigureSection } from '../../plot/index.ts';
import type { Comparison } from '../compare.ts';
import type { ModelRun } from '../run-model.ts';
import { bulk, dataPanel, windowOf } from './window.ts';

/** How many columns are shown in pairs. */
const MOST_COLUMNS = 4;

/** Rows drawn from each model, beside the test rows; above two dimensions the first columns in pairs. */
export function samples(comparison: Comparison): FigureSection | null {
  const { dim } = comparison.data;
  if (dim < 2 || comparison.runs.every(({ found }) => found.drawn === undefined)) return null;
  const common = { id: 'samples', title: 'Samples' };
  return dim === 2
    ? {
        ...common,
        text: 'Rows drawn from each model beside rows that it never saw.',
        size: 'small',
        groups: [{ label: 'samples', figures: [...plane(comparison)] }],
      }
    : {
        ...common,
        text: `Rows drawn from each model, coloured, over test rows, grey: ${Math.min(dim, MOST_COLUMNS)} of ${dim} columns in pairs, and each by itself on the diagonal.`,
        size: 'wide',
        groups: [{ label: 'samples', figures: pairs(comparison) }],
      };
}

function plane(comparison: Comparison): CaptionedFigure[] {
  const window = windowOf(comparison);
  const figures = perModel(comparison, (drawn, colour) => pointsFigure(drawn, window, colour));
  return [dataPanel(comparison, window), ...figures];
}

function pairs(comparison: Comparison): CaptionedFigure[] {
  const { test, columns } = comparison.data;
  const shown = columns.slice(0, MOST_COLUMNS).map((title, index) => ({
    index,
    title,
    range: bulk(columnOf(test, index, test.rows)),
  }));
  return perModel(comparison, (drawn, colour) => marginalsFigure(test, drawn, shown, colour));
}

function perModel(
  { runs }: Comparison,
  draw: (drawn: NonNullable<ModelRun['found']['drawn']>, colour: string) => CaptionedFigure['figure'],
): CaptionedFigure[] {
  return runs.flatMap(({ result: { name }, found: { drawn } }, i): CaptionedFigure[] => {
    if (drawn === undefined) return [];
    return [{ title: name, description: `Rows drawn from ${name}.`, figure: draw(drawn, colourOf(i)) }];
  });
}
