import type { AdamArrays, AdamStep } from '../types.ts';

/**
 * m = beta1 m + (1 - beta1) g, v = beta2 v + (1 - beta2) g^2, and the parameters move by
 * -learningRate (m / meanCorrection) / (sqrt(v / squareCorrection) + epsilon), entry by entry.
 */
export function adam({ parameters, gradient, mean, square }: AdamArrays, step: AdamStep): void {
  const { learningRate, beta1, beta2, epsilon, meanCorrection, squareCorrection } = step;
  for (let i = 0; i < parameters.length; i++) {
    const g = gradient[i]!;
    mean[i] = beta1 * mean[i]! + (1 - beta1) * g;
    square[i] = beta2 * square[i]! + (1 - beta2) * g * g;
    const direction = mean[i]! / meanCorrection / (Math.sqrt(square[i]! / squareCorrection) + epsilon);
    parameters[i] = parameters[i]! - learningRate * direction;
  }
}
