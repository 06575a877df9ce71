import { checkFraction, checkPositive } from './check.ts';
import type { Optimiser } from './optimiser.ts';

/** Options of `adam`; the defaults are those of the paper. */
export interface AdamOptions {
  /** Decay of the mean of gradients, default 0.9. */
  beta1?: number;
  /** Decay of the mean of squared gradients, default 0.999. */
  beta2?: number;
  /** Keeps the division away from zero, default 1e-8. */
  epsilon?: number;
}

/**
 * Adam: Kingma and Ba, "Adam: a method for stochastic optimization", ICLR 2015, algorithm 1. In step t, entry
 * by entry, with gradient g and learning rate a:
 *
 *     m = beta1 m + (1 - beta1) g              v = beta2 v + (1 - beta2) g^2
 *     theta = theta - a (m / (1 - beta1^t)) / (sqrt(v / (1 - beta2^t)) + epsilon)
 *
 * A decay outside [0, 1) or an epsilon that is not positive throws 'invalid-argument'.
 */
export function adam({ beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8 }: AdamOptions = {}): Optimiser {
  checkFraction('beta1', beta1);
  checkFraction('beta2', beta2);
  checkPositive('epsilon', epsilon);
  return {
    name: 'adam',
    options: { beta1, beta2, epsilon },
    start: (count) => ({
      step: 0,
      slots: { mean: new Float64Array(count), square: new Float64Array(count) },
    }),
    update(state, parameters, gradient, learningRate, engine) {
      const mean = state.slots['mean']!;
      const square = state.slots['square']!;
      state.step += 1;
      const meanCorrection = 1 - beta1 ** state.step;
      const squareCorrection = 1 - beta2 ** state.step;
      engine.adam(
        { parameters, gradient, mean, square },
        { learningRate, beta1, beta2, epsilon, meanCorrection, squareCorrection },
      );
    },
  };
}
