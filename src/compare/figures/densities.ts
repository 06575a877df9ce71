import { colourOf, DATA_COLOUR, densityFigure, densityLineFigure, signedFigure } from '../../plot/index.ts';
import type { CaptionedFigure, DensityGrid, FigureSection, Window } from '../../plot/index.ts';
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
  const shown = runs.flatMap(({ result: { name }, found: { grid } }, i): Shown[] =>
    grid === undefined ? [] : [{ name, description: `Density of ${name}`, grid, colour: colourOf(i) }],
  );
  if (box === null || shown.length === 0) return null;
  const common = { id: 'densities', title: 'Densities' };
  if (box.length === 1) {
    const text = 'Where each model expects rows, in the coordinates of the data.';
    return {
      ...common,
      text,
      size: 'large',
      groups: [{ label: 'density', figures: lines(comparison, shown) }],
    };
  }
  return { ...common, size: 'small', ...maps(comparison, shown) };
}

function lines({ data }: Comparison, shown: readonly Shown[]): CaptionedFigure[] {
  return shown.map(({ name, description, grid, colour }) => ({
    title: name,
    description: `${description} as a line, over a histogram of the test rows.`,
    figure: densityLineFigure(grid.x, grid.density, data.test, data.columns[0]!, {
      line: colour,
      rows: DATA_COLOUR,
    }),
  }));
}

function maps(
  comparison: Comparison,
  shown: readonly Shown[],
): Pick<FigureSection, 'text' | 'groups' | 'scale'> {
  const window = windowOf(comparison);
  const { data } = comparison;
  const truth = trueDensity(data, shown[0]!.grid);
  // The truth sets the scale where it is known, since a needle in one model would leave all else dark.
  const peaks = (truth === null ? shown : [truth]).map(({ grid }) => quantile(grid.density, 0.998));
  const scale = Math.max(...peaks);
  const figures = [...(truth === null ? [] : [truth]), ...shown].map(({ name, description, grid }) => ({
    title: name,
    description: `${description}.`,
    figure: densityFigure(grid, window, scale),
  }));
  const density = { label: 'Densities', figures: [dataPanel(comparison, window), ...figures] };
  const text = 'Where each model expects rows, in the coordinates of the data; all maps share one scale.';
  if (truth === null) return { text, groups: [density], scale };
  return {
    text: `${text} Errors are log q − log p, model above truth: red where the model expects too much, blue where too little, white where both are negligible; colours end at ± 2 nats.`,
    groups: [density, { label: 'Errors', figures: shown.map((model) => errorMap(model, data, window)) }],
    scale,
  };
}

/** Below this share of the peak a density is negligible. */
const NEGLIGIBLE = 1e-3;

/** log q - log p where either is not negligible. */
function errorMap({ name, grid }: Shown, data: ComparisonData, window: Window): CaptionedFigure {
  const truth = trueDensity(data, grid)!.grid.density;
  const least = NEGLIGIBLE * quantile(truth, 1);
  const density = Float64Array.from(truth, (p, k) => {
    const q = grid.density[k]!;
    // Where p is 0 the logarithm is bounded, so that the map shows the colour of its end.
    return Math.max(p, q) < least ? NaN : Math.log(Math.max(q, 1e-12) / Math.max(p, 1e-12));
  });
  return {
    title: name,
    description: `Error of ${name} in log-density.`,
    figure: signedFigure({ ...grid, density }, window, 2),
  };
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
