import { describe, expect, it } from 'vitest';
import { reference } from '../../src/engine/index.ts';
import { adam } from '../../src/train/index.ts';

describe('adam', () => {
  it('follows algorithm 1 of the paper, computed step by step', () => {
    const optimiser = adam();
    const parameters = Float64Array.of(1, -2);
    const state = optimiser.start(2);
    const expected = [1, -2];
    const m = [0, 0];
    const v = [0, 0];
    for (let t = 1; t <= 5; t++) {
      const gradient = Float64Array.of(0.3 * t, -4 / t);
      optimiser.update(state, parameters, gradient, 0.01, reference);
      for (const i of [0, 1]) {
        m[i] = 0.9 * m[i]! + 0.1 * gradient[i]!;
        v[i] = 0.999 * v[i]! + 0.001 * gradient[i]! ** 2;
        const mHat = m[i] / (1 - 0.9 ** t);
        const vHat = v[i] / (1 - 0.999 ** t);
        expected[i]! -= (0.01 * mHat) / (Math.sqrt(vHat) + 1e-8);
      }
    }
    expect(state.step).toBe(5);
    expect(parameters[0]).toBeCloseTo(expected[0]!, 14);
    expect(parameters[1]).toBeCloseTo(expected[1]!, 14);
  });

  it('moves each parameter by the learning rate in its first step, whatever the size of the gradient', () => {
    const optimiser = adam();
    const parameters = new Float64Array(3);
    optimiser.update(optimiser.start(3), parameters, Float64Array.of(1e-3, -1e6, 0), 0.1, reference);
    expect(parameters[0]).toBeCloseTo(-0.1, 5);
    expect(parameters[1]).toBeCloseTo(0.1, 12);
    expect(parameters[2]).toBe(0);
  });

  it.each([
    [{ beta1: 1 }, /beta1 must be at least 0 and below 1; got 1/],
    [{ beta2: -0.1 }, /beta2 .* got -0.1/],
    [{ epsilon: 0 }, /epsilon must be a positive number; got 0/],
  ])('refuses %o', (options, message) => {
    expect(() => adam(options)).toThrow(message);
  });
});
