import { describe, expect, it } from 'vitest';
import type { Matrix } from '../../src/matrix.ts';
import { integrate } from '../../src/compare/quadrature.ts';

/** A function of a row, which counts the rows that it is asked for. */
function counted(f: (x: number, y: number) => number) {
  const seen = new Set<string>();
  let asked = 0;
  const evaluate = async ({ data, rows, cols }: Matrix) => {
    return Float64Array.from({ length: rows }, (_, i) => {
      const row = data.slice(i * cols, (i + 1) * cols);
      seen.add(row.join());
      asked += 1;
      return f(row[0]!, row[1] ?? 0);
    });
  };
  return { evaluate, seen, asked: () => asked };
}

const options = { intervals: 8, maxIntervals: 128, tolerance: 1e-8 };

describe('integrate', () => {
  it('integrates a Gaussian over a rectangle to rounding, and stops when it has settled', async () => {
    const { evaluate } = counted((x, y) => Math.exp(-(x * x + y * y) / 2) / (2 * Math.PI));
    const box = [
      [-9, 9],
      [-8, 10],
    ] as const;
    const found = await integrate(evaluate, box, options);
    expect(found.integral).toBeCloseTo(1, 10);
    expect(found).toMatchObject({ intervals: 64, converged: true });
    expect(found.change).toBeLessThan(1e-8);
  });

  it('integrates over an interval', async () => {
    const { evaluate } = counted((x) => Math.exp(-x * x));
    const found = await integrate(evaluate, [[-6, 6]], options);
    expect(found.integral).toBeCloseTo(Math.sqrt(Math.PI), 12);
    expect(found.axes).toHaveLength(1);
    expect(found.values).toHaveLength(found.intervals + 1);
  });

  it('is exact for what is linear in each coordinate, edges and all', async () => {
    const { evaluate } = counted((x, y) => 1 + 2 * x + 3 * y + x * y);
    const box = [
      [0, 2],
      [1, 4],
    ] as const;
    const found = await integrate(evaluate, box, { ...options, intervals: 3 });
    // 6 + 12 + 45 + 15
    expect(found.integral).toBeCloseTo(78, 12);
    expect(found.intervals).toBe(6);
  });

  it('evaluates no point twice and hands out the values of the finest grid', async () => {
    const f = (x: number, y: number) => Math.exp(-Math.abs(x - 0.3)) * Math.cos(y);
    const { evaluate, seen, asked } = counted(f);
    const box = [
      [-1, 1],
      [0, 3],
    ] as const;
    const { intervals, axes, values } = await integrate(evaluate, box, { ...options, maxIntervals: 32 });
    expect(asked()).toBe((intervals + 1) ** 2);
    expect(seen.size).toBe(asked());
    values.forEach((value, k) => {
      const x = axes[0]![k % (intervals + 1)]!;
      const y = axes[1]![Math.floor(k / (intervals + 1))]!;
      expect(value).toBe(f(x, y));
    });
  });

  it('says so when the finest grid is not enough', async () => {
    const { evaluate } = counted((x) => Math.sqrt(Math.abs(x - 1 / 3)));
    const found = await integrate(evaluate, [[0, 1]], options);
    expect(found).toMatchObject({ intervals: 128, converged: false });
    expect(found.change).toBeGreaterThan(1e-8);
  });

  it('has no integral where a value is not a number', async () => {
    const { evaluate } = counted((x) => (x > 0.9 ? NaN : 1));
    const found = await integrate(evaluate, [[0, 1]], { ...options, maxIntervals: 16 });
    expect(found.integral).toBeNaN();
    expect(found.converged).toBe(false);
  });

  it('refuses more than two dimensions', async () => {
    const { evaluate } = counted(() => 1);
    const side = [0, 1] as const;
    await expect(integrate(evaluate, [side, side, side], options)).rejects.toThrow(/one or two sides; got 3/);
  });
});
