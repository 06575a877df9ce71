import { availableParallelism } from 'node:os';
import type { Command } from 'commander';
import { inspectEngines } from '../../engine/index.ts';
import type { Diagnosis } from '../../engine/index.ts';
import { threadsOf } from '../arguments.ts';
import type { Io } from '../io.ts';
import { versions } from '../versions.ts';

interface Report extends Diagnosis {
  threads: number;
  versions: Record<string, string>;
}

/** `liouville doctor`: which engines are here, which not and why, and what would help. */
export function addDoctor(program: Command, io: Io): void {
  program
    .command('doctor')
    .description('Show which engines are present, why others are not, and what would help.')
    .option('--json', 'print one JSON document')
    .action(async ({ json = false }: { json?: boolean }) => {
      const report: Report = {
        ...(await inspectEngines()),
        threads: threadsOf(io.env) ?? availableParallelism(),
        versions: versions(),
      };
      io.stdout.write(json ? `${JSON.stringify(report, null, 2)}\n` : text(report));
    });
}

function text({ engines, chosen, problem, threads, versions }: Report): string {
  const width = Math.max(...engines.map(({ name }) => name.length));
  const lines = engines.flatMap(({ name, available, details, reason, remedy }) => {
    const state = available
      ? `available${name === chosen ? ', chosen' : ''}`
      : `not available: ${reason ?? 'unknown reason'}`;
    const told = Object.entries(details ?? {}).map(([what, value]) => `${what}: ${String(value)}`);
    const help = available || remedy === undefined ? told : [remedy];
    return [`${name.padEnd(width)}  ${state}`, ...help.map((line) => `${' '.repeat(width)}  ${line}`)];
  });
  const facts = Object.entries({ threads, ...versions }).map(
    ([name, value]) => `${name.padEnd(width)}  ${value}`,
  );
  const trouble = problem === undefined ? [] : ['', problem];
  return ['Engines', ...lines, ...trouble, '', 'Here', ...facts, ''].join('\n');
}
