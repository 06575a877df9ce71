import { vi } from 'vitest';
import { reference } from '../../src/engine/reference/index.ts';
import type { Tape } from '../../src/engine/index.ts';
import type { EvaluateOptions, Flow } from '../../src/flow/index.ts';
import type { Matrix } from '../../src/matrix.ts';
import { namedStream, normal } from '../../src/random/index.ts';
import { mean } from './rows.ts';

/** A central difference with steps h and h / 2, extrapolated (Richardson): the error is of order h^4. */
export async function difference(f: (t: number) => Promise<number>, h: number): Promise<number> {
  const [a, b, c, d] = [await f(h), await f(-h), await f(h / 2), await f(-h / 2)];
  return (4 * ((c - d) / h) - (a - b) / (2 * h)) / 3;
}

/** What a derivative of the loss is compared by. */
export interface Slope {
  readonly parameter: string;
  readonly gradient: number;
  readonly difference: number;
  /** |gradient| |direction| over this parameter. */
  readonly scale: number;
}

/** The derivatives of the loss along one random direction for each parameter array, by gradient and by differences. */
export async function slopes(
  flow: Flow,
  x: Matrix,
  options: EvaluateOptions,
  names: readonly string[],
  h = 1e-4,
): Promise<Slope[]> {
  const { gradient } = await flow.lossAndGradient(x, options);
  const result: Slope[] = [];
  for (const name of names) {
    const { data } = flow.parameters.get(name);
    const before = data.slice();
    const direction = before.map((_, i) => normal(7, namedStream(name), i));
    const loss = async (t: number): Promise<number> => {
      direction.forEach((value, i) => (data[i] = before[i]! + t * value));
      const logProb = await flow.logProb(x, options);
      data.set(before);
      return -mean(logProb);
    };
    const given = gradient.get(name)!.data as Float64Array;
    result.push({
      parameter: name,
      gradient: given.reduce((sum, value, i) => sum + value * direction[i]!, 0),
      difference: await difference(loss, h),
      scale: Math.hypot(...given) * Math.hypot(...direction),
    });
  }
  return result;
}

/** The same along a random direction of all rows, and of all conditioning rows where there are some. */
export async function rowSlopes(
  flow: Flow,
  x: Matrix,
  options: EvaluateOptions & { readonly context?: Matrix },
  h = 1e-4,
): Promise<Slope[]> {
  const { cotangents } = await flow.lossAndGradient(x, options);
  const { context } = options;
  const moved = ({ data, ...shape }: Matrix, direction: Float64Array, t: number): Matrix => {
    return { ...shape, data: direction.map((value, i) => data[i]! + t * value) };
  };
  const slope = async (
    parameter: string,
    given: Float64Array,
    loss: (direction: Float64Array, t: number) => Promise<Float64Array>,
  ): Promise<Slope> => {
    const direction = given.map((_, i) => normal(8, namedStream(parameter), i));
    return {
      parameter,
      gradient: given.reduce((sum, value, i) => sum + value * direction[i]!, 0),
      difference: await difference(async (t) => -mean(await loss(direction, t)), h),
      scale: Math.hypot(...given) * Math.hypot(...direction),
    };
  };
  const byRows = await slope('rows', cotangents!.x, (direction, t) =>
    flow.logProb(moved(x, direction, t), options),
  );
  if (context === undefined) return [byRows];
  const byContext = await slope('context', cotangents!.context!, (direction, t) =>
    flow.logProb(x, { ...options, context: moved(context, direction, t) }),
  );
  return [byRows, byContext];
}

/** Slopes agree to `tolerance`, relative; a slope that almost cancels is compared by what it is made of. */
export function slopesApart(all: readonly Slope[], tolerance: number): string[] {
  return all
    .filter((x) => {
      const size = Math.max(Math.abs(x.gradient), 1e-3 * x.scale);
      return !(Math.abs(x.gradient - x.difference) <= tolerance * size);
    })
    .map((x) => `${x.parameter}: gradient ${x.gradient}, difference ${x.difference}, scale ${x.scale}`);
}

/**
 * Runs `body` with a reference engine that takes, in every evaluation after the first, the steps again that the first
 * one accepted: a step sequence that changes with a parameter is not differentiable. The first evaluation
 * must be one that keeps tapes, as lossAndGradient does.
 */
export async function replaying<T>(body: () => Promise<T>): Promise<T> {
  const solve = reference.solve.bind(reference);
  const solvePullback = reference.solvePullback.bind(reference);
  const tapes: Tape[] = [];
  let pulled = false;
  let next = 0;
  const solveAgain = vi
    .spyOn(reference, 'solve')
    .mockImplementation(async (field, parameters, rows, inputs, options) => {
      if (pulled)
        return solve(field, parameters, rows, inputs, { ...options, replay: tapes[next++ % tapes.length] });
      const solution = await solve(field, parameters, rows, inputs, options);
      tapes.push(solution.tape!);
      return solution;
    });
  const pull = vi.spyOn(reference, 'solvePullback').mockImplementation(async (...call) => {
    pulled = true;
    return solvePullback(...call);
  });
  try {
    return await body();
  } finally {
    solveAgain.mockRestore();
    pull.mockRestore();
  }
}
