import { expect, onTestFinished, vi } from 'vitest';
import { LiouvilleError } from '../../src/errors.ts';
import type { FitOptions } from '../../src/train/index.ts';
import { gaussianRows } from './affine-flow.ts';

export const rows = gaussianRows(300, [2, -1], [0.5, 3]);

/** Everything that a checkpoint has to bring back is in use. */
export const everything: FitOptions = {
  steps: 24,
  batchSize: 40,
  learningRate: 0.3,
  schedule: 'cosine',
  warmUp: 3,
  weightDecay: 0.01,
  clipNorm: 2,
  ema: 0.8,
  validation: gaussianRows(50, [2, -1], [0.5, 3], 2),
  validateEvery: 4,
  patience: 100,
  seed: 3,
};
/** With checkpoints of the steps 0, 5, 10, 15, 20 and of the end. */
export const everyFifth: FitOptions = { ...everything, checkpointEvery: 5 };

/** The error of this library that some work ends with. */
export async function rejection(work: Promise<unknown>): Promise<LiouvilleError> {
  const error: unknown = await work.then(
    () => null,
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(LiouvilleError);
  return error as LiouvilleError;
}

/** A clock that is one millisecond later whenever it is looked at, for the rest of a test. */
export function steadyClock(): void {
  let now = 0;
  const clock = vi.spyOn(performance, 'now').mockImplementation(() => (now += 1));
  onTestFinished(() => clock.mockRestore());
}
