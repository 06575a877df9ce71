import type { Measure } from '../subject.ts';
import { inside } from './inside.ts';
import { inversion } from './inversion.ts';
import { journey } from './journey.ts';
import { likelihood } from './likelihood.ts';
import { normalisation } from './normalisation.ts';
import { sampleQuality } from './sample-quality.ts';
import { sampling } from './sampling.ts';

/** Everything that is measured about a model, in this order. */
export const measures: readonly Measure[] = [
  likelihood,
  inversion,
  sampling,
  sampleQuality,
  normalisation,
  journey,
  inside,
];

/** What is measured about the further seeds of a model. */
export const seedMeasures: readonly Measure[] = [likelihood];
