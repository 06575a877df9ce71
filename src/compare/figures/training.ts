import { colourOf, evaluationsFigure, lossFigure } from '../../plot/index.ts';
import type { Curve, FigureSection } from '../../plot/index.ts';
import type { Comparison } from '../compare.ts';

/** Losses while the models learnt. */
export function training(comparison: Comparison): FigureSection | null {
  const curves = curvesOf(comparison);
  if (curves.length === 0) return null;
  const names = curves.map((curve) => curve.name).join(', ');
  const figure = (against: 'step' | 'seconds', title: string) => ({
    label: title,
    figures: [
      {
        title: 'Negative log-likelihood',
        description: `Training loss (thin) and validation loss (thick) of ${names}.`,
        figure: lossFigure(curves, against),
      },
    ],
  });
  return {
    id: 'training',
    title: 'Training',
    text: 'Mean negative log-likelihood in nats of the data as given: lower is better. A click in the legend hides a curve.',
    size: 'large',
    groups: [figure('step', 'Against steps'), figure('seconds', 'Against seconds')],
  };
}

/** What continuous flows cost while they learnt. */
export function evaluations(comparison: Comparison): FigureSection | null {
  const curves = curvesOf(comparison).filter(({ points }) => points.some(({ nfe }) => nfe !== undefined));
  if (curves.length === 0) return null;
  const names = curves.map((curve) => curve.name).join(', ');
  const figures = [
    {
      title: 'Evaluations of the field',
      description: `Mean evaluations per row in each training step of ${names}.`,
      figure: evaluationsFigure(curves),
    },
  ];
  return {
    id: 'evaluations',
    title: 'Evaluations over training',
    text: 'The solver takes as many evaluations as the field needs at the tolerance of training: what a continuous flow learns shows in what it costs.',
    size: 'large',
    groups: [{ label: 'evaluations', figures }],
  };
}

function curvesOf({ runs }: Comparison): Curve[] {
  return runs
    .map((run, i) => ({ name: run.result.name, colour: colourOf(i), points: run.history }))
    .filter(({ points }) => points.length > 0);
}
