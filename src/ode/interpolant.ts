/** The continuous extension of a Runge-Kutta method as it stands in the literature. */
export interface InterpolantData {
  /** The order of y(t_n + theta h), for every theta in [0, 1]. */
  order: number;
  /** The nodes of stages that only the interpolant needs. */
  c: number[];
  /** Their rows: over the stages of the method first, then over those before them. */
  a: number[][];
  /** For each stage, the further ones last, the coefficients of theta, theta^2, ... in b_i(theta). */
  weights: number[][];
}

/** y(t_n + theta h) = y_n + h sum_i b_i(theta) k_i over the stages of a method and further ones. */
export interface Interpolant {
  readonly order: number;
  /** The nodes of the further stages. */
  readonly c: Float64Array;
  /** The rows of the further stages, each as long as the stages before it. */
  readonly a: readonly Float64Array[];
  /** For each power theta, theta^2, ... one number for each stage, the further ones last. */
  readonly weights: readonly Float64Array[];
}

interface Method {
  readonly order: number;
  readonly c: readonly number[];
  readonly b: readonly number[];
  readonly interpolant?: InterpolantData;
}

/** The interpolant of a method in the form in which it is used. */
export function interpolantOf(method: Method, fsal: boolean): Interpolant {
  const data = method.interpolant ?? hermite(method, fsal);
  const stages = method.c.length;
  const degree = Math.max(...data.weights.map((row) => row.length));
  const total = stages + data.a.length;
  return Object.freeze({
    order: data.order,
    c: Float64Array.from(data.c),
    a: data.a.map((row, i) => paddedTo(stages + i, row)),
    weights: Array.from({ length: degree }, (_, power) =>
      Float64Array.from({ length: total }, (_unused, i) => data.weights[i]?.[power] ?? 0),
    ),
  });
}

function paddedTo(length: number, row: readonly number[]): Float64Array {
  return Float64Array.from({ length: Math.max(length, row.length) }, (_, j) => row[j] ?? 0);
}

/**
 * The cubic through y_n and y_{n+1} with the slopes of the field there, of order 3 or that of the method; of a method
 * that is not first same as last, the slope at the end is a further stage.
 */
function hermite({ order, c, b }: Method, fsal: boolean): InterpolantData {
  const stages = c.length;
  const weights = b.map((weight) => [0, 3 * weight, -2 * weight]);
  if (!fsal) weights.push([0, 0, 0]);
  add(weights[0]!, [1, -2, 1]);
  add(weights[fsal ? stages - 1 : stages]!, [0, -1, 1]);
  return { order: Math.min(3, order), c: fsal ? [] : [1], a: fsal ? [] : [[...b]], weights };
}

function add(to: number[], values: readonly number[]): void {
  values.forEach((value, i) => (to[i]! += value));
}
