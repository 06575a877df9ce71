import { colourOf, costFigure, likelihoodOf, seedsFigure } from '../../plot/index.ts';
import type { CostPoint, FigureGroup, FigureSection } from '../../plot/index.ts';
import type { Comparison } from '../compare.ts';
import type { ModelResult } from '../results.ts';

/** What a model is charged for. */
interface Charge {
  readonly label: string;
  readonly axis: string;
  cost(model: ModelResult): number | null;
}

const charges: readonly Charge[] = [
  { label: 'Training', axis: 'seconds of training', cost: (model) => model.trainSeconds },
  {
    label: 'Density',
    axis: 'seconds for the density of 1000 rows',
    cost: ({ densityRowsPerSecond }) => perThousand(densityRowsPerSecond),
  },
  {
    label: 'Sampling',
    axis: 'seconds for 1000 samples',
    cost: ({ samplesPerSecond }) => perThousand(samplesPerSecond),
  },
];

/** Quality against each cost. */
export function costs({ results: { models } }: Comparison): FigureSection | null {
  const groups = charges.flatMap((charge): FigureGroup[] => {
    const points = models.flatMap((model, i) => pointOf(model, colourOf(i), charge));
    if (points.length < 2) return [];
    return [
      {
        label: charge.label,
        figures: [
          {
            title: charge.label,
            description: `Test log-likelihood of ${points.map(({ name }) => name).join(', ')} against ${charge.axis}; bars are two standard errors.`,
            figure: costFigure(points, charge.axis, 'test log-likelihood, nats'),
          },
        ],
      },
    ];
  });
  if (groups.length === 0) return null;
  const text = 'The upper left is where a model wants to be. The axis of the cost is logarithmic.';
  return { id: 'costs', title: 'Cost and quality', text, size: 'large', groups };
}

function pointOf(model: ModelResult, colour: string, charge: Charge): CostPoint[] {
  const cost = charge.cost(model);
  const quality = likelihoodOf(model);
  if (model.status === 'failed' || cost === null || cost <= 0 || quality === null) return [];
  return [{ name: model.name, colour, cost, quality, error: model.testLogLikelihood.standardError }];
}

function perThousand(rowsPerSecond: number | null): number | null {
  return rowsPerSecond === null ? null : 1000 / rowsPerSecond;
}

/** The test log-likelihood of each seed, where there were several. */
export function seeds({ results: { models } }: Comparison): FigureSection | null {
  const shown = models.flatMap(({ name, seeds }, i) => {
    const values = seeds?.runs.flatMap(({ testLogLikelihood }) => testLogLikelihood ?? []) ?? [];
    return values.length === 0 ? [] : [{ name, colour: colourOf(i), values }];
  });
  if (shown.length === 0) return null;
  const figures = [
    {
      title: 'Test log-likelihood',
      description: `Mean test log-likelihood of each seed of ${shown.map(({ name }) => name).join(', ')}.`,
      figure: seedsFigure(shown, 'test log-likelihood, nats'),
    },
  ];
  const text = 'Every seed changes the first parameters, the minibatches and the probes; the split stays.';
  return { id: 'seeds', title: 'Seeds', text, size: 'large', groups: [{ label: 'seeds', figures }] };
}
