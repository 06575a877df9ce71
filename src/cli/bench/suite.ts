import type { EngineName, Precision } from '../../engine/index.ts';
import { throwIfAborted } from '../../errors.ts';
import type { EvaluateOptions } from '../../flow/index.ts';
import { tasksOf } from './tasks.ts';
import type { TaskName } from './tasks.ts';
import { timed } from './timing.ts';
import type { Timing } from './timing.ts';
import { rowsFor } from './workloads.ts';
import type { Workload } from './workloads.ts';

/** One line of the results; times in seconds. */
export interface Measurement extends Timing {
  readonly engine: EngineName;
  readonly precision: Precision;
  readonly workload: string;
  readonly task: TaskName;
  readonly rows: number;
  readonly threads: number;
  /** Evaluations of the field per row in a density pass, over all blocks; null without a continuous part. */
  readonly nfe: { readonly mean: number; readonly max: number } | null;
}

export interface SuiteOptions {
  readonly engine: EngineName;
  readonly tasks: readonly TaskName[];
  readonly threads: readonly number[];
  /** Seconds for each measurement. */
  readonly seconds: number;
  readonly signal: AbortSignal;
  onBegin(workload: string, task: TaskName, threads: number): void;
}

/** Everything that people do with a flow, measured for one workload and each number of threads. */
export async function measureWorkload(workload: Workload, options: SuiteOptions): Promise<Measurement[]> {
  const { engine, seconds, signal } = options;
  const precision = engine === 'reference' ? 'float64' : 'float32';
  const flow = workload.make();
  const x = rowsFor(workload, flow.dim);
  const measurements: Measurement[] = [];
  for (const threads of options.threads) {
    const evaluate: EvaluateOptions = { engine, precision, threads, trace: workload.trace, signal };
    const { nfe } = await flow.transform(x, evaluate);
    for (const task of tasksOf(flow, x, workload.rows, { train: evaluate, evaluate })) {
      if (!options.tasks.includes(task.name)) continue;
      throwIfAborted(signal);
      options.onBegin(workload.name, task.name, threads);
      const timing = await timed(task, { seconds, leastRuns: 3, mostRuns: 1000 });
      const { name, rows } = workload;
      measurements.push({
        engine,
        precision,
        workload: name,
        task: task.name,
        rows,
        threads,
        nfe,
        ...timing,
      });
    }
  }
  return measurements;
}
