import type { ExactMethod } from './exact-method.ts';
import { cosine, divide, fixed, multiply, sine, squareRoot, toNumber } from './fixed-point.ts';
import type { Fixed } from './fixed-point.ts';

export interface ExactProblem {
  readonly name: string;
  readonly field: (t: Fixed, y: readonly Fixed[]) => Fixed[];
  readonly starts: readonly (readonly number[])[];
}

export const exactProblems: readonly ExactProblem[] = [
  {
    name: "y' = y^2 cos t",
    field: (t, [y]) => [multiply(multiply(y!, y!), cosine(t))],
    starts: [[0.45], [0.3]],
  },
  {
    name: 'pendulum',
    field: (t, [angle, speed]) => [
      speed!,
      multiply(fixed(0.5), cosine(t)) - sine(angle!) - multiply(fixed(0.125), speed!),
    ],
    starts: [
      [1, 0.2],
      [0.3, -1],
    ],
  },
  {
    name: 'two bodies',
    field: (_t, [x, y, u, v]) => {
      const square = multiply(x!, x!) + multiply(y!, y!);
      const cube = multiply(square, squareRoot(square));
      return [u!, v!, -divide(x!, cube), -divide(y!, cube)];
    },
    starts: [
      [0.92, 0.1, -0.1, 1.05],
      [0.85, -0.2, 0.1, 1.1],
    ],
  },
];

/** By number of steps: the states that are compared. */
export type States = (steps: number) => Fixed[];

/** The states at four times, of all starts, of equal steps from t0 to t1. */
export function exactStates(
  method: ExactMethod,
  { field, starts }: ExactProblem,
  t0: number,
  t1: number,
): States {
  return (steps) => {
    const h = (fixed(t1) - fixed(t0)) / BigInt(steps);
    return starts.flatMap((start) => {
      const states: Fixed[] = [];
      let y = start.map(fixed);
      for (let step = 0; step < steps; step++) {
        y = stepOf(method, field, fixed(t0) + BigInt(step) * h, y, h);
        if ((4 * (step + 1)) % steps === 0) states.push(...y);
      }
      return states;
    });
  };
}

function stepOf(
  { a, b, c }: ExactMethod,
  field: ExactProblem['field'],
  t: Fixed,
  y: readonly Fixed[],
  h: Fixed,
): Fixed[] {
  const k: Fixed[][] = [];
  const combine = (weights: readonly Fixed[]): Fixed[] =>
    y.map((value, m) => {
      let sum = 0n;
      weights.forEach((weight, j) => {
        if (weight !== 0n) sum += multiply(weight, k[j]![m]!);
      });
      return value + multiply(h, sum);
    });
  a.forEach((row, i) => k.push(field(t + multiply(c[i]!, h), combine(row))));
  return combine(b);
}

/**
 * The slope with which a method of order p converges. The number of steps is doubled; the change of the states by that is
 * d = A h^p + B h^(p+1) + C h^(p+2) + ... Where A is small, as good methods have it, the next terms hide it down to
 * tiny steps: they are eliminated, 2^(p+1) next d - d being free of B, and the same once more of C. What is left has the slope
 * p + O(h^3) if p is the order, and shows any lower order as it is. The first two slopes in a row that agree to 0.1 are
 * those of steps that are small enough; NaN without such.
 */
export function slopeOf(statesOf: States, p: number): number {
  const levels: Fixed[][] = [];
  let [size, slope] = [NaN, NaN];
  for (let steps = 12; steps <= 3072; steps *= 2) {
    let value = statesOf(steps);
    let eliminated = 0;
    for (const factor of [1n, 1n << BigInt(p + 1), 1n << BigInt(p + 2)]) {
      const before = levels[eliminated];
      levels[eliminated] = value;
      if (before === undefined) break;
      value = value.map((entry, i) => factor * entry - before[i]!);
      eliminated++;
    }
    if (eliminated < 3) continue;
    const nextSize = Math.hypot(...value.map(toNumber));
    const nextSlope = Math.log2(size / nextSize);
    if (Math.abs(nextSlope - slope) < 0.1) return nextSlope;
    [size, slope] = [nextSize, nextSlope];
  }
  return NaN;
}
