import { LiouvilleError } from '../errors.ts';
import type { Matrix } from '../matrix.ts';

/** An interval, or a rectangle: one side for each dimension. */
export type Box = readonly (readonly [number, number])[];

/** How fine the grid may become; intervals are those of one side. */
export interface GridOptions {
  intervals: number;
  maxIntervals: number;
  /** Converged when a grid twice as fine changes the integral by less. */
  tolerance: number;
}

export interface Quadrature {
  integral: number;
  /** Intervals of a side of the finest grid. */
  intervals: number;
  /** What the last doubling changed; NaN where there was none. */
  change: number;
  converged: boolean;
  /** The grid's coordinates for each side, and the values on it: the first coordinate runs fastest. */
  axes: Float64Array[];
  values: Float64Array;
}

/**
 * The integral of a function over a box of one or two dimensions by the trapezoidal rule, on a grid whose intervals
 * are halved until that changes the integral by less than the tolerance. Grids are nested, so nothing is evaluated
 * twice. For a smooth function that vanishes towards the edges the rule converges faster than any power of the
 * spacing (Trefethen and Weideman, "The exponentially convergent trapezoidal rule", SIAM Review 2014).
 */
export async function integrate(
  evaluate: (points: Matrix) => Promise<Float64Array>,
  box: Box,
  { intervals, maxIntervals, tolerance }: GridOptions,
): Promise<Quadrature> {
  if (box.length !== 1 && box.length !== 2) {
    throw new LiouvilleError('invalid-argument', `box must have one or two sides; got ${box.length}.`);
  }
  let values = await evaluateAt(evaluate, box, intervals, () => true);
  let integral = trapezoid(values, box, intervals);
  let change = NaN;
  let converged = false;
  while (!converged && 2 * intervals <= maxIntervals) {
    values = await refine(evaluate, box, intervals, values);
    intervals *= 2;
    const finer = trapezoid(values, box, intervals);
    change = Math.abs(finer - integral);
    integral = finer;
    converged = change < tolerance;
  }
  const axes = box.map((side) =>
    Float64Array.from({ length: intervals + 1 }, (_, i) => coordinate(side, i, intervals)),
  );
  return { integral, intervals, change, converged, axes, values };
}

/** Values on a grid twice as fine, of which the old ones are a part. */
async function refine(
  evaluate: (points: Matrix) => Promise<Float64Array>,
  box: Box,
  intervals: number,
  coarse: Float64Array,
): Promise<Float64Array> {
  const values = await evaluateAt(evaluate, box, 2 * intervals, (i, j) => i % 2 === 1 || j % 2 === 1);
  const rows = box.length === 2 ? intervals + 1 : 1;
  for (let j = 0; j < rows; j++) {
    for (let i = 0; i <= intervals; i++) {
      values[2 * j * (2 * intervals + 1) + 2 * i] = coarse[j * (intervals + 1) + i]!;
    }
  }
  return values;
}

/** Values at the points of the grid that are `wanted`; 0 elsewhere. */
async function evaluateAt(
  evaluate: (points: Matrix) => Promise<Float64Array>,
  box: Box,
  intervals: number,
  wanted: (i: number, j: number) => boolean,
): Promise<Float64Array> {
  const [xSide, ySide] = box;
  const side = intervals + 1;
  const places: number[] = [];
  const points: number[] = [];
  for (let j = 0; j < (ySide === undefined ? 1 : side); j++) {
    for (let i = 0; i < side; i++) {
      if (!wanted(i, j)) continue;
      places.push(j * side + i);
      points.push(coordinate(xSide!, i, intervals));
      if (ySide !== undefined) points.push(coordinate(ySide, j, intervals));
    }
  }
  const found = await evaluate({
    data: Float64Array.from(points),
    rows: places.length,
    cols: box.length,
  });
  const values = new Float64Array(side ** box.length);
  places.forEach((place, k) => {
    values[place] = found[k]!;
  });
  return values;
}

function trapezoid(values: Float64Array, box: Box, intervals: number): number {
  const side = intervals + 1;
  const weight = (i: number) => (i === 0 || i === intervals ? 0.5 : 1);
  let sum = 0;
  for (let k = 0; k < values.length; k++) {
    const j = Math.floor(k / side);
    sum += weight(k % side) * (box.length === 2 ? weight(j) : 1) * values[k]!;
  }
  return box.reduce((product, [low, high]) => product * ((high - low) / intervals), sum);
}

function coordinate([low, high]: readonly [number, number], i: number, intervals: number): number {
  return low + ((high - low) * i) / intervals;
}
