import type { Objective } from '../flow/index.ts';

/** Maximum likelihood: the mean negative log-likelihood of the batch, in nats. */
export const likelihood: Objective = {
  name: 'likelihood',
  nats: true,
  evaluate: (flow, batch, options) => flow.lossAndGradient(batch, { ...options, training: true }),
};
