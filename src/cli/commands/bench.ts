import { availableParallelism } from 'node:os';
import type { Command } from 'commander';
import { chooseEngine, diagnose } from '../../engine/index.ts';
import type { EngineName, EngineReport } from '../../engine/index.ts';
import { unknownName } from '../../errors.ts';
import * as argument from '../arguments.ts';
import { measurementTable, measureWorkload, taskNames, workloadsOf } from '../bench/index.ts';
import type { Measurement, TaskName, Workload } from '../bench/index.ts';
import type { Io } from '../io.ts';
import { ProgressLine } from '../progress.ts';
import { versions } from '../versions.ts';

interface Flags {
  engine?: EngineName | 'auto';
  only?: string;
  task: TaskName[];
  seconds: number;
  json?: boolean;
}

/** `liouville bench`: how fast each engine that is here trains, evaluates and samples. */
export function addBench(program: Command, io: Io): void {
  program
    .command('bench')
    .description('Measure training steps, densities and samples with every engine that is here.')
    .option('--engine <name>', 'measure this engine only, see liouville doctor', argument.engine)
    .option('--only <a,b>', 'measure the workloads of these names or beginnings, such as ffjord-2d')
    .option('--task <a,b>', `what is done: ${taskNames.join(', ')}`, tasks, [...taskNames])
    .option('--seconds <x>', 'how long each piece of work is repeated', argument.positive, 0.5)
    .option('--json', 'print one JSON document instead of a table')
    .action(async (flags: Flags) => {
      const report = await runBench(flags, io);
      io.stdout.write(
        flags.json === true
          ? `${JSON.stringify(report, null, 2)}\n`
          : `${measurementTable(report.measurements)}\n`,
      );
    });
}

interface Report {
  schema: 1;
  threads: number;
  versions: Record<string, string>;
  /** Those that were measured, and what they ran on. */
  engines: EngineReport[];
  measurements: Measurement[];
}

async function runBench({ engine, only, task, seconds }: Flags, io: Io): Promise<Report> {
  const threads = argument.threadsOf(io.env) ?? availableParallelism();
  const engines = engine === undefined ? present() : [chooseEngine(engine).name];
  const work = engines.map((name) => ({ name, workloads: chosen(workloadsOf(name), only) }));
  if (only !== undefined && work.every(({ workloads }) => workloads.length === 0)) {
    const known = engines.flatMap((name) => workloadsOf(name).map((workload) => workload.name));
    throw unknownName('workload', only, known);
  }
  const progress = new ProgressLine(io.stderr);
  const measurements: Measurement[] = [];
  try {
    for (const { name, workloads } of work) {
      // The reference engine has one thread.
      const counts = name === 'reference' ? [1] : [...new Set([1, threads])];
      for (const workload of workloads) {
        const found = await measureWorkload(workload, {
          engine: name,
          tasks: task,
          threads: counts,
          seconds,
          signal: io.signal,
          onBegin: (label, task, count) =>
            progress.show(`${name}  ${label}  ${task}  threads ${count}`, true),
        });
        measurements.push(...found);
      }
    }
  } finally {
    progress.clear();
  }
  const measured = diagnose().engines.filter(({ name }) => engines.includes(name));
  return { schema: 1, threads, versions: versions(), engines: measured, measurements };
}

function tasks(text: string): TaskName[] {
  return text.split(',').map((name) => {
    const found = taskNames.find((known) => known === name.trim());
    if (found === undefined) throw unknownName('task', name, taskNames);
    return found;
  });
}

function present(): EngineName[] {
  return diagnose()
    .engines.filter(({ available, onRequest }) => available && onRequest === undefined)
    .map(({ name }) => name);
}

function chosen(workloads: readonly Workload[], only: string | undefined): readonly Workload[] {
  if (only === undefined) return workloads;
  const beginnings = only.split(',').map((beginning) => beginning.trim());
  return workloads.filter(({ name }) =>
    beginnings.some((beginning) => `${name}-`.startsWith(`${beginning}-`)),
  );
}
