import { describe, expect, it } from 'vitest';
import { measurementTable, rowsFor, summarise, timed, workloadsOf } from '../../src/cli/bench/index.ts';
import type { Measurement, Task } from '../../src/cli/bench/index.ts';
import { engineNames } from '../../src/engine/index.ts';
import { liouville } from '../cli/run.ts';

interface Report {
  schema: number;
  threads: number;
  engines: { name: string }[];
  measurements: Measurement[];
}

const quick = ['bench', '--engine', 'reference', '--seconds', '0.001'];

describe('liouville bench', () => {
  it('prints one JSON document with the medians of everything that was done', async () => {
    const { status, stdout, stderr } = await liouville([...quick, '--only', 'realnvp', '--json']);
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    const report = JSON.parse(stdout) as Report;
    expect(report).toMatchObject({ schema: 1, engines: [{ name: 'reference' }] });
    expect(report.measurements.map(({ task }) => task)).toEqual(['train', 'density', 'sample', 'inverse']);
    for (const { median, quartiles, runs, ...rest } of report.measurements) {
      expect(rest).toMatchObject({
        engine: 'reference',
        precision: 'float64',
        rows: 16,
        threads: 1,
        nfe: null,
      });
      expect(runs).toBeGreaterThanOrEqual(3);
      expect(quartiles[0]).toBeGreaterThan(0);
      expect(median).toBeGreaterThanOrEqual(quartiles[0]);
      expect(quartiles[1]).toBeGreaterThanOrEqual(median);
    }
  });

  it('prints a table, and its progress to a terminal', async () => {
    const argv = [...quick, '--only', 'ffjord-2d', '--task', 'density'];
    const { stdout, stderr } = await liouville(argv, { terminal: true });
    expect(stdout).toMatch(/^reference, float64: .*\nworkload +task .*\nffjord-2d-4 +density .* 20\.\d\n$/);
    expect(stderr).toContain('ffjord-2d-4  density');
  });

  it.each([
    [['--only', 'nvp'], /Unknown workload 'nvp'/],
    [['--task', 'trian'], /Unknown task 'trian'.*train/],
    [['--engine', 'webgpu'], /engine 'webgpu' is not available/],
    [['--seconds', '0'], /Expected a positive number/],
  ])('refuses %j', async (argv, message) => {
    const ended = await liouville(['bench', ...argv]);
    expect(ended).toMatchObject({ status: 2, stdout: '' });
    expect(ended.stderr).toMatch(message);
  });

  it('stops when it is told to', async () => {
    const ended = await liouville(quick, { signal: AbortSignal.abort() });
    expect(ended).toMatchObject({ status: 130, stdout: '' });
  });
});

describe('timed', () => {
  const budget = { seconds: 0, leastRuns: 4, mostRuns: 9 };
  const task = (results: () => number[]): Task => ({
    name: 'density',
    run: () => Promise.resolve([results()]),
    reset: () => undefined,
  });

  it('counts every run but the first, and undoes each', async () => {
    let [runs, resets] = [0, 0];
    const counted = { ...task(() => [++runs - resets]), reset: () => void resets++ };
    expect((await timed(counted, budget)).runs).toBe(4);
    expect([runs, resets]).toEqual([5, 5]);
  });

  it('ends with the time or the number of runs, whatever comes first', async () => {
    const constant = task(() => [1]);
    expect((await timed(constant, { seconds: 60, leastRuns: 1, mostRuns: 7 })).runs).toBe(7);
    expect((await timed(constant, { seconds: 0, leastRuns: 1, mostRuns: 7 })).runs).toBe(1);
  });

  it('believes no run whose result is not finite or not the same', async () => {
    await expect(
      timed(
        task(() => [1, NaN]),
        budget,
      ),
    ).rejects.toThrow(/not finite/);
    let x = 0;
    await expect(
      timed(
        task(() => [x++]),
        budget,
      ),
    ).rejects.toThrow(/different results.* 0 and 1/);
  });

  it('gives median and quartiles', () => {
    expect(summarise([5, 1, 3, 2, 4])).toEqual({ median: 3, quartiles: [2, 4], runs: 5 });
    expect(summarise([4, 1])).toEqual({ median: 2.5, quartiles: [1.75, 3.25], runs: 2 });
  });
});

describe('the workloads', () => {
  it.each(engineNames)('have names and rows, for %s', (engine) => {
    const workloads = workloadsOf(engine);
    expect(new Set(workloads.map(({ name }) => name)).size).toBe(workloads.length);
    for (const workload of workloads) {
      expect(workload.name.endsWith(`-${workload.rows}`)).toBe(true);
      expect(rowsFor(workload, 3)).toMatchObject({ rows: workload.rows, cols: 3 });
    }
  });

  it('begin with the same weights and rows every time', () => {
    const [workload] = workloadsOf('native');
    expect(workload!.make().parameters.flat).toEqual(workload!.make().parameters.flat);
    expect(rowsFor(workload!, 2).data).toEqual(rowsFor(workload!, 2).data);
  });
});

it('the table shows the numbers of threads side by side', () => {
  const base = {
    engine: 'native',
    precision: 'float32',
    workload: 'w',
    task: 'train',
    rows: 10,
    runs: 3,
  } as const;
  const measurements: Measurement[] = [
    { ...base, threads: 1, nfe: { mean: 20.25, max: 26 }, median: 2, quartiles: [1, 3] },
    { ...base, threads: 2, nfe: { mean: 20.25, max: 26 }, median: 0.001, quartiles: [0.0009, 0.002] },
  ];
  expect(measurementTable(measurements).split('\n')).toEqual([
    'native, float32: median and middle half of the runs',
    'workload  task   1 thread    middle half  2 threads     middle half  rows/s  evaluations',
    'w         train    2.00 s  1.00 s-3.00 s    1.00 ms  900 us-2.00 ms  10,000         20.3',
  ]);
});
