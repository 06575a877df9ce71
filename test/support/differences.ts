import { expect } from 'vitest';
import type { Columns } from '../../src/engine/index.ts';
import { between, draws, numbers } from './numbers.ts';
import type { Data } from './oracle.ts';

/** A slope, and how large its terms were. */
export interface Slope {
  readonly value: number;
  readonly size: number;
}

/** A random direction in the space of all inputs and parameters, for central differences. */
export interface Direction {
  readonly step: number;
  /** The inputs, moved by `step` along the direction. */
  inputs(step: number): Data;
  /** The trained parameters, moved. */
  parameters(step: number): Data;
  /** Of each row, the slope along the direction that cotangents predict. */
  alongInputs(cotangents: Columns): Slope[];
  alongParameters(gradient: Float64Array): Slope;
}

export function moved(data: Data, seed: number, still: readonly string[] = []): Direction {
  const random = numbers(seed + 1000);
  const directions = Object.fromEntries(
    Object.entries(data.inputs).map(([name, x]) => {
      const all = draws(x.length, between(-1, 1), random);
      return [name, still.includes(name) ? all.fill(0) : all];
    }),
  );
  const { trained } = data.parameters;
  const direction = draws(trained.length, between(-1, 1), random);
  return {
    step: 1e-5,
    inputs: (step) => ({
      ...data,
      inputs: Object.fromEntries(
        Object.entries(data.inputs).map(([name, x]) => [
          name,
          Float64Array.from(x, (value, i) => value + step * directions[name]![i]!),
        ]),
      ),
    }),
    parameters: (step) => ({
      ...data,
      parameters: { ...data.parameters, trained: trained.map((x, i) => x + step * direction[i]!) },
    }),
    alongInputs: (cotangents) =>
      Array.from({ length: data.rows }, (_, row) => {
        const parts = Object.entries(directions).map(([name, along]) => {
          const width = along.length / data.rows;
          const [from, to] = [row * width, (row + 1) * width];
          return product(cotangents[name]!.subarray(from, to), along.subarray(from, to));
        });
        return {
          value: parts.reduce((sum, part) => sum + part.value, 0),
          size: parts.reduce((sum, part) => sum + part.size, 0),
        };
      }),
    alongParameters: (gradient) => product(gradient, direction),
  };
}

/** Predicted slopes against central differences, to 1e-6 of the size of their terms. */
export function expectSlope(
  ahead: Float64Array,
  behind: Float64Array,
  step: number,
  predicted: readonly Slope[],
): void {
  predicted.forEach(({ value, size }, i) => {
    const slope = (ahead[i]! - behind[i]!) / (2 * step);
    const rounding = (Math.abs(ahead[i]!) * 1e-14) / step;
    expect(
      Math.abs(value - slope),
      `slope ${i}: the gradient says ${value}, differences say ${slope}`,
    ).toBeLessThanOrEqual(1e-6 * size + rounding + 1e-12);
  });
}

function product(a: ArrayLike<number>, b: ArrayLike<number>): Slope {
  let [value, size] = [0, 0];
  for (let i = 0; i < a.length; i++) {
    value += a[i]! * b[i]!;
    size += Math.abs(a[i]! * b[i]!);
  }
  return { value, size };
}
