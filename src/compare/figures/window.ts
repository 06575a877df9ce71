import { pointsFigure } from '../../plot/index.ts';
import type { CaptionedFigure, Window } from '../../plot/index.ts';
import type { Matrix } from '../../matrix.ts';
import type { Comparison } from '../compare.ts';

/** The data are grey, so that no model has their colour. */
const DATA_COLOUR = '#7f7f7f';

/** Test rows, for the models to be seen beside. */
export function dataPanel({ data }: Comparison, window: Window): CaptionedFigure {
  return {
    title: 'data',
    description: `Test rows of ${data.name}.`,
    figure: pointsFigure(data.test, window, DATA_COLOUR),
  };
}

/** The part of the plane that the panels show: the box, or the bulk of the first two columns. */
export function windowOf({ box, data }: Comparison): Window {
  const [xTitle, yTitle] = [data.columns[0]!, data.columns[1]!];
  if (box !== null) return { x: box[0]!, y: box[1]!, xTitle, yTitle };
  return { x: bulk(data.test, 0), y: bulk(data.test, 1), xTitle, yTitle };
}

/** From the lowest to the highest hundredth of a column, and half as much again. */
function bulk({ data, rows, cols }: Matrix, column: number): [number, number] {
  const values = Float64Array.from({ length: rows }, (_, i) => data[i * cols + column]!);
  const low = quantile(values, 0.01);
  const high = quantile(values, 0.99);
  const margin = (high - low) / 4 || 1;
  return [low - margin, high + margin];
}

/** Of the numbers that are finite; 0 where there are none. */
export function quantile(values: ArrayLike<number>, fraction: number): number {
  const sorted = Float64Array.from(values)
    .filter((value) => Number.isFinite(value))
    .sort();
  return sorted[Math.floor(fraction * (sorted.length - 1))] ?? 0;
}
