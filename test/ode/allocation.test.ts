import { Session } from 'node:inspector';
import type { HeapProfiler } from 'node:inspector';
import { expect, test, vi } from 'vitest';

import { solve, tableaus } from '../../src/ode/index.ts';
import type { OdeField, SolveOptions } from '../../src/ode/index.ts';

/* What a solve takes of memory does not grow with its steps, for the methods of which docs/ode.md says so. */

const solvers = [...Object.keys(tableaus), 'adams'];
const optionsOf = (solver: string): SolveOptions =>
  tableaus[solver]?.errorOrder === null
    ? { solver, stepSize: 0.05, maxSteps: 1e6 }
    : { solver, rtol: 1e-6, atol: 1e-6, maxSteps: 1e6 };

const forced: OdeField = (t, y, dydt) => {
  for (let i = 0; i < y.length; i++) dydt[i] = Math.cos(3 * t + i) - y[i]!;
};

// First, since what V8 compiles after the counted arrays of the other test is slower.
test.each(['dopri5', 'tsit5', 'adams'])(
  '%s takes no more of the heap than numbers that go from function to function',
  (solver) => {
    // What is interpreted makes a number of every sum: first let it be compiled.
    for (let i = 0; i < 10; i++) solve(forced, [1, 0], 0, 500, optionsOf(solver));
    const perStep = Array.from({ length: 4 }, () => {
      let steps = 0;
      const bytes = allocatedBy(() => {
        const solution = solve(forced, [1, 0], 0, 100, optionsOf(solver));
        steps = solution.steps + solution.rejected;
      });
      return bytes / steps;
    });
    // Twelve to sixteen bytes for a number; seven stages call each other with a few.
    expect(Math.min(...perStep)).toBeLessThan(1000);
  },
);

test.each(solvers)('%s makes no array in a step', (solver) => {
  let made = 0;
  class Counted extends Float64Array {
    // What the constructors of typed arrays take, `slice` and `subarray` among their callers.
    constructor(...of: [ArrayBuffer, number, number]) {
      super(...of);
      made++;
    }
  }
  const countOf = (t1: number) => {
    made = 0;
    vi.stubGlobal('Float64Array', Counted);
    try {
      return { steps: solve(forced, [1, 0, 2], 0, t1, optionsOf(solver)).steps, made };
    } finally {
      vi.unstubAllGlobals();
    }
  };
  const [short, long] = [countOf(2), countOf(20)];
  expect(long.steps).toBeGreaterThan(short.steps + 20);
  expect(long.made).toBe(short.made);
  expect(short.made).toBeGreaterThan(5);
});

/** Bytes of the heap that a call takes, collected or not, as V8 samples them. */
function allocatedBy(call: () => void): number {
  const session = new Session();
  session.connect();
  let total = 0;
  const add = ({ selfSize, children }: HeapProfiler.SamplingHeapProfileNode): void => {
    total += selfSize;
    children.forEach(add);
  };
  // Of a session with its own thread, answers come before `post` returns.
  session.post('HeapProfiler.startSampling', {
    samplingInterval: 1024,
    includeObjectsCollectedByMajorGC: true,
    includeObjectsCollectedByMinorGC: true,
  } as HeapProfiler.StartSamplingParameterType);
  call();
  session.post('HeapProfiler.stopSampling', (_error, { profile }) => add(profile.head));
  session.disconnect();
  return total;
}
