import { colourOf, densityFigure, densityLineFigure } from '../../plot/index.ts';
import type { CaptionedFigure, DensityGrid, FigureSection } from '../../plot/index.ts';
import type { Comparison } from '../compare.ts';
import type { ComparisonData } from '../data.ts';
import { dataPanel, quantile, windowOf } from './window.ts';

/** A density with its name. */
interface Shown {
  readonly name: string;
  readonly description: string;
  readonly grid: DensityGrid;
  readonly colour: string;
}

/** The density that each model learnt, beside the test rows; one and two dimensions. */
export function densities(comparison: Comparison): FigureSection | null {
  const { box, runs } = comparison;
  const shown = runs.flatMap(({ result: { name }, grid }, i): Shown[] =>
    grid === null ? [] : [{ name, description: `Density of ${name}`, grid, colour: colourOf(i) }],
  );
  if (box === null || shown.length === 0) return null;
  return {
    id: 'densities',
    title: 'Densities',
    text: 'Where each model expects rows, in the coordinates of the data.',
    size: box.length === 1 ? 'large' : 'small',
    figures: box.length === 1 ? lines(comparison, shown) : maps(comparison, shown),
  };
}

function lines({ data }: Comparison, shown: readonly Shown[]): CaptionedFigure[] {
  return shown.map(({ name, description, grid, colour }) => ({
    title: name,
    description: `${description} as a line, over a histogram of the test rows.`,
    figure: densityLineFigure(grid.x, grid.density, data.test, data.columns[0]!, colour),
  }));
}

function maps(comparison: Comparison, shown: readonly Shown[]): CaptionedFigure[] {
  const window = windowOf(comparison);
  const truth = trueDensity(comparison.data, shown[0]!.grid);
  // The truth sets the scale where it is known, since a needle in one model would leave all else dark.
  const scale = (truth === null ? shown : [truth]).map(({ grid }) => quantile(grid.density, 0.998));
  const most = Math.max(...scale);
  const figures = [...(truth === null ? [] : [truth]), ...shown].map(({ name, description, grid }) => ({
    title: name,
    description: `${description}; from 0 (dark) to ${most.toPrecision(2)} and more (bright).`,
    figure: densityFigure(grid, window, most),
  }));
  return [dataPanel(comparison, window), ...figures];
}

function trueDensity({ name, logDensity }: ComparisonData, { x, y }: DensityGrid): Shown | null {
  if (logDensity === null) return null;
  const density = new Float64Array(x.length * y.length);
  for (let k = 0; k < density.length; k++) {
    density[k] = Math.exp(logDensity(x[k % x.length]!, y[Math.floor(k / x.length)]!));
  }
  return {
    name: 'truth',
    description: `The density that ${name} is drawn from`,
    grid: { x, y, density },
    colour: '',
  };
}
