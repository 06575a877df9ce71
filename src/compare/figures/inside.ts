import {
  colourOf,
  DATA_COLOUR,
  fieldFigure,
  fieldStops,
  panelLayout,
  pathDensityFigure,
  pointsTrace,
  rowCostFigure,
  waysTrace,
} from '../../plot/index.ts';
import type { CaptionedFigure, FigureSection, Window } from '../../plot/index.ts';
import type { Comparison } from '../compare.ts';
import type { Inside } from '../subject.ts';
import { windowOf } from './window.ts';

/** A continuous flow that was looked into. */
interface Seen {
  readonly name: string;
  readonly colour: string;
  readonly inside: Inside;
}

/** The field of each continuous flow, over time. */
export function fields(comparison: Comparison): FigureSection | null {
  const seen = seenOf(comparison);
  if (seen.length === 0) return null;
  const window = windowOf(comparison);
  const behind = pointsTrace(comparison.data.test, DATA_COLOUR, { most: 1000, opacity: 0.25 });
  const figures = seen.map(({ name, colour, inside: { field } }): CaptionedFigure => {
    const { points, times, velocities } = field;
    // The longest arrow reaches over two cells.
    const length = (2 * (window.x[1] - window.x[0])) / Math.sqrt(points.rows);
    const { data } = fieldFigure(points, velocities[0]!, length, colour);
    return {
      title: name,
      description: `The field of ${name} as arrows, over test rows (grey); arrows of all times have one scale.`,
      figure: { data: [behind, ...data], layout: panelLayout(window) },
      // From the latent space, as everything that moves on the page.
      stops: fieldStops(points, velocities, times, length).toReversed(),
    };
  });
  return {
    id: 'field',
    title: 'The field over time',
    text: 'Where a continuous flow takes a point on its way from data (t = 0) to the latent space: the velocity on a grid, of the first continuous part.',
    size: 'small',
    groups: [{ label: 'field', figures }],
  };
}

/** Ways, densities along them, and what single rows cost. */
export function insides(comparison: Comparison): FigureSection | null {
  const seen = seenOf(comparison);
  if (seen.length === 0) return null;
  const window = windowOf(comparison);
  const group = (label: string, of: (each: Seen) => Omit<CaptionedFigure, 'title'>) => ({
    label,
    figures: seen.map((each) => ({ title: each.name, ...of(each) })),
  });
  return {
    id: 'inside',
    title: 'Inside the continuous flows',
    text: 'Every test row is an initial value problem of its own, with its own steps.',
    size: 'small',
    groups: [
      group('Ways', ({ name, colour, inside }) => ({
        description: `Ways of test rows from the data (grey) to the latent space under ${name}.`,
        figure: waysFigure(comparison, window, inside, colour),
      })),
      group('Log-density on the way', ({ name, colour, inside }) => ({
        description: `Log-density of ${name} along these ways, from the data's to that of the latent space.`,
        figure: pathDensityFigure(inside.ways, colour),
      })),
      group('Cost of rows', ({ name, colour, inside }) => ({
        description: `How many test rows took how many evaluations of the field of ${name}.`,
        figure: rowCostFigure(inside.evaluations, colour),
      })),
    ],
  };
}

function waysFigure({ data }: Comparison, window: Window, { ways }: Inside, colour: string) {
  const behind = pointsTrace(data.test, DATA_COLOUR, { most: 1000, opacity: 0.25 });
  return {
    data: [behind, waysTrace(ways, ways[0]!.x.rows, colour)],
    layout: panelLayout(window),
  };
}

function seenOf({ runs }: Comparison): Seen[] {
  return runs.flatMap(({ result: { name }, found: { inside } }, i) =>
    inside === undefined ? [] : [{ name, colour: colourOf(i), inside }],
  );
}
