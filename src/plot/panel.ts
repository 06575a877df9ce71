import type { Matrix } from '../matrix.ts';
import { baseLayout, literal, packed } from './figure.ts';
import type { Figure } from './figure.ts';

/** A part of the plane, to be shown with the same length of a unit on both axes. */
export interface Window {
  x: readonly [number, number];
  y: readonly [number, number];
  xTitle: string;
  yTitle: string;
}

/** Values of a function on a grid of the plane: density[j x.length + i] is that at (x[i], y[j]). NaN is left blank. */
export interface DensityGrid {
  x: ArrayLike<number>;
  y: ArrayLike<number>;
  /** One row of values for each y, row-major. */
  density: ArrayLike<number>;
}

/** The numbers of one column of the first rows. */
export function columnOf({ data, rows, cols }: Matrix, column: number, most: number): Float64Array {
  return Float64Array.from({ length: Math.min(rows, most) }, (_, i) => data[i * cols + column]!);
}

/** Rows as points, by two of their columns. */
export function pointsTrace(
  rows: Matrix,
  colour: string | readonly number[],
  { most = 2000, columns = [0, 1] as readonly [number, number], size = 3, opacity = 0.55 } = {},
): Record<string, unknown> {
  return {
    type: 'scatter',
    mode: 'markers',
    x: packed(columnOf(rows, columns[0], most)),
    y: packed(columnOf(rows, columns[1], most)),
    // Numbers are angles on a colour wheel.
    marker: {
      size,
      opacity,
      color: colour,
      ...(typeof colour === 'string' ? {} : { colorscale: WHEEL, cmin: -Math.PI, cmax: Math.PI }),
    },
    hovertemplate: '%{x:.3g}, %{y:.3g}<extra></extra>',
  };
}

/** Hues of about one lightness, the last the first, so that angles have no seam. */
const WHEEL = [
  [0, '#c2468f'],
  [0.17, '#d2553b'],
  [0.33, '#a98508'],
  [0.5, '#3a9a53'],
  [0.67, '#2392ad'],
  [0.83, '#6f72d6'],
  [1, '#c2468f'],
] as const;

/** Rows as points: their first two columns. */
export function pointsFigure(rows: Matrix, window: Window, colour: string): Figure {
  return { data: [pointsTrace(rows, colour)], layout: panelLayout(window) };
}

/** More cells on a side cannot be seen, and make the file large. */
const MOST_CELLS = 160;

/** A density as a heat map; colours end at `most`, so that several can share their scale. */
export function densityFigure(grid: DensityGrid, window: Window, most: number): Figure {
  return mapFigure(grid, window, { zmin: 0, zmax: Number(most.toPrecision(3)), colorscale: 'Viridis' });
}

/** Blue, white, red, as readers who confuse red and green can tell them apart. */
const DIVERGING = [
  [0, '#2166ac'],
  [0.25, '#92c5de'],
  [0.5, '#f7f7f7'],
  [0.75, '#f4a582'],
  [1, '#b2182b'],
] as const;

/** Values below and above 0 as a heat map: blue to red, up to `most` either way. */
export function signedFigure(grid: DensityGrid, window: Window, most: number): Figure {
  return mapFigure(grid, window, { zmin: -most, zmax: most, colorscale: DIVERGING });
}

function mapFigure(grid: DensityGrid, window: Window, colours: Record<string, unknown>): Figure {
  const { x, y, density } = thinned(grid);
  return {
    data: [
      {
        type: 'heatmap',
        x: packed(x),
        y: packed(y),
        z: packed(density, [y.length, x.length]),
        ...colours,
        zsmooth: 'fast',
        showscale: false,
        hoverongaps: false,
        hovertemplate: '%{x:.3g}, %{y:.3g}: %{z:.3g}<extra></extra>',
      },
    ],
    layout: panelLayout(window),
  };
}

/** Every n-th line of a grid that is finer than can be seen. */
function thinned({ x, y, density }: DensityGrid): DensityGrid {
  const stride = Math.ceil(Math.max(x.length, y.length) / MOST_CELLS);
  const places = (n: number): number[] => Array.from({ length: Math.ceil(n / stride) }, (_, i) => i * stride);
  const [columns, rows] = [places(x.length), places(y.length)];
  return {
    x: columns.map((i) => x[i]!),
    y: rows.map((j) => y[j]!),
    density: rows.flatMap((j) => columns.map((i) => density[j * x.length + i]!)),
  };
}

/** One column of values as a histogram, normalised to a density. */
export function histogramTrace(
  values: ArrayLike<number>,
  [start, end]: readonly [number, number],
  colour: string,
  bins = 80,
): Record<string, unknown> {
  return {
    type: 'histogram',
    histnorm: 'probability density',
    x: packed(values),
    xbins: { start, end, size: (end - start) / bins },
    marker: { color: colour },
    opacity: 0.5,
  };
}

/** A density of one dimension as a line, over a histogram of rows. */
export function densityLineFigure(
  x: ArrayLike<number>,
  density: ArrayLike<number>,
  rows: Matrix,
  xTitle: string,
  colours: { line: string; rows: string },
): Figure {
  const range: [number, number] = [x[0]!, x[x.length - 1]!];
  const line = {
    type: 'scatter',
    mode: 'lines',
    x: packed(x),
    y: packed(density),
    line: { color: colours.line, width: 2 },
    hovertemplate: '%{x:.3g}: %{y:.3g}<extra></extra>',
  };
  return {
    data: [histogramTrace(rows.data, range, colours.rows), line],
    layout: {
      ...baseLayout(),
      xaxis: { title: { text: literal(xTitle) }, range },
      yaxis: { title: { text: 'density' } },
    },
  };
}

/** The layout of a part of the plane. The page makes it as high as its width asks for. */
export function panelLayout({ x, y, xTitle, yTitle }: Window): Record<string, unknown> {
  return {
    ...baseLayout(),
    margin: { l: 48, r: 8, t: 8, b: 40 },
    xaxis: {
      title: { text: literal(xTitle), standoff: 4 },
      range: [...x],
      constrain: 'domain',
      zeroline: false,
    },
    yaxis: {
      title: { text: literal(yTitle), standoff: 4 },
      range: [...y],
      constrain: 'domain',
      scaleanchor: 'x',
      scaleratio: 1,
      zeroline: false,
    },
  };
}
