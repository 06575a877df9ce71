import { LiouvilleError } from '../errors.ts';
import { baseLayout, literal } from './figure.ts';
import type { Figure } from './figure.ts';

/** A panel of a row, with what stands above it. */
export interface TitledFigure {
  readonly title: string;
  readonly figure: Figure;
}

/** Room between panels, as a share of the width. */
const GAP = 0.05;

/**
 * Figures of one panel each, side by side in one figure. Legends are left out.
 *
 * @throws LiouvilleError 'invalid-argument' without a figure.
 */
export function sideBySide(panels: readonly TitledFigure[]): Figure {
  const n = panels.length;
  if (n === 0) throw new LiouvilleError('invalid-argument', 'sideBySide: expected at least one figure.');
  const width = (1 - GAP * (n - 1)) / n;
  const axes: Record<string, unknown> = {};
  const annotations: Record<string, unknown>[] = [];
  const data = panels.flatMap(({ title, figure }, i) => {
    const suffix = i === 0 ? '' : String(i + 1);
    const domain = [i * (width + GAP), i * (width + GAP) + width];
    const { xaxis, yaxis } = figure.layout as { xaxis?: object; yaxis?: object };
    const isEqual = yaxis !== undefined && 'scaleanchor' in yaxis;
    axes[`xaxis${suffix}`] = { ...xaxis, domain, anchor: `y${suffix}` };
    axes[`yaxis${suffix}`] = {
      ...yaxis,
      // There is no room for it between two panels.
      ...(i > 0 ? { title: { text: '' } } : {}),
      anchor: `x${suffix}`,
      ...(isEqual ? { scaleanchor: `x${suffix}` } : {}),
    };
    annotations.push({
      text: literal(title),
      x: (domain[0]! + domain[1]!) / 2,
      y: 1,
      xref: 'paper',
      yref: 'paper',
      xanchor: 'center',
      yanchor: 'bottom',
      showarrow: false,
    });
    return figure.data.map((trace) => ({
      ...trace,
      xaxis: `x${suffix}`,
      yaxis: `y${suffix}`,
      showlegend: false,
    }));
  });
  return {
    data,
    layout: { ...baseLayout(), ...axes, annotations, width: Math.min(960, 90 + 300 * n), height: 330 },
  };
}
