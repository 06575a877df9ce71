import { expect, test } from 'vitest';
import { reference } from '../../../src/engine/index.ts';
import type { DrawKind } from '../../../src/engine/index.ts';
import type { Subject } from './subject.ts';

const kinds: readonly DrawKind[] = ['uniform', 'normal', 'rademacher'];

/** Draws and the update of Adam have the same bits on every engine. */
export function bitLaws({ engine }: Subject): void {
  test.each(kinds)('%s draws, wherever they begin', (kind) => {
    for (const [count, seed, stream, offset] of [
      [1, 0, 0, 0],
      [1003, 2 ** 53 - 1, 2 ** 40 + 7, 0],
      [17, 5, 3, 2 ** 33 - 5],
    ] as const) {
      const [ours, expected] = [new Float64Array(count), new Float64Array(count)];
      engine.fill(kind, ours, seed, stream, offset);
      reference.fill(kind, expected, seed, stream, offset);
      expect(ours).toEqual(expected);
    }
  });

  test('draws fill a part of an array, and nothing else', () => {
    const whole = new Float64Array(20).fill(-7);
    engine.fill('normal', whole.subarray(3, 10), 1, 2);
    const expected = new Float64Array(7);
    reference.fill('normal', expected, 1, 2);
    expect([...whole]).toEqual([-7, -7, -7, ...expected, ...Array<number>(10).fill(-7)]);
  });

  test('steps of Adam', () => {
    const start = (): Record<'parameters' | 'gradient' | 'mean' | 'square', Float64Array> => ({
      parameters: drawn(1),
      gradient: drawn(2),
      mean: drawn(3),
      square: drawn(4).map(Math.abs),
    });
    const [ours, expected] = [start(), start()];
    for (let t = 1; t <= 3; t++) {
      const step = {
        learningRate: 1e-2,
        beta1: 0.9,
        beta2: 0.999,
        epsilon: 1e-8,
        meanCorrection: 1 - 0.9 ** t,
        squareCorrection: 1 - 0.999 ** t,
      };
      engine.adam(ours, step);
      reference.adam(expected, step);
    }
    expect(ours).toEqual(expected);
    expect(ours.parameters).not.toEqual(drawn(1));
  });
}

function drawn(stream: number): Float64Array {
  const numbers = new Float64Array(101);
  reference.fill('normal', numbers, 9, stream);
  return numbers;
}
