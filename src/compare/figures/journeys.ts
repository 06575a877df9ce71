import type { PathStop } from '../../flow/types.ts';
import { columnOf, DATA_COLOUR, packed, panelLayout, pointsTrace } from '../../plot/index.ts';
import type { CaptionedFigure, FigureSection, Stop, Window } from '../../plot/index.ts';
import type { Comparison } from '../compare.ts';
import { windowOf } from './window.ts';

/** The test rows that stand behind, for orientation. */
const BEHIND = 1000;

/** Samples on their way from the latent space to the data: along the ODE, or layer by layer. */
export function journeys(comparison: Comparison): FigureSection | null {
  const { data, runs } = comparison;
  if (data.dim < 2) return null;
  const window = windowOf(comparison);
  const behind = pointsTrace(data.test, DATA_COLOUR, { most: BEHIND, opacity: 0.25 });
  const figures = runs.flatMap(({ result: { name }, found: { path } }): CaptionedFigure[] => {
    if (path === undefined) return [];
    const last = pointsTrace(path.at(-1)!.x, directions(path), { opacity: 0.8, size: 4 });
    return [
      {
        title: name,
        description: `Samples of ${name} on their way, coloured by the direction in which they started, over test rows (grey).`,
        figure: { data: [behind, last], layout: panelLayout(window) },
        stops: stopsOf(path),
      },
    ];
  });
  if (figures.length === 0) return null;
  const columns = data.dim === 2 ? '' : ` ${columnsText(window)}.`;
  return {
    id: 'flow',
    title: 'The flow of points',
    text: `From the latent space to the data: continuous flows along their ODE, discrete ones layer by layer, in a straight line between layers.${columns}`,
    size: 'small',
    groups: [{ label: 'flow', figures }],
  };
}

function columnsText({ xTitle, yTitle }: Window): string {
  return `Shown are ${xTitle} and ${yTitle}`;
}

/** The angle of each point at its start. */
function directions(path: readonly PathStop[]): number[] {
  const start = path[0]!.x;
  const middle = [0, 1].map((j) => mean(columnOf(start, j, start.rows)));
  return Array.from({ length: start.rows }, (_, i) => {
    const [x, y] = [start.data[i * start.cols]!, start.data[i * start.cols + 1]!];
    return Number(Math.atan2(y - middle[1]!, x - middle[0]!).toFixed(2));
  });
}

function mean(values: Float64Array): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function stopsOf(path: readonly PathStop[]): Stop[] {
  const layers = path.slice(1).filter(({ time }) => time === null).length;
  let layer = 0;
  const labelOf = (time: number | null, index: number): string => {
    if (index === 0) return 'latent space';
    if (time !== null) return `t = ${time.toFixed(3)}`;
    layer += 1;
    return `layer ${layer} of ${layers}`;
  };
  return path.map(({ x, time }, i) => ({
    label: labelOf(time, i),
    x: packed(columnOf(x, 0, x.rows)),
    y: packed(columnOf(x, 1, x.rows)),
  }));
}
