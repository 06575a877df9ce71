import type { EvaluateOptions, Flow, LossAndGradient } from '../flow/types.ts';
import type { Matrix } from '../matrix.ts';

/** What training makes small: a loss of a batch of rows, and its gradient by the flow's flat parameters. */
export interface Objective {
  readonly name: string;
  evaluate(flow: Flow, batch: Matrix, options: EvaluateOptions): Promise<LossAndGradient>;
}

/** Maximum likelihood: the mean negative log-likelihood of the batch, in nats. */
export const likelihood: Objective = {
  name: 'likelihood',
  evaluate: (flow, batch, options) => flow.lossAndGradient(batch, options),
};
