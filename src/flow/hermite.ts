/** Times in [0, 1] at which a piece is interpolated: Chebyshev's points with both ends, from 0 to 1. */
export function interpolationPoints(count: number): Float64Array {
  return Float64Array.from({ length: count }, (_, i) => (1 - Math.cos((Math.PI * i) / (count - 1))) / 2);
}

/** Each point twice: there the polynomial has the value and the slope that it is made of. */
export function knotsOf(points: Float64Array): Float64Array {
  return Float64Array.from({ length: 2 * points.length }, (_, i) => points[i >> 1]!);
}

/**
 * The polynomials through values and slopes at these knots, one for each number of a state, in Newton's form: divided differences. With
 * m points the degree is 2 m - 1.
 *
 * @param n numbers of a state.
 * @param values for each point, the states of all rows.
 * @param slopes likewise.
 * @returns for each row its c_0, c_1, ..., n numbers each.
 */
export function hermiteCoefficients(
  knots: Float64Array,
  n: number,
  values: readonly Float64Array[],
  slopes: readonly Float64Array[],
): Float64Array {
  const [degrees, size] = [knots.length, values[0]!.length];
  const coefficients = new Float64Array(degrees * size);
  const differences = new Float64Array(degrees);
  for (let i = 0; i < size; i++) {
    for (let k = 0; k < degrees; k++) differences[k] = values[k >> 1]![i]!;
    for (let order = 1; order < degrees; order++) {
      for (let k = degrees - 1; k >= order; k--) {
        const gap = knots[k]! - knots[k - order]!;
        differences[k] = gap === 0 ? slopes[k >> 1]![i]! : (differences[k]! - differences[k - 1]!) / gap;
      }
    }
    const column = i % n;
    for (let k = 0; k < degrees; k++) coefficients[(i - column) * degrees + k * n + column] = differences[k]!;
  }
  return coefficients;
}

/** The polynomials of all rows at s. */
export function evaluateNewton(
  knots: Float64Array,
  n: number,
  coefficients: Float64Array,
  s: number,
): Float64Array {
  const degrees = knots.length;
  const values = new Float64Array(coefficients.length / degrees);
  for (let i = 0; i < values.length; i++) {
    const column = i % n;
    const at = (i - column) * degrees + column;
    let value = 0;
    for (let k = degrees - 1; k >= 0; k--) value = coefficients[at + k * n]! + (s - knots[k]!) * value;
    values[i] = value;
  }
  return values;
}
