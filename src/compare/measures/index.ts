import type { Measure } from '../subject.ts';
import { inversion } from './inversion.ts';
import { likelihood } from './likelihood.ts';
import { normalisation } from './normalisation.ts';
import { sampling } from './sampling.ts';

/** Everything that is measured about a model, in this order. */
export const measures: readonly Measure[] = [likelihood, inversion, sampling, normalisation];
