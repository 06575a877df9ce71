import { colourOf, lossFigure } from '../../plot/index.ts';
import type { FigureSection } from '../../plot/index.ts';
import type { Comparison } from '../compare.ts';

/** Losses while the models learnt. */
export function training({ runs }: Comparison): FigureSection | null {
  const curves = runs
    .map((run, i) => ({ name: run.result.name, colour: colourOf(i), points: run.history }))
    .filter(({ points }) => points.length > 0);
  if (curves.length === 0) return null;
  const names = curves.map((curve) => curve.name).join(', ');
  const figures = [
    {
      title: 'Against steps',
      description: `Training loss (thin) and validation loss (thick) of ${names} against the number of steps.`,
      figure: lossFigure(curves, 'step'),
    },
    {
      title: 'Against time',
      description: `The same against the seconds spent in training steps.`,
      figure: lossFigure(curves, 'seconds'),
    },
  ];
  const text = 'Mean negative log-likelihood in nats of the data as given: lower is better.';
  return { id: 'training', title: 'Training', text, size: 'large', figures };
}
