import { LiouvilleError } from '../../errors.ts';
import type { Task } from './tasks.ts';

/** How long a measurement may take. */
export interface Budget {
  /** Runs go on until this much time has passed. */
  readonly seconds: number;
  readonly leastRuns: number;
  readonly mostRuns: number;
}

/** Seconds of one run. */
export interface Timing {
  readonly median: number;
  /** Half of the runs took a time between these. */
  readonly quartiles: readonly [number, number];
  readonly runs: number;
}

/**
 * Runs a task again and again. The first run, which traces and compiles, is not counted. What a run returns is read
 * through after the clock has stopped: it has to be finite, and the same every time.
 *
 * Throws 'numerical-failure' where it is not.
 */
export async function timed(task: Task, budget: Budget): Promise<Timing> {
  const expected = await once(task);
  const seconds: number[] = [];
  const begin = performance.now();
  while (seconds.length < budget.leastRuns || !isSpent(budget, seconds.length, begin)) {
    const found = await once(task);
    if (found.checksum !== expected.checksum) {
      throw new LiouvilleError(
        'numerical-failure',
        `${task.name}: two runs of the same work gave different results, whose sums are ${expected.checksum} ` +
          `and ${found.checksum}.`,
      );
    }
    seconds.push(found.seconds);
  }
  return summarise(seconds);
}

function isSpent({ seconds, mostRuns }: Budget, runs: number, begin: number): boolean {
  return runs >= mostRuns || performance.now() - begin >= 1000 * seconds;
}

async function once(task: Task): Promise<{ seconds: number; checksum: number }> {
  const begin = performance.now();
  const results = await task.run();
  const seconds = (performance.now() - begin) / 1000;
  const checksum = results.reduce((sum, numbers) => sum + sumOf(numbers), 0);
  task.reset();
  if (!Number.isFinite(checksum)) {
    throw new LiouvilleError('numerical-failure', `${task.name}: a result is not finite.`);
  }
  return { seconds, checksum };
}

function sumOf(numbers: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < numbers.length; i++) sum += numbers[i]!;
  return sum;
}

/** Median and quartiles of some times. */
export function summarise(seconds: readonly number[]): Timing {
  const sorted = seconds.toSorted((a, b) => a - b);
  return {
    median: quantile(sorted, 0.5),
    quartiles: [quantile(sorted, 0.25), quantile(sorted, 0.75)],
    runs: sorted.length,
  };
}

/** Linear between the neighbours, as in R's type 7. */
function quantile(sorted: readonly number[], p: number): number {
  const at = p * (sorted.length - 1);
  const below = sorted[Math.floor(at)]!;
  const above = sorted[Math.ceil(at)]!;
  return below + (at - Math.floor(at)) * (above - below);
}
