import { baseLayout, literal, packed } from './figure.ts';
import type { Figure } from './figure.ts';

/** The losses of one model's training, step by step, with the seconds that it had taken. */
export interface Curve {
  name: string;
  colour: string;
  points: readonly { step: number; seconds: number; loss: number; validation?: number; nfe?: number }[];
}

/** The most points of a line; more cannot be told apart. */
const MOST_POINTS = 1500;

/** Above the figure, where it covers nothing. */
const LEGEND = { orientation: 'h', y: 1.02, yanchor: 'bottom', x: 0 } as const;

/** Mean evaluations of the field per row while continuous models learnt. */
export function evaluationsFigure(curves: readonly Curve[]): Figure {
  const data = curves.map(({ name, colour, points }) => {
    const shown = thinned(points.filter((point) => point.nfe !== undefined));
    return {
      type: 'scatter',
      mode: 'lines',
      name: literal(name),
      x: packed(shown.map((point) => point.step)),
      y: packed(shown.map((point) => point.nfe!)),
      line: { color: colour, width: 1.5 },
    };
  });
  return {
    data,
    layout: {
      ...baseLayout(),
      showlegend: true,
      legend: LEGEND,
      xaxis: { title: { text: 'step' }, rangemode: 'tozero' },
      yaxis: { title: { text: 'evaluations per row' }, rangemode: 'tozero' },
    },
  };
}

/** Training (thin) and validation (thick) losses against steps or against seconds, all models in one. */
export function lossFigure(curves: readonly Curve[], against: 'step' | 'seconds'): Figure {
  const data = curves.flatMap(({ name, colour, points }) => {
    const shown = thinned(points);
    const validated = points.filter((point) => point.validation !== undefined);
    const common = { type: 'scatter', legendgroup: name };
    return [
      {
        ...common,
        mode: 'lines',
        name: `${literal(name)}, training`,
        x: packed(shown.map((point) => point[against])),
        y: packed(shown.map((point) => point.loss)),
        line: { color: colour, width: 1 },
        opacity: 0.45,
      },
      {
        ...common,
        mode: 'lines+markers',
        name: `${literal(name)}, validation`,
        x: packed(validated.map((point) => point[against])),
        y: packed(validated.map((point) => point.validation!)),
        line: { color: colour, width: 2 },
        marker: { size: 5 },
      },
    ];
  });
  const title = against === 'step' ? 'step' : 'seconds of training';
  return {
    data,
    layout: {
      ...baseLayout(),
      showlegend: true,
      legend: LEGEND,
      xaxis: { title: { text: title }, rangemode: 'tozero' },
      yaxis: { title: { text: 'negative log-likelihood, nats' }, range: lossRange(curves) },
    },
  };
}

/** Every n-th point, the last one among them. */
function thinned<T>(points: readonly T[]): T[] {
  const stride = Math.ceil(points.length / MOST_POINTS);
  return points.filter((_, i) => (points.length - 1 - i) % stride === 0);
}

/** The first steps may be far above the rest and would flatten it: the highest twentieth is cut off. */
function lossRange(curves: readonly Curve[]): [number, number] | undefined {
  const training = curves.flatMap(({ points }) => points.map((point) => point.loss));
  const validation = curves.flatMap(({ points }) => points.map((point) => point.validation ?? NaN));
  const losses = training.filter(Number.isFinite).sort((a, b) => a - b);
  const seen = validation.filter(Number.isFinite);
  if (losses.length === 0) return undefined;
  const top = Math.max(losses[Math.floor(0.95 * (losses.length - 1))]!, median(seen) ?? -Infinity);
  const bottom = Math.min(losses[0]!, ...seen);
  const margin = 0.05 * (top - bottom) || 1;
  return [bottom - margin, top + margin];
}

function median(values: readonly number[]): number | undefined {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];
}
