import { logSumExp } from './blur.ts';
import { once } from './definition.ts';
import type { ToyDefinition } from './definition.ts';
import { logErfDifference } from './error-function.ts';
import { writeWord } from './letters.ts';

/** The standard deviation of the pen's normal blur. */
const SIGMA = 0.05;
const HEIGHT = 2;
const GAP = 0.3;

/** A straight piece of a stroke: where it begins, its direction (a unit vector) and its length. */
interface Segment {
  x: number;
  y: number;
  dx: number;
  dy: number;
  length: number;
  /** The length of all before it. */
  before: number;
}

const word = once(() => {
  const segments: Segment[] = [];
  let before = 0;
  for (const stroke of writeWord('SIGGRAPH', HEIGHT, GAP)) {
    for (let i = 1; i < stroke.length; i++) {
      const [x, y] = stroke[i - 1]!;
      const [toX, toY] = stroke[i]!;
      const length = Math.hypot(toX - x, toY - y);
      if (length === 0) continue;
      segments.push({ x, y, dx: (toX - x) / length, dy: (toY - y) / length, length, before });
      before += length;
    }
  }
  return { segments, length: before };
});

/**
 * The word SIGGRAPH: a point uniform on its strokes (by length) and normal noise, after the point cloud in Jang's
 * tutorial on normalizing flows (2018). Every straight piece of a stroke gives, in its own coordinates (s along,
 * t across), normal(t; sigma) (erf(s / (sigma sqrt 2)) - erf((s - length) / (sigma sqrt 2))) / 2, divided by the
 * length of all strokes; the sum is exact.
 */
export const siggraph: ToyDefinition = {
  sample: (draws) => {
    const { segments, length } = word();
    const at = length * draws.uniform(0);
    const { x, y, dx, dy, before } = segmentAt(segments, at);
    const along = at - before;
    return [x + along * dx + SIGMA * draws.normal(1), y + along * dy + SIGMA * draws.normal(2)];
  },
  logDensity: (x, y) => {
    const { segments, length } = word();
    const distances = segments.map((segment) => squaredDistance(segment, x, y));
    const nearest = Math.min(...distances);
    if (nearest === Infinity) return -Infinity;
    // What lies further away does not reach the last digit.
    const reach = nearest + 2 * SIGMA * SIGMA * 60;
    const terms = segments.flatMap((segment, i) =>
      distances[i]! > reach ? [] : [logSegment(segment, x, y)],
    );
    return logSumExp(terms) - Math.log(2 * length * SIGMA * Math.sqrt(2 * Math.PI));
  },
  entropy: 1.910457,
};

function logSegment(segment: Segment, x: number, y: number): number {
  const along = (x - segment.x) * segment.dx + (y - segment.y) * segment.dy;
  const across = (y - segment.y) * segment.dx - (x - segment.x) * segment.dy;
  const scale = 1 / (SIGMA * Math.SQRT2);
  return logErfDifference((along - segment.length) * scale, along * scale) - (across * scale) ** 2;
}

/** From a point to the nearest one of the segment. */
function squaredDistance({ x: fromX, y: fromY, dx, dy, length }: Segment, x: number, y: number): number {
  const along = (x - fromX) * dx + (y - fromY) * dy;
  const across = (y - fromY) * dx - (x - fromX) * dy;
  const beyond = Math.max(0, -along, along - length);
  return beyond * beyond + across * across;
}

/** The segment in which the point lies that is `at` along all strokes; by bisection. */
function segmentAt(segments: readonly Segment[], at: number): Segment {
  let low = 0;
  let high = segments.length - 1;
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if (segments[middle]!.before <= at) low = middle;
    else high = middle - 1;
  }
  return segments[low]!;
}
