import type { Matrix } from '../matrix.ts';
import { baseLayout, packed } from './figure.ts';
import type { Figure, Stop } from './figure.ts';

/** Of rows on their way: where they are, and how dense the model is there. */
export interface WayStop {
  readonly x: Matrix;
  readonly logDensity: Float64Array;
}

/** Arrows of a field in the plane at one time; the longest is `length` long in the units of the axes. */
export function fieldFigure(points: Matrix, velocity: Matrix, length: number, colour: string): Figure {
  const { x, y } = arrows(points, velocity, length / fastest([velocity]));
  return {
    data: [
      {
        type: 'scatter',
        mode: 'markers',
        x: packed(Array.from({ length: points.rows }, (_, i) => points.data[2 * i]!)),
        y: packed(Array.from({ length: points.rows }, (_, i) => points.data[2 * i + 1]!)),
        marker: { color: colour, size: 3 },
        hoverinfo: 'skip',
      },
      {
        type: 'scatter',
        mode: 'lines',
        x: packed(x),
        y: packed(y),
        line: { color: colour, width: 1.2 },
        hoverinfo: 'skip',
      },
    ],
    layout: { ...baseLayout(), yaxis: { scaleanchor: 'x' } },
  };
}

/** The arrows of `fieldFigure` at several times, all in one scale: stops for its last trace. */
export function fieldStops(
  points: Matrix,
  velocities: readonly Matrix[],
  times: readonly number[],
  length: number,
): Stop[] {
  const scale = length / fastest(velocities);
  return velocities.map((velocity, i) => {
    const { x, y } = arrows(points, velocity, scale);
    return { label: `t = ${times[i]!.toFixed(3)}`, x: packed(x), y: packed(y) };
  });
}

/** The ways of the first `most` rows as lines in the plane. */
export function waysTrace(stops: readonly WayStop[], most: number, colour: string): Record<string, unknown> {
  const along = (column: number): number[] =>
    gapped(stops, most, ({ x }, row) => x.data[row * x.cols + column]!);
  return {
    type: 'scatter',
    mode: 'lines',
    x: packed(along(0)),
    y: packed(along(1)),
    line: { color: colour, width: 1 },
    opacity: 0.6,
    hoverinfo: 'skip',
  };
}

/** The log-density of the first rows along their way, one line a row. */
export function pathDensityFigure(stops: readonly WayStop[], colour: string, most = 60): Figure {
  return {
    data: [
      {
        type: 'scatter',
        mode: 'lines',
        x: packed(gapped(stops, most, (_stop, _row, i) => i)),
        y: packed(gapped(stops, most, ({ logDensity }, row) => logDensity[row]!)),
        line: { color: colour, width: 1 },
        opacity: 0.5,
        hoverinfo: 'skip',
      },
    ],
    layout: {
      ...baseLayout(),
      xaxis: { title: { text: 'stop, from data to latent' } },
      yaxis: { title: { text: 'log-density, nats' } },
    },
  };
}

/** How many rows took how many evaluations of the field. */
export function rowCostFigure(evaluations: Int32Array, colour: string): Figure {
  return {
    data: [{ type: 'histogram', x: packed(evaluations), marker: { color: colour } }],
    layout: {
      ...baseLayout(),
      xaxis: { title: { text: 'evaluations of the field' } },
      yaxis: { title: { text: 'rows' } },
    },
  };
}

/** One number for each stop of each row, and a gap after each row. */
function gapped(
  stops: readonly WayStop[],
  most: number,
  value: (stop: WayStop, row: number, index: number) => number,
): number[] {
  const rows = Math.min(stops[0]?.logDensity.length ?? 0, most);
  return Array.from({ length: rows }, (_, row) => [
    ...stops.map((stop, i) => value(stop, row, i)),
    NaN,
  ]).flat();
}

function arrows(points: Matrix, velocity: Matrix, scale: number): { x: number[]; y: number[] } {
  const [x, y]: [number[], number[]] = [[], []];
  for (let i = 0; i < points.rows; i++) {
    const [a, b] = [points.data[2 * i]!, points.data[2 * i + 1]!];
    // A gap after each arrow.
    x.push(a, a + scale * velocity.data[2 * i]!, NaN);
    y.push(b, b + scale * velocity.data[2 * i + 1]!, NaN);
  }
  return { x, y };
}

/** The highest speed; 1 where nothing moves, or nothing is finite. */
function fastest(velocities: readonly Matrix[]): number {
  let most = 0;
  for (const { data, rows } of velocities) {
    for (let i = 0; i < rows; i++) {
      const speed = Math.hypot(data[2 * i]!, data[2 * i + 1]!);
      if (speed > most && speed < Infinity) most = speed;
    }
  }
  return most > 0 ? most : 1;
}
