import { checkClouds } from '../check-clouds.ts';
import { Pauses } from '../pause.ts';
import type { CloudData, CloudDistance, CloudOptions } from '../types.ts';
import { assign } from './assignment.ts';

/** The points of one cloud, row-major. */
interface Points {
  readonly data: Float64Array;
  readonly count: number;
  readonly dim: number;
}

const distances: Readonly<Record<CloudDistance, (x: Points, y: Points) => readonly [number, number]>> = {
  chamfer: (x, y) => [meanLeastSquare(x, y), meanLeastSquare(y, x)],
  'earth-mover': earthMover,
};

/** See `Engine.cloudDistances`: by the definitions, one pair after the other, none given up. */
export async function cloudDistances(
  kind: CloudDistance,
  left: CloudData,
  right: CloudData,
  pairs: Uint32Array,
  options: CloudOptions = {},
): Promise<Float64Array> {
  checkClouds(kind, left, right, pairs, options.limits);
  const [lefts, rights] = [copyOf(left), copyOf(right)];
  const numbers = pairs.slice();
  const results = new Float64Array(numbers.length);
  const pauses = new Pauses(options.signal);
  for (let i = 0; i < numbers.length; i += 2) {
    results.set(distances[kind](pointsOf(lefts, numbers[i]!), pointsOf(rights, numbers[i + 1]!)), i);
    await pauses.maybe();
  }
  return results;
}

function copyOf({ data, dim, offsets }: CloudData): CloudData {
  return { data: data.slice(), dim, offsets: offsets.slice() };
}

function pointsOf({ data, dim, offsets }: CloudData, i: number): Points {
  const [first, end] = [offsets[i]!, offsets[i + 1]!];
  return { data: data.subarray(first * dim, end * dim), count: end - first, dim };
}

function meanLeastSquare(x: Points, y: Points): number {
  let sum = 0;
  for (let i = 0; i < x.count; i++) {
    let least = Infinity;
    for (let j = 0; j < y.count; j++) least = Math.min(least, square(x, i, y, j));
    sum += least;
  }
  return sum / x.count;
}

function earthMover(x: Points, y: Points): readonly [number, number] {
  const n = x.count;
  const cost = (i: number, j: number): number => Math.sqrt(square(x, i, y, j));
  const { columns, prices } = assign(n, cost);
  let total = 0;
  let bound = 0;
  for (let j = 0; j < n; j++) bound += prices[j]!;
  for (let i = 0; i < n; i++) {
    total += cost(i, columns[i]!);
    let least = Infinity;
    for (let j = 0; j < n; j++) least = Math.min(least, cost(i, j) - prices[j]!);
    bound += least;
  }
  return [total / n, bound / n];
}

/** |x_i - y_j|^2, each operation rounded once, from the first coordinate to the last. */
function square(x: Points, i: number, y: Points, j: number): number {
  let sum = 0;
  for (let k = 0; k < x.dim; k++) {
    const difference = x.data[i * x.dim + k]! - y.data[j * y.dim + k]!;
    sum += difference * difference;
  }
  return sum;
}
