import type { EvaluateOptions, Flow } from '../flow/index.ts';
import type { Matrix } from '../matrix.ts';
import { baseLayout, colourOf, densityFigure, packed, panelLayout, pointsFigure } from '../plot/index.ts';
import type { Figure, Window } from '../plot/index.ts';

/** Options of the panels: what part of the plane they show. */
export interface PanelOptions {
  /** The panel shows [-range, range] on both axes; default 4. */
  range?: number;
  /** Names of the axes; default 'x' and 'y'. */
  titles?: readonly [x: string, y: string];
}

/** Options of `densityPanel`. */
export interface DensityPanelOptions extends PanelOptions, EvaluateOptions {
  /** Cells on a side, default 100. */
  cells?: number;
}

/** Options of `gridPanel`. */
export interface GridPanelOptions extends PanelOptions, EvaluateOptions {
  /** 'forward' carries a grid of the data to latent space; default 'inverse', a grid of latent space to the data. */
  direction?: 'forward' | 'inverse';
  /** Lines each way, default 17. */
  lines?: number;
}

function windowOf({ range = 4, titles = ['x', 'y'] }: PanelOptions): Window {
  return { x: [-range, range], y: [-range, range], xTitle: titles[0], yTitle: titles[1] };
}

/** Rows as points of the plane: the first two columns of a matrix, the others left out. `colour` is that of CSS. */
export function pointsPanel(rows: Matrix, options: PanelOptions & { colour?: string } = {}): Figure {
  return pointsFigure(rows, windowOf(options), options.colour ?? colourOf(0));
}

/**
 * A density in the plane as a heat map: of a flow with dim 2, or of a function that gives its logarithm at a point.
 *
 * @throws LiouvilleError as `flow.logProb`.
 */
export async function densityPanel(
  source: Flow | ((x: number, y: number) => number),
  { range, titles, cells = 100, ...options }: DensityPanelOptions = {},
): Promise<Figure> {
  const window = windowOf({ ...(range !== undefined && { range }), ...(titles && { titles }) });
  const middles = Float64Array.from(
    { length: cells },
    (_, i) => window.x[0] + ((i + 0.5) * (window.x[1] - window.x[0])) / cells,
  );
  const points = new Float64Array(2 * cells * cells);
  for (let i = 0; i < cells * cells; i++) {
    points[2 * i] = middles[i % cells]!;
    points[2 * i + 1] = middles[Math.floor(i / cells)]!;
  }
  const logDensity =
    typeof source === 'function'
      ? Float64Array.from({ length: cells * cells }, (_, i) => source(points[2 * i]!, points[2 * i + 1]!))
      : await source.logProb({ data: points, rows: cells * cells, cols: 2 }, options);
  const density = logDensity.map(Math.exp);
  return densityFigure({ x: middles, y: middles, density }, window, nearlyMost(density));
}

/** The highest thousandth is cut off: a narrow peak would make the rest dark. */
function nearlyMost(density: Float64Array): number {
  const sorted = density.filter(Number.isFinite).sort();
  return sorted[Math.floor(0.999 * (sorted.length - 1))] ?? 1;
}

/** Points of one line of a grid. */
const POINTS_OF_A_LINE = 80;

/**
 * How a flow with dim 2 bends the plane: the lines of a square grid where the flow carries them.
 *
 * @throws LiouvilleError as `flow.transform`.
 */
export async function gridPanel(
  flow: Flow,
  { range = 4, titles, direction = 'inverse', lines = 17, ...options }: GridPanelOptions = {},
): Promise<Figure> {
  const window = windowOf({ range, ...(titles && { titles }) });
  const place = (i: number, count: number): number => 0.75 * range * ((2 * i) / (count - 1) - 1);
  const count = 2 * lines * POINTS_OF_A_LINE;
  const points = new Float64Array(2 * count);
  for (let line = 0; line < 2 * lines; line++) {
    for (let i = 0; i < POINTS_OF_A_LINE; i++) {
      const at = 2 * (line * POINTS_OF_A_LINE + i);
      const isUpright = line < lines;
      points[at + (isUpright ? 0 : 1)] = place(line % lines, lines);
      points[at + (isUpright ? 1 : 0)] = place(i, POINTS_OF_A_LINE);
    }
  }
  const start = { data: points, rows: count, cols: 2 };
  const { data } =
    direction === 'forward'
      ? (await flow.transform(start, options)).z
      : (await flow.inverse(start, options)).x;
  return {
    data: [0, 1].map((way) => linesTrace(data, way * lines, lines, colourOf(way))),
    layout: panelLayout(window),
  };
}

function linesTrace(
  data: ArrayLike<number>,
  first: number,
  lines: number,
  colour: string,
): Record<string, unknown> {
  const [x, y]: [number[], number[]] = [[], []];
  for (let line = first; line < first + lines; line++) {
    for (let i = 0; i < POINTS_OF_A_LINE; i++) {
      const at = 2 * (line * POINTS_OF_A_LINE + i);
      x.push(data[at]!);
      y.push(data[at + 1]!);
    }
    // A gap after each line.
    x.push(NaN);
    y.push(NaN);
  }
  return { ...baseTrace, x: packed(x), y: packed(y), line: { color: colour, width: 1 } };
}

const baseTrace = { type: 'scatter', mode: 'lines', hoverinfo: 'skip' } as const;

/**
 * The ways of points, such as rows on their way through a flow (`journey`, `flow.path`): one line for each row, a dot at
 * its end.
 */
export function waysPanel(
  stops: readonly { readonly x: Matrix }[],
  options: PanelOptions & { colour?: string } = {},
): Figure {
  const colour = options.colour ?? colourOf(0);
  const last = stops.at(-1)?.x ?? { data: new Float64Array(), rows: 0, cols: 2 };
  const [x, y]: [number[], number[]] = [[], []];
  for (let row = 0; row < last.rows; row++) {
    for (const { x: at } of stops) {
      x.push(at.data[row * at.cols]!);
      y.push(at.data[row * at.cols + 1]!);
    }
    x.push(NaN);
    y.push(NaN);
  }
  const window = windowOf(options);
  const lines = { ...baseTrace, x: packed(x), y: packed(y), opacity: 0.5, line: { color: colour, width: 1 } };
  return { data: [lines, ...pointsFigure(last, window, colour).data], layout: panelLayout(window) };
}

/** One line in a plot of `linesFigure`: its name in the legend, and as many y as x. */
export interface Line {
  readonly name: string;
  readonly x: ArrayLike<number>;
  readonly y: ArrayLike<number>;
}

/** Lines over one pair of axes, with a legend where there are several; either axis may be logarithmic. */
export function linesFigure(
  lines: readonly Line[],
  {
    titles = ['x', 'y'],
    log = [],
  }: { titles?: readonly [x: string, y: string]; log?: readonly ('x' | 'y')[] } = {},
): Figure {
  return {
    data: lines.map(({ name, x, y }, i) => ({
      type: 'scatter',
      mode: x.length <= 12 ? 'lines+markers' : 'lines',
      name,
      x: Array.from(x),
      y: Array.from(y),
      line: { color: colourOf(i), width: 2 },
      marker: { color: colourOf(i), size: 7 },
    })),
    layout: {
      ...baseLayout(),
      showlegend: lines.length > 1,
      legend: { orientation: 'h', y: 1.02, yanchor: 'bottom', x: 0 },
      xaxis: { title: { text: titles[0] }, type: log.includes('x') ? 'log' : 'linear' },
      yaxis: { title: { text: titles[1] }, type: log.includes('y') ? 'log' : 'linear' },
    },
  };
}
