import type { Matrix } from '../matrix.ts';
import { baseLayout, packed } from './figure.ts';
import type { Figure } from './figure.ts';

/** Arrows of a field in the plane at one time; the longest is `length` long in the units of the axes. */
export function fieldFigure(points: Matrix, velocity: Matrix, length: number, colour: string): Figure {
  let fastest = 0;
  for (let i = 0; i < points.rows; i++) {
    fastest = Math.max(fastest, Math.hypot(velocity.data[2 * i]!, velocity.data[2 * i + 1]!));
  }
  const scale = fastest > 0 ? length / fastest : 0;
  const [x, y]: [number[], number[]] = [[], []];
  for (let i = 0; i < points.rows; i++) {
    const [a, b] = [points.data[2 * i]!, points.data[2 * i + 1]!];
    // A gap after each arrow.
    x.push(a, a + scale * velocity.data[2 * i]!, NaN);
    y.push(b, b + scale * velocity.data[2 * i + 1]!, NaN);
  }
  return {
    data: [
      { type: 'scatter', mode: 'lines', x: packed(x), y: packed(y), line: { color: colour, width: 1.2 } },
      {
        type: 'scatter',
        mode: 'markers',
        x: packed(Array.from({ length: points.rows }, (_, i) => points.data[2 * i]!)),
        y: packed(Array.from({ length: points.rows }, (_, i) => points.data[2 * i + 1]!)),
        marker: { color: colour, size: 3 },
      },
    ],
    layout: { ...baseLayout(), yaxis: { scaleanchor: 'x' } },
  };
}

/** The log-density of each row along its way, one line a row. */
export function pathDensityFigure(
  stops: readonly { readonly logDensity: Float64Array }[],
  colour: string,
): Figure {
  const rows = stops[0]?.logDensity.length ?? 0;
  return {
    data: Array.from({ length: rows }, (_, row) => ({
      type: 'scatter',
      mode: 'lines',
      x: packed(stops.map((_stop, i) => i)),
      y: packed(stops.map((stop) => stop.logDensity[row]!)),
      line: { color: colour, width: 1 },
      opacity: 0.5,
    })),
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
