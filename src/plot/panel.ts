import type { Matrix } from '../matrix.ts';
import { baseLayout, margin, shortened } from './figure.ts';
import type { Figure } from './figure.ts';

/** A part of the plane, to be shown with the same length of a unit on both axes. */
export interface Window {
  x: readonly [number, number];
  y: readonly [number, number];
  xTitle: string;
  yTitle: string;
}

/** Values of a density on a grid. */
export interface DensityGrid {
  x: ArrayLike<number>;
  y: ArrayLike<number>;
  /** One row of values for each y, row-major. */
  density: ArrayLike<number>;
}

/** Rows as points: their first two columns. */
export function pointsFigure(rows: Matrix, window: Window, colour: string, most = 2000): Figure {
  const count = Math.min(rows.rows, most);
  const column = (j: number) => Float64Array.from({ length: count }, (_, i) => rows.data[i * rows.cols + j]!);
  return {
    data: [
      {
        type: 'scatter',
        mode: 'markers',
        x: shortened(column(0)),
        y: shortened(column(1)),
        marker: { size: 3, opacity: 0.55, color: colour },
        hovertemplate: '%{x:.3g}, %{y:.3g}<extra></extra>',
      },
    ],
    layout: panelLayout(window),
  };
}

/** A density as a heat map; colours end at `most`, so that several can share their scale. */
export function densityFigure({ x, y, density }: DensityGrid, window: Window, most: number): Figure {
  const rows: (number | null)[][] = [];
  for (let j = 0; j < y.length; j++) {
    const row = Array.from({ length: x.length }, (_, i) => density[j * x.length + i]!);
    rows.push(shortened(row, 4));
  }
  return {
    data: [
      {
        type: 'heatmap',
        x: shortened(Array.from(x)),
        y: shortened(Array.from(y)),
        z: rows,
        zmin: 0,
        zmax: Number(most.toPrecision(3)),
        zsmooth: 'best',
        colorscale: 'Viridis',
        showscale: false,
        hovertemplate: '%{x:.3g}, %{y:.3g}: %{z:.3g}<extra></extra>',
      },
    ],
    layout: panelLayout(window),
  };
}

/** One column of values as a histogram, normalised to a density. */
export function histogramTrace(values: ArrayLike<number>, window: readonly [number, number], colour: string) {
  return {
    type: 'histogram',
    histnorm: 'probability density',
    x: shortened(Array.from(values)),
    xbins: { start: window[0], end: window[1], size: (window[1] - window[0]) / 80 },
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
  colour: string,
): Figure {
  const range: [number, number] = [x[0]!, x[x.length - 1]!];
  const line = {
    type: 'scatter',
    mode: 'lines',
    x: shortened(Array.from(x)),
    y: shortened(Array.from(density)),
    line: { color: colour, width: 2 },
    hovertemplate: '%{x:.3g}: %{y:.3g}<extra></extra>',
  };
  return {
    data: [histogramTrace(rows.data, range, '#7f7f7f'), line],
    layout: {
      ...baseLayout(),
      xaxis: { title: { text: xTitle }, range },
      yaxis: { title: { text: 'density' } },
    },
  };
}

/** About how wide a panel's axes are on a screen; on paper and phones the page scales them. */
const USUAL_WIDTH = 230;

function panelLayout({ x, y, xTitle, yTitle }: Window): Record<string, unknown> {
  const ratio = (y[1] - y[0]) / (x[1] - x[0]);
  const height = Math.round(USUAL_WIDTH * Math.min(Math.max(ratio, 0.5), 1.6));
  return {
    ...baseLayout(),
    height: height + margin.t + margin.b,
    xaxis: { title: { text: xTitle }, range: [...x], constrain: 'domain', zeroline: false },
    yaxis: {
      title: { text: yTitle },
      range: [...y],
      constrain: 'domain',
      scaleanchor: 'x',
      scaleratio: 1,
      zeroline: false,
    },
  };
}
