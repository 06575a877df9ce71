import type { Matrix } from '../matrix.ts';
import { baseLayout, DATA_COLOUR, literal } from './figure.ts';
import type { Figure } from './figure.ts';
import { columnOf, histogramTrace, pointsTrace } from './panel.ts';

/** The most points of one panel, of data and of samples each. */
const MOST_POINTS = 400;

/** The most rows of a histogram. */
const MOST_COUNTED = 3000;

/**
 * One column of the rows, which is a row and a column of the grid of panels: its place in the matrix, its title, and
 * what its axis shows.
 */
export interface MarginalColumn {
  readonly index: number;
  readonly title: string;
  readonly range: readonly [number, number];
}

/**
 * Pairs of columns: samples over data in the lower triangle, histograms of both on the diagonal. All panels of a column
 * share their axis.
 */
export function marginalsFigure(
  data: Matrix,
  samples: Matrix,
  columns: readonly MarginalColumn[],
  colour: string,
): Figure {
  const traces: Record<string, unknown>[] = [];
  const axes: Record<string, unknown> = {};
  const n = columns.length;
  const span = (i: number): [number, number] => [i / n + 0.008, (i + 1) / n - 0.008];
  columns.forEach((vertical, row) => {
    columns.slice(0, row + 1).forEach((horizontal, column) => {
      const number = traces.length / 2 + 1;
      const suffix = number === 1 ? '' : String(number);
      const isDiagonal = row === column;
      axes[`xaxis${suffix}`] = {
        domain: span(column),
        anchor: `y${suffix}`,
        range: [...horizontal.range],
        zeroline: false,
        showticklabels: row === n - 1,
        nticks: 4,
        ...(row === n - 1 ? { title: { text: literal(horizontal.title) } } : {}),
      };
      axes[`yaxis${suffix}`] = {
        domain: span(n - 1 - row),
        anchor: `x${suffix}`,
        zeroline: false,
        nticks: 4,
        ...(isDiagonal ? {} : { range: [...vertical.range] }),
        showticklabels: column === 0 && !isDiagonal,
        ...(column === 0 && row > 0 ? { title: { text: literal(vertical.title) } } : {}),
      };
      for (const [rows, hue] of [
        [data, DATA_COLOUR],
        [samples, colour],
      ] as const) {
        const trace = isDiagonal
          ? histogramTrace(columnOf(rows, vertical.index, MOST_COUNTED), horizontal.range, hue, 40)
          : pointsTrace(rows, hue, {
              most: MOST_POINTS,
              columns: [horizontal.index, vertical.index],
              size: 2.5,
              opacity: 0.5,
            });
        traces.push({
          ...trace,
          name: rows === data ? 'data' : 'samples',
          xaxis: `x${suffix}`,
          yaxis: `y${suffix}`,
        });
      }
    });
  });
  return {
    data: traces,
    layout: {
      ...baseLayout(),
      ...axes,
      barmode: 'overlay',
      height: 150 * n + 80,
      margin: { l: 58, r: 10, t: 30, b: 48 },
    },
  };
}
