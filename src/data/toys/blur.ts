/** log(exp(a[0]) + exp(a[1]) + ...), without overflow; -Infinity for no terms. */
export function logSumExp(terms: readonly number[]): number {
  const largest = Math.max(...terms);
  if (largest === -Infinity) return -Infinity;
  return largest + Math.log(terms.reduce((sum, term) => sum + Math.exp(term - largest), 0));
}

/** A weighted point of a plane; the weights of a distribution sum to 1. */
export interface WeightedPoint {
  x: number;
  y: number;
  weight: number;
}

/**
 * The logarithm of the density of a point drawn from `points` by weight and blurred by independent normal
 * noise of standard deviation sigma in both coordinates:
 * p(x, y) = sum_i w_i exp(-((x - x_i)^2 + (y - y_i)^2) / (2 sigma^2)) / (2 pi sigma^2).
 * For a blurred curve the points are the nodes of a quadrature rule along it.
 */
export function blurredPoints(
  points: readonly WeightedPoint[],
  sigma: number,
): (x: number, y: number) => number {
  const xs = Float64Array.from(points, (point) => point.x);
  const ys = Float64Array.from(points, (point) => point.y);
  const logWeights = Float64Array.from(points, (point) => Math.log(point.weight));
  const exponents = new Float64Array(points.length);
  const scale = 1 / (2 * sigma * sigma);
  const logNormaliser = Math.log(2 * Math.PI * sigma * sigma);
  return (x, y) => {
    let largest = -Infinity;
    for (let i = 0; i < xs.length; i++) {
      const dx = x - xs[i]!;
      const dy = y - ys[i]!;
      const exponent = logWeights[i]! - (dx * dx + dy * dy) * scale;
      exponents[i] = exponent;
      if (exponent > largest) largest = exponent;
    }
    if (largest === -Infinity) return -Infinity;
    let sum = 0;
    // Terms below exp(-45) of the largest do not reach the last digit.
    for (const exponent of exponents) if (exponent > largest - 45) sum += Math.exp(exponent - largest);
    return largest + Math.log(sum) - logNormaliser;
  };
}
