import { columnOf, DATA_COLOUR, pointsFigure } from '../../plot/index.ts';
import type { CaptionedFigure, Window } from '../../plot/index.ts';
import type { Comparison } from '../compare.ts';

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
  return {
    x: bulk(columnOf(data.test, 0, data.test.rows)),
    y: bulk(columnOf(data.test, 1, data.test.rows)),
    xTitle,
    yTitle,
  };
}

/** From the lowest to the highest hundredth, and half as much again. */
export function bulk(values: Float64Array): [number, number] {
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
