import { baseLayout, literal } from './figure.ts';
import type { Figure } from './figure.ts';

/** A model by what it costs and how good it is. */
export interface CostPoint {
  name: string;
  colour: string;
  cost: number;
  quality: number;
  /** Standard error of the quality. */
  error: number | null;
}

/** Quality against cost, which has a logarithmic axis; bars are two standard errors. */
export function costFigure(points: readonly CostPoint[], costTitle: string, qualityTitle: string): Figure {
  const data = points.map(({ name, colour, cost, quality, error }) => ({
    type: 'scatter',
    mode: 'markers+text',
    name: literal(name),
    x: [cost],
    y: [quality],
    text: [literal(name)],
    textposition: 'top center',
    cliponaxis: false,
    marker: { size: 11, color: colour },
    error_y: { type: 'data', array: [2 * (error ?? 0)], color: colour, thickness: 1.5 },
    hovertemplate: `%{x:.3g}, %{y:.4g}<extra>%{fullData.name}</extra>`,
  }));
  return {
    data,
    layout: {
      ...baseLayout(),
      xaxis: { title: { text: costTitle }, type: 'log', range: aroundLog(points.map(({ cost }) => cost)) },
      yaxis: { title: { text: qualityTitle }, range: around(points.map(({ quality }) => quality)) },
    },
  };
}

/** A range in powers of ten with room for the names. */
function aroundLog(values: readonly number[]): [number, number] {
  const logs = values.map(Math.log10);
  return [Math.min(...logs) - 0.4, Math.max(...logs) + 0.4];
}

function around(values: readonly number[]): [number, number] {
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const room = 0.15 * (high - low) || 0.5;
  return [low - room, high + 1.5 * room];
}

/** A number, such as the test log-likelihood, by model: one dot for each seed. `title` names the number and its unit. */
export function seedsFigure(
  models: readonly { name: string; colour: string; values: readonly number[] }[],
  title: string,
): Figure {
  return {
    data: models.map(({ name, colour, values }) => ({
      type: 'scatter',
      mode: 'markers',
      name: literal(name),
      x: values.map(() => literal(name)),
      y: values,
      marker: { size: 10, color: colour, opacity: 0.7 },
    })),
    layout: { ...baseLayout(), xaxis: { type: 'category' }, yaxis: { title: { text: title } } },
  };
}
